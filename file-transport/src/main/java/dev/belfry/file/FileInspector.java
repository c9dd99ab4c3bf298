package dev.belfry.file;

import static dev.belfry.file.DirectoryCheckup.uri;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.journal.DirectoryReads;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.OverflowText;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.ShellWords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shows queues by their directories. One that is open is read where it lives, in shared memory, as {@code shm:} shows
 * it, and not joined; of one that no process has open its files are read. Only the log of such a domain has to be
 * opened to be observed: it is recovered then.
 */
final class FileInspector implements QueueInspector {
    /** No live part has such a name. */
    private static final String NONE = ".file.none";

    private final QueueInspector shm;
    private final MessageQueueProvider provider;
    private final DirectoryReads reads;
    private final LibC c;

    FileInspector(QueueInspector shm, MessageQueueProvider provider, DirectoryReads reads) {
        this.shm = shm;
        this.provider = provider;
        this.reads = reads;
        this.c = reads.c;
    }

    /** Those with a live part: that names the directory, and stays when it is closed, until a reboot. */
    @Override
    public List<String> names() {
        return LivePart.find("", "").stream()
                .map(part -> directory(part.queue()))
                .filter(directory -> directory != null)
                .distinct()
                .filter(this::isQueue)
                .sorted()
                .toList();
    }

    private String directory(String part) {
        try {
            return (String) shm.look(part).properties().get("directory");
        } catch (MessageQueueException notOurs) { // another user's, or gone by now
            return null;
        }
    }

    /** So is one whose disk does not answer: its turn tells that. */
    private boolean isQueue(String path) {
        try {
            return reads.in(path, moves -> Directory.status(c, path + "/" + LogDirectory.QUEUE) != null);
        } catch (NoAnswerException hangs) {
            return true;
        } catch (PosixException notToBeRead) {
            return false;
        }
    }

    @Override
    public List<String> namesIn(String path) {
        try {
            if (isQueue(path)) return List.of(path);
            return reads.in(path, moves -> names(path)).stream()
                    .map(name -> Path.of(path, name).toString())
                    .filter(this::isQueue)
                    .toList();
        } catch (NoAnswerException | PosixException itsTurnTells) {
            return List.of(path);
        }
    }

    private Set<String> names(String path) {
        try (Directory directory = Directory.open(c, path)) {
            if (directory == null) throw PosixException.of("open", path, Errno.ENOENT);
            return directory.names();
        }
    }

    @Override
    public QueueReport look(String path) {
        return reads.in(
                path,
                moves -> inDirectory(path, files -> {
                    LivePart.There open = Door.openPart(files);
                    QueueReport report = open != null
                            ? report(path, files.historyProperties(), shm.look(open.queue()))
                            : new ClosedQueue(files, moves).report(uri(path));
                    Unseen ended = Unseen.ended(files);
                    Unseen unseen = ended != null || open != null ? null : Unseen.of(files);
                    Map<String, Object> properties = new LinkedHashMap<>(report.properties());
                    if (ended != null) properties.put("failure", ended.what());
                    if (unseen != null) properties.put("problem", unseen.what());
                    return new QueueReport(
                            report.uri(),
                            report.argument(),
                            report.stats(),
                            properties,
                            report.members(),
                            report.regions());
                }));
    }

    /** As {@link #inDirectory}, for those that wait for seconds only. */
    private <T> T read(String path, Function<LogDirectory, T> question) {
        return reads.in(path, moves -> inDirectory(path, question));
    }

    /** The answer of its files, or the failure in words of its user. */
    private <T> T inDirectory(String path, Function<LogDirectory, T> question) {
        try (LogDirectory files = DirectoryCheckup.files(c, path)) {
            return question.apply(files);
        } catch (PosixException | DamagedFileException refused) {
            throw Failures.of(refused, uri(path).toString());
        }
    }

    private static QueueReport report(String path, Map<String, Object> properties, QueueReport live) {
        properties.put("directory", path);
        properties.putAll(live.properties());
        properties.put("inMemorySince", properties.remove("created")); // its live part; the files do not say
        long own = ProcessHandle.current().pid();
        List<QueueReport.Member> others =
                live.members().stream().filter(m -> m.pid() != own).toList();
        return new QueueReport(
                uri(path).toUri(), uri(path).toString(), live.stats(), properties, others, live.regions());
    }

    @Override
    public <T> T observe(String path, Function<Log, T> question) {
        LivePart.There open = read(path, Door::openPart);
        if (open != null) return shm.observe(open.queue(), question);
        QueueConfig.Builder existing =
                QueueConfig.builder().create(Create.OPEN_EXISTING).attribute(Settings.ANY_FILE_SYSTEM, "true");
        if (read(path, files -> files.origin.domain())) existing.attribute(Log.KIND, Log.DOMAIN);
        try (MessageQueue opened = provider.open(uri(path), existing.build())) {
            LivePart.There now = read(path, Door::openPart);
            if (now == null) throw Errors.incompatible("'" + opened.uri() + "' can be opened for reading only");
            return shm.observe(now.queue(), question);
        }
    }

    /** Findings of the machine, and of the live parts of those that are open, as {@code shm:} does. */
    @Override
    public List<Finding> diagnoseAll(List<String> named, boolean deep, Progress told) {
        List<String> paths = named == null ? names() : named;
        Map<String, String> open = new LinkedHashMap<>(); // a directory by its live part
        for (String path : paths) open.put(part(path, open.size()), path);
        List<Finding> all = new ArrayList<>();
        Progress ofParts = (part, done, bytes) ->
                told.at(uri(open.get(part.substring("shm:".length()))).toString(), done, bytes);
        for (Finding each : shm.diagnoseAll(List.copyOf(open.keySet()), deep, ofParts)) {
            String part = each.subject().startsWith("shm:") ? each.subject().substring("shm:".length()) : "";
            if (!open.containsKey(part)) all.add(each);
            else if (!part.startsWith(NONE)) all.add(of(open.get(part), part, each));
        }
        open.forEach((part, path) -> all.addAll(checked(
                path, deep, moves -> new DirectoryCheckup(c, path, !part.startsWith(NONE), deep, moves, told).run())));
        // First the disks that have failed: what else is found follows from it.
        all.sort(Comparator.comparing(each -> !each.check().equals(DirectoryCheckup.DISK_FAILED)));
        return all;
    }

    @Override
    public List<Finding> measure(List<String> paths) {
        return paths.stream()
                .flatMap(path ->
                        checked(path, true, moves -> new DirectoryCheckup(c, path, false, false, moves, Progress.NOBODY)
                                        .measured())
                                .stream())
                .toList();
    }

    private List<Finding> checked(String path, boolean atLength, Function<Runnable, List<Finding>> checkup) {
        try {
            return atLength ? reads.atLength(path, checkup) : reads.in(path, checkup);
        } catch (NoAnswerException hangs) {
            return List.of(Finding.problem("no-answer", uri(path).toString(), hangs.what, hangs.remedy));
        }
    }

    private String part(String path, int number) {
        try {
            LivePart.There open = read(path, Door::openPart);
            if (open != null) return open.queue();
        } catch (RuntimeException damaged) {
            // the check of the directory tells
        }
        return NONE + number;
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
        try (LogDirectory files = DirectoryCheckup.files(c, path)) {
            requireUnneeded(files, uri(path).toString());
        } catch (DamagedFileException damaged) {
            throw Errors.uncounted(uri(path).toString(), "subscriptions", damaged.getMessage()); // the log may be whole
        }
        return provider.delete(uri(path), QueueConfig.defaults());
    }

    /** One that is open is refused by the delete, whatever is forced. */
    private static void requireUnneeded(LogDirectory files, String uri) {
        if (files.life() == null || files.origin.domain() || Door.openPart(files) != null) return;
        Places places = files.placesNow();
        List<String> named = new ArrayList<>();
        for (Places.Named each : places.named()) {
            if (each.name().equals(ShellWords.OVERFLOW))
                throw OverflowText.wouldBeLost(
                        uri, places.bound().position() - each.acknowledged().position());
            named.add(each.name());
        }
        if (!named.isEmpty()) throw Errors.subscriptionsWouldBeLost(uri, named);
    }

    @Override
    public String keep(String path, String next) {
        if (next == null) return read(path, files -> keep(path, files, null));
        Keep asked = Keep.parse(next);
        return inDirectory(path, files -> keep(path, files, asked));
    }

    private static String keep(String path, LogDirectory files, Keep asked) {
        if (!files.origin.hasHistory())
            throw Errors.incompatible("'" + uri(path) + "' was made without a history: its ring has all that is kept."
                    + " Make another one with maxSize, and carry its messages there by 'belfry bridge'.");
        if (asked != null && !asked.isAll() && asked.bytes() > files.origin.maxSize())
            throw new IllegalArgumentException("keep " + asked + " is more than the maxSize of '" + uri(path) + "', "
                    + Settings.size(files.origin.maxSize()) + ", which is fixed.");
        if (asked != null && files.isReadOnly)
            throw Errors.incompatible("'" + uri(path) + "' keeps what it kept: its file system cannot be written.");
        if (asked != null) files.history.keep(asked);
        return files.history.keep().text();
    }

    @Override
    public Map<String, Object> backup(String path, String directory, Progress told) {
        return inDirectory(path, files -> new Backup(files, uri(path).toString(), Path.of(directory), told).run());
    }

    @Override
    public void salvage(String path, Salvaged found, Progress told) {
        inDirectory(path, files -> {
            if (files.origin.domain()) throw Errors.wrongKind(uri(path).toString(), true);
            try (Salvage salvage = new Salvage(files, found)) {
                salvage.run(uri(path).toString(), told);
            }
            return null;
        });
    }

    @Override
    public boolean repair(Finding finding) {
        throw new IllegalArgumentException("'" + finding.check() + "' is not for repair");
    }
}
