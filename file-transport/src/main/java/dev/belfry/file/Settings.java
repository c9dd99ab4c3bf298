package dev.belfry.file;

import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.UUID;

/**
 * The settings asked for of a {@code file:} queue, checked.
 *
 * @param sync null: not given
 * @param maxSize 0: not given
 * @param keep null: not given
 */
record Settings(
        QueueSettings queue,
        boolean domain,
        Integer slots,
        Boolean sync,
        long flushNanos,
        boolean anyFileSystem,
        long segmentSize,
        long maxSize,
        Keep keep) {
    static final String SYNC = "sync";
    static final String FLUSH = "flush";
    static final String ANY_FILE_SYSTEM = "anyFileSystem";
    static final String SLOTS = "slots";
    static final String MAX_SIZE = "maxSize";
    static final String KEEP = "keep";

    private static final int DEFAULT_SLOTS = 128;
    private static final int MOST_SLOTS = 1024;
    private static final long CACHE = 16L << 20; // of a queue that has its history on the disk
    static final long NO_LIMIT = Long.MAX_VALUE;
    private static final long DEFAULT_MAX_SIZE = 10L << 30;
    private static final Duration LEAST_FLUSH = Duration.ofMillis(500); // it is checked twice a second
    private static final Duration DEFAULT_FLUSH = Duration.ofSeconds(1);

    static Settings of(QueueUri uri, QueueConfig config, long segmentSize) {
        boolean domain = QueueSettings.isDomain(uri, config);
        QueueSettings queue = domain ? QueueSettings.of(config) : QueueSettings.of(config, CACHE);
        refuse(uri, "maxGateTime", queue.hasMaxGateTime(), "a durable queue keeps what its subscribers need");
        refuse(uri, "deleteOnLastClose", queue.deleteOnLastClose(), "a durable queue stays until it is deleted");
        refuse(uri, "group", queue.group() != null, "its files have the group of the process that creates them");
        return new Settings(
                queue,
                domain,
                slots(text(config, SLOTS)),
                sync(text(config, SYNC)),
                flush(text(config, FLUSH)),
                Boolean.parseBoolean(text(config, ANY_FILE_SYSTEM)),
                segmentSize,
                maxSize(uri, config, domain, queue.maxCapacity(), segmentSize),
                text(config, KEEP) == null ? null : Keep.parse(text(config, KEEP)));
    }

    private static void refuse(QueueUri uri, String setting, boolean given, String why) {
        if (given)
            throw new IllegalArgumentException("'" + uri + "' cannot have " + setting + ": " + why + ". Leave it out.");
    }

    private static String text(QueueConfig config, String name) {
        Object given = config.attributes().get(name);
        return given == null ? null : given.toString();
    }

    /** 0: not given. */
    private static long maxSize(QueueUri uri, QueueConfig config, boolean domain, long maxCapacity, long segmentSize) {
        String given = text(config, MAX_SIZE);
        boolean isKept = given != null || text(config, KEEP) != null;
        refuse(uri, "a history", isKept && domain, "a domain keeps what its members need, in its ring");
        if (given == null) return 0;
        if (given.equals("none")) return NO_LIMIT;
        long size = Units.parseSize(given);
        long least =
                Math.max(2 * segmentSize, maxCapacity); // a message has a quarter of that, and may lie in two files
        if (size < least)
            throw new IllegalArgumentException(MAX_SIZE + " must be at least two files of the log, and maxCapacity: "
                    + Units.size(least) + ", was '" + given + "'");
        return size;
    }

    private static Integer slots(String given) {
        if (given == null) return null;
        int slots = given.matches("[0-9]{1,4}") ? Integer.parseInt(given) : 0;
        if (slots < 1 || slots > MOST_SLOTS)
            throw new IllegalArgumentException(
                    SLOTS + " must be a number from 1 to " + MOST_SLOTS + ", was '" + given + "'");
        return slots;
    }

    private static Boolean sync(String given) {
        if (given == null) return null;
        if (given.equals("always") || given.equals("os")) return given.equals("always");
        throw new IllegalArgumentException(SYNC + " must be 'always' or 'os', was '" + given + "'");
    }

    private static long flush(String given) {
        Duration flush = given == null ? DEFAULT_FLUSH : Units.parseDuration(given);
        if (flush.compareTo(LEAST_FLUSH) < 0)
            throw new IllegalArgumentException(FLUSH + " must be at least 500 ms, was '" + given + "'");
        return Deadlines.nanos(flush);
    }

    /** For a queue that is made now. */
    Origin origin() {
        return new Origin(
                UUID.randomUUID(),
                queue.capacity(),
                queue.maxCapacity(),
                queue.mode(),
                queue.allowGating(),
                slots == null ? DEFAULT_SLOTS : slots,
                domain,
                sync == null || sync,
                segmentSize,
                domain ? 0 : maxSize != 0 ? maxSize : keep != null && keep.isAll() ? NO_LIMIT : DEFAULT_MAX_SIZE);
    }

    void requireCompatible(String uri, Origin with, QueueConfig config) {
        if (domain != with.domain()) throw Errors.wrongKind(uri, with.domain());
        with.settings().requireCompatible(uri, config);
        if (slots != null && slots != with.slots()) throw Errors.otherValue(uri, SLOTS, slots, with.slots());
        boolean isOtherSize = maxSize != 0 && maxSize != with.maxSize();
        if (isOtherSize) throw Errors.otherValue(uri, MAX_SIZE, size(maxSize), size(with.maxSize()));
        if (keep != null && !with.hasHistory()) throw Errors.otherValue(uri, KEEP, keep, "no history");
        if (sync != null && sync != with.syncAlways())
            throw Errors.otherValue(uri, SYNC, mode(sync), mode(with.syncAlways()));
    }

    static String size(long maxSize) {
        return maxSize == 0 || maxSize == NO_LIMIT ? "none" : Units.size(maxSize);
    }

    private static String mode(boolean always) {
        return always ? "always" : "os";
    }
}
