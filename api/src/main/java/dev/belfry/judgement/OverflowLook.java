package dev.belfry.judgement;

import dev.belfry.api.MessageQueueException;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The queue of files that has messages of a domain, as it is seen without joining it.
 *
 * @param bytes that are in use; null: that is not known
 * @param maxSize null: no limit, or that is not known
 * @param mostNow as maxSize, or what its disk can give now if that is less; null: no limit, or that is not known
 * @param problem why it takes no more, or is not read, as a clause; empty: nothing is known against it
 */
public record OverflowLook(Long bytes, Long maxSize, Long mostNow, String problem) {
    private static final long FILE = 64L << 20;
    private static final long PAGE = 4L << 20;
    /** The members of a domain leave so much of a disk to others. */
    private static final long FREE_OF_DISK = 4 * FILE;

    private static final List<String> PROBLEMS = List.of("failure", "damage", "problem");

    /** A disk that hangs takes some seconds. {@code ring}: the most bytes of the domain's log. */
    public static OverflowLook of(String uri, long ring) {
        QueueUri queue = QueueUri.parse(uri);
        try {
            return inspector(queue.scheme())
                    .map(files -> of(files.look(queue.name()), queue.name(), ring))
                    .orElseGet(() -> unknown("this program has no transport for '" + uri + "'"));
        } catch (NoAnswerException hangs) {
            return unknown("'" + queue.name() + "': " + hangs.what);
        } catch (MessageQueueException refused) {
            return unknown(String.valueOf(refused.getMessage()).replaceFirst("\\.$", ""));
        }
    }

    /** Finds that of a transport which is here: by the thread's context loader, then by the loader of the API. */
    private static Optional<QueueInspector> inspector(String scheme) {
        for (ClassLoader loader :
                new ClassLoader[] {Thread.currentThread().getContextClassLoader(), QueueInspector.class.getClassLoader()
                })
            for (MessageQueueProvider each : ServiceLoader.load(MessageQueueProvider.class, loader))
                if (each.scheme().equals(scheme)) return each.inspector();
        return Optional.empty();
    }

    /** Knows only why nothing is known. */
    public static OverflowLook unknown(String problem) {
        return new OverflowLook(null, null, null, problem);
    }

    private static OverflowLook of(QueueReport seen, String directory, long ring) {
        Long most = seen.maxSize();
        if (seen.properties().get(QueueReport.DISK_FREE) instanceof Long free) {
            long there = seen.used() + Math.max(0, free - kept(ring));
            most = most == null ? there : Long.valueOf(Math.min(most, there));
        }
        return new OverflowLook(seen.used(), seen.maxSize(), most, problem(seen, "'" + directory + "'", ring));
    }

    /** Judges as its members, who keep room for a file and a page of its maxSize, and some of its disk. */
    private static String problem(QueueReport seen, String directory, long ring) {
        for (String property : PROBLEMS)
            if (seen.properties().get(property) != null)
                return directory + ": " + seen.properties().get(property);
        Long most = seen.maxSize();
        if (most != null && most - seen.used() < FILE + 2 * PAGE)
            return about(seen.used()) + " of " + about(most) + " on " + directory + " (maxSize)";
        boolean isDiskFull = seen.properties().get(QueueReport.DISK_FREE) instanceof Long free && free < kept(ring);
        return isDiskFull ? "the disk of " + directory + " is full" : "";
    }

    private static long kept(long ring) {
        return Math.max(FILE, ring) + FREE_OF_DISK;
    }

    /** Tells a size in whole MiB, where there are some. */
    public static String about(long bytes) {
        return Units.size(bytes < 1 << 20 ? bytes : bytes & -(1 << 20));
    }
}
