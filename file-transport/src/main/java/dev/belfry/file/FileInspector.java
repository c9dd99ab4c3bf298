package dev.belfry.file;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.LivePart;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shows queues by their directories. One that is open is read where it lives, in shared memory, as {@code shm:} shows
 * it, and not joined. One that no process has open is opened for that moment: its log is recovered then.
 */
final class FileInspector implements QueueInspector {
    private final QueueInspector shm;
    private final MessageQueueProvider provider;

    FileInspector(QueueInspector shm, MessageQueueProvider provider) {
        this.shm = shm;
        this.provider = provider;
    }

    @Override
    public QueueReport look(String path) {
        return with(path, part -> report(path, shm.look(part)), opened -> readOnly(path, opened));
    }

    private static QueueReport report(String path, QueueReport live) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("directory", path);
        properties.putAll(live.properties());
        long own = ProcessHandle.current().pid();
        List<QueueReport.Member> others =
                live.members().stream().filter(m -> m.pid() != own).toList();
        return new QueueReport(uri(path).toUri(), live.stats(), properties, others, live.regions());
    }

    private static QueueReport readOnly(String path, MessageQueue opened) {
        Map<String, Object> properties = Map.of("directory", path, "readOnly", true);
        return new QueueReport(uri(path).toUri(), opened.stats(), properties, List.of(), List.of());
    }

    @Override
    public <T> T observe(String path, Function<Log, T> question) {
        return with(path, part -> shm.observe(part, question), opened -> {
            throw Errors.incompatible("'" + opened.uri() + "' can be opened for reading only");
        });
    }

    private static QueueUri uri(String path) {
        return new QueueUri("file", path, Map.of());
    }

    /** Asks for its name in shared memory, where it stays during the question; one for reading only has none. */
    private <T> T with(String path, Function<String, T> question, Function<MessageQueue, T> ofReadOnly) {
        LivePart.There open = open(path);
        if (open != null) return question.apply(open.queue());
        QueueConfig.Builder existing =
                QueueConfig.builder().create(Create.OPEN_EXISTING).attribute(Settings.ANY_FILE_SYSTEM, "true");
        if (isDomain(path)) existing.attribute(Log.KIND, Log.DOMAIN);
        try (MessageQueue opened = provider.open(uri(path), existing.build())) {
            LivePart.There now = open(path);
            return now == null ? ofReadOnly.apply(opened) : question.apply(now.queue());
        }
    }

    private static boolean isDomain(String path) {
        try (LogDirectory files = DirectoryCheckup.files(path)) {
            return files.origin.domain();
        }
    }

    /** Null: no process has it open. */
    private static LivePart.There open(String path) {
        try (LogDirectory files = DirectoryCheckup.files(path)) {
            return LivePart.find(Door.name(files), Door.prefix(files)).stream()
                    .filter(part -> part.isIt() && part.isOpen())
                    .findFirst()
                    .orElse(null);
        }
    }

    @Override
    public List<Finding> diagnose(String path) {
        return diagnose(path, false);
    }

    /** {@code path} is not null: there is no list of directories. */
    @Override
    public List<Finding> diagnose(String path, boolean deep) {
        List<Finding> all = new ArrayList<>();
        LivePart.There open = null;
        try {
            open = open(path);
        } catch (RuntimeException damaged) {
            // the check of the directory tells
        }
        String part = open == null ? ".file.none" : open.queue();
        for (Finding each : shm.diagnose(part, deep))
            if (open != null || !each.subject().equals("shm:" + part)) all.add(of(path, part, each));
        all.addAll(new DirectoryCheckup(path, uri(path).toString(), open != null, deep).run());
        return all;
    }

    /** The user knows the directory, not its live part. */
    private static Finding of(String path, String part, Finding found) {
        String uri = uri(path).toString();
        return new Finding(
                found.check(),
                found.level(),
                found.subject().replace("shm:" + part, uri),
                found.what().replace("shm:" + part, uri),
                found.remedy()
                        .replace("shm:" + part, uri)
                        .replaceAll(" " + Pattern.quote(part), Matcher.quoteReplacement(" " + uri)),
                false);
    }

    @Override
    public List<Finding> leftOvers() {
        return List.of();
    }

    @Override
    public boolean deleteUnused(String path) {
        try (LogDirectory files = DirectoryCheckup.files(path)) {
            List<String> named = files.life() == null
                    ? List.of()
                    : files.placesNow().named().stream()
                            .map(each -> each.name())
                            .filter(name -> !files.origin.domain())
                            .toList();
            if (!named.isEmpty())
                throw Errors.subscriptionsWouldBeLost(uri(path).toString(), named);
        } catch (DamagedFileException damaged) {
            throw Errors.uncounted(uri(path).toString(), "subscriptions", damaged.getMessage()); // the log may be whole
        }
        return provider.delete(uri(path));
    }

    @Override
    public boolean repair(Finding finding) {
        throw new IllegalArgumentException("'" + finding.check() + "' is not for repair");
    }
}
