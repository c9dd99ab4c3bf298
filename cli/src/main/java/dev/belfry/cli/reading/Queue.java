package dev.belfry.cli.reading;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A queue as it was named on the command line; what a word there names is known here alone. */
public record Queue(String uri, String scheme, String name) {
    public static final String SCHEME = "shm";

    public static final String FILES = "file";

    /**
     * A word with a slash before any colon, or that begins with a dot, is the path of a queue of {@code file:}; any
     * other without a colon is a queue of {@code shm:}, whose names have neither.
     */
    public static Queue of(String word) {
        if (word.matches("\\..*|[^:?]*/.*")) return at(FILES, absolute(word));
        String uri = word.contains(":") ? word : SCHEME + ":" + word;
        QueueUri parsed = QueueUri.parse(uri);
        return new Queue(uri, parsed.scheme(), parsed.name());
    }

    private static String absolute(String path) {
        try {
            return path.startsWith("/")
                    ? Path.of(path).toString() // without slashes at its end
                    : new File(path).getCanonicalPath(); // ".." leads where the kernel says
        } catch (IOException unreadable) {
            throw new Exit.Problem("cannot find out where '" + path + "' is: " + unreadable.getMessage());
        }
    }

    /** The queues that a command for several is given: a directory that is no queue names those in it. */
    public static List<Queue> all(List<String> words) {
        List<Queue> all = words.stream()
                .map(Queue::of)
                .map(queue -> at(queue.scheme, queue.name)) // however it was spelled: 'ls shm:///q q' is one
                .flatMap(queue -> queue.scheme.equals(FILES) ? queue.inIt().stream() : Stream.of(queue))
                .distinct()
                .toList();
        all.forEach(Queue::inspector); // refuses one that cannot be read from outside
        return all;
    }

    /** This queue; or those in this directory, if it is none. */
    List<Queue> inIt() {
        List<Queue> found =
                inspector().namesIn(name).stream().map(each -> at(FILES, each)).toList();
        if (found.isEmpty()) throw new Exit.Problem("no queue is in the directory '" + name + "'");
        return found;
    }

    public static Queue at(String scheme, String name) {
        return new Queue(new QueueUri(scheme, name, Map.of()).toString(), scheme, name);
    }

    public QueueInspector inspector() {
        return Transports.inspector(scheme);
    }

    /** Whether this machine holds it, and all that is to be known can be read without opening it. */
    public boolean isOfThisMachine() {
        return Transports.find(scheme).isPresent();
    }

    public QueueReport look() {
        Transports.requireUsable(scheme);
        if (isOfThisMachine()) return inspector().look(name);
        try (MessageQueue opened = MessageQueues.open(URI.create(uri), existing())) {
            return opened.unwrap(QueueReport.Source.class).report();
        }
    }

    /** As a shell takes it, for texts. */
    public String words() {
        if (name.startsWith("-")) return toString(); // no option
        return isOfThisMachine() ? name : '"' + QueueUri.shown(uri) + '"';
    }

    public static QueueConfig existing() {
        return QueueConfig.builder().create(Create.OPEN_EXISTING).build();
    }

    /** A queue of {@code file:} that no process has open: to be known more of, it would have to be opened. */
    public static boolean isClosed(QueueReport report) {
        return Boolean.FALSE.equals(report.properties().get("open"));
    }

    public static boolean isDomain(QueueReport report) {
        return Log.DOMAIN.equals(report.properties().get("kind"));
    }

    /**
     * The contents of this domain, without joining it; null if it is not known: no process has it open, more than so
     * many records had to be read, or they were overwritten meanwhile, or there are no tools for that.
     */
    public DomainTools.Contents contents(QueueReport report, long mostRecords) {
        Optional<DomainTools> tools = DomainTools.find();
        if (tools.isEmpty() || isClosed(report)) return null;
        try {
            return inspector().observe(name, log -> tools.get().contents(toString(), log, mostRecords));
        } catch (UnsupportedOperationException passed) {
            return null;
        }
    }

    /** Creates it if necessary. The process's end closes it, in any way. */
    public MessageQueue open() {
        return closedAtExit(MessageQueues.open(uri));
    }

    public MessageQueue openExisting() {
        return closedAtExit(MessageQueues.open(URI.create(uri), existing()));
    }

    /** As what it is: a log. The caller closes it. */
    public MessageQueue openDomain() {
        return MessageQueues.open(
                URI.create(uri),
                QueueConfig.builder()
                        .create(Create.OPEN_EXISTING)
                        .attribute(Log.KIND, Log.DOMAIN)
                        .build());
    }

    /** In every end of the process but a kill, so that a deleteOnLastClose queue is deleted. */
    public static MessageQueue closedAtExit(MessageQueue queue) {
        Runtime.getRuntime().addShutdownHook(new Thread(queue::close, "close"));
        return queue;
    }

    @Override
    public String toString() {
        return new QueueUri(scheme, name, Map.of()).toString();
    }
}
