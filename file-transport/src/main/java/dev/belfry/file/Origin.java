package dev.belfry.file;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.Groups;
import dev.belfry.shm.posix.LibC;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The settings that a queue was created with: the file {@code queue}, which carries the locks and is never replaced.
 *
 * @param logId of the log in the files, made once
 * @param features that were raised since, for good: to read, as in the header of a live part
 */
record Origin(
        UUID logId,
        long capacity,
        long maxCapacity,
        int mode,
        boolean allowGating,
        int slots,
        boolean domain,
        boolean syncAlways,
        long segmentSize,
        long maxSize,
        long features) {
    /** For all that may be read, and for what has a history: that a library without it refuses. */
    static final Block KIND = new Block("BelfryQu", 2);

    private static final Block WITHOUT_HISTORY = new Block("BelfryQu", 1);
    static final int SIZE = 512;

    private static final long DOMAIN = 1;
    private static final long SYNC_ALWAYS = 2;
    private static final long ALLOW_GATING = 4;
    private static final int FEATURES = 2; // after the flags: the second feature is the flag 8
    private static final long KNOWN = Log.PAGES;

    /** At its creation. */
    Origin(
            UUID logId,
            long capacity,
            long maxCapacity,
            int mode,
            boolean allowGating,
            int slots,
            boolean domain,
            boolean syncAlways,
            long segmentSize,
            long maxSize) {
        this(logId, capacity, maxCapacity, mode, allowGating, slots, domain, syncAlways, segmentSize, maxSize, 0);
    }

    Origin with(long feature) {
        return new Origin(
                logId,
                capacity,
                maxCapacity,
                mode,
                allowGating,
                slots,
                domain,
                syncAlways,
                segmentSize,
                maxSize,
                features | feature);
    }

    ByteBuffer write() {
        ByteBuffer block = Block.begin(SIZE);
        block.putLong(capacity).putLong(maxCapacity).putLong(segmentSize);
        block.putInt(mode).putInt(slots);
        block.putLong((domain ? DOMAIN : 0)
                | (syncAlways ? SYNC_ALWAYS : 0)
                | (allowGating ? ALLOW_GATING : 0)
                | features << FEATURES);
        if (!hasHistory()) return WITHOUT_HISTORY.seal(block, 0, logId);
        return KIND.seal(block.putLong(maxSize), 0, logId);
    }

    /** {@code name}: of the file, for messages. */
    static Origin read(ByteBuffer block, String name) {
        UUID logId = Block.logId(block);
        long capacity = block.getLong();
        long maxCapacity = block.getLong();
        long segmentSize = block.getLong();
        int mode = block.getInt();
        int slots = block.getInt();
        long flags = block.getLong();
        long newer = flags & ~(DOMAIN | SYNC_ALWAYS | ALLOW_GATING | KNOWN << FEATURES);
        if (newer != 0)
            throw new IncompatibleVersionException(
                    name + " has flags " + Long.toHexString(newer) + ", which this library does not know. Upgrade.");
        return new Origin(
                logId,
                capacity,
                maxCapacity,
                mode,
                (flags & ALLOW_GATING) != 0,
                slots,
                (flags & DOMAIN) != 0,
                (flags & SYNC_ALWAYS) != 0,
                segmentSize,
                block.remaining() < Long.BYTES ? 0 : block.getLong(),
                (flags & KNOWN << FEATURES) >>> FEATURES);
    }

    /** Whether the files keep what the ring has no more. */
    boolean hasHistory() {
        return maxSize != 0;
    }

    QueueSettings settings() {
        return settings(mode, null);
    }

    /**
     * Returns that of all that is made for it: for a group only if {@code queue} is. A copy by a user outside that
     * group has another one.
     */
    int mode(FileStatus queue) {
        int ungrouped = FileStatus.ungrouped(mode);
        return ((mode ^ ungrouped) & ~queue.mode()) == 0 ? mode : ungrouped;
    }

    /** Returns those of a live part. As its files it has the group of {@code queue}, or no rights of a group alone. */
    QueueSettings settings(LibC c, FileStatus queue) {
        int ungrouped = FileStatus.ungrouped(mode);
        boolean isShared = ungrouped != mode(queue) && Groups.mayGive(c, queue.gid());
        return isShared ? settings(mode, Integer.toUnsignedString(queue.gid())) : settings(ungrouped, null);
    }

    private QueueSettings settings(int mode, String group) {
        return new QueueSettings(capacity, maxCapacity, mode, group, allowGating, Deadlines.FOREVER_NANOS, false);
    }
}
