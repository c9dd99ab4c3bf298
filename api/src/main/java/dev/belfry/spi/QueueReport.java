package dev.belfry.spi;

import dev.belfry.api.QueueStats;
import java.net.URI;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A queue as an observer sees it; each figure was right at some moment during the call.
 *
 * @param argument its name as the commands in texts take it
 * @param properties how it was created and where it is, in an order for people: strings, longs,
 * booleans; null where there is none
 * @param members the open handles of living processes
 */
public record QueueReport(
        URI uri,
        String argument,
        QueueStats stats,
        Map<String, Object> properties,
        List<Member> members,
        List<Region> regions) {
    /** The property that says how many bytes the disk of its files has free. */
    public static final String DISK_FREE = "diskFree";

    /**
     * One open handle. The process id is for information only: it may belong to another namespace.
     *
     * @param level what its library understands of such queues; 1 is that of 0.1.0
     */
    public record Member(long pid, Instant since, int publishers, boolean exclusive, int subscribers, int level) {}

    /**
     * A piece of storage that holds the messages from {@code firstOffset} on, up to the first offset of the next piece.
     */
    public record Region(int number, long place, long capacity, long firstOffset, boolean current) {}

    /**
     * A queue that is open and can describe itself, for a transport without an inspector, where
     * opening one changes nothing: {@code queue.unwrap(QueueReport.Source.class)}.
     */
    public interface Source {
        QueueReport report();
    }

    /** The bytes that it takes: of a queue of files with a history its log in the directory, of any other its ring. */
    public long size() {
        return hasHistory() ? QueueCounter.HISTORY_BYTES.of(stats) : stats.capacity();
    }

    /** The most that {@link #size} may become; null if that has no limit. */
    public Long maxSize() {
        return hasHistory() ? (Long) properties.get("maxSize") : (Long) stats.maxCapacity();
    }

    /** As {@link #maxSize}, or what its disk can give now if that is less; null: nothing limits it. */
    public Long mostNow() {
        return isLimitedByDisk() ? (Long) (size() + (long) properties.get(DISK_FREE)) : maxSize();
    }

    /** Whether its disk is full before it has its {@link #maxSize}. */
    public boolean isLimitedByDisk() {
        return properties.get(DISK_FREE) instanceof Long free
                && free < (maxSize() == null ? Long.MAX_VALUE : maxSize() - size());
    }

    /** The part of {@link #maxSize} that no publisher gets before readers have read on; all of it if all is kept. */
    public long used() {
        return keepsAll() ? size() : QueueCounter.IN_USE.of(stats);
    }

    public boolean keepsAll() {
        return "all".equals(properties.get("keep"));
    }

    /** It is a queue of files, which are not only as long as its ring. */
    public boolean hasHistory() {
        return QueueCounter.HISTORY_BYTES.isToldBy(stats);
    }

    public QueueReport {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
        members = List.copyOf(members);
        regions = List.copyOf(regions);
    }
}
