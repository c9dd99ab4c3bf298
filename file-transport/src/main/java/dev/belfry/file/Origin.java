package dev.belfry.file;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.QueueSettings;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The settings that a queue was created with: the file {@code queue}, which carries the locks and is never replaced.
 *
 * @param logId of the log in the files, made once
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
        long maxSize) {
    /** For all that may be read, and for what has a history: that a library without it refuses. */
    static final Block KIND = new Block("BelfryQu", 2);

    private static final Block WITHOUT_HISTORY = new Block("BelfryQu", 1);
    static final int SIZE = 512;

    private static final long DOMAIN = 1;
    private static final long SYNC_ALWAYS = 2;
    private static final long ALLOW_GATING = 4;

    ByteBuffer write() {
        ByteBuffer block = Block.begin(SIZE);
        block.putLong(capacity).putLong(maxCapacity).putLong(segmentSize);
        block.putInt(mode).putInt(slots);
        block.putLong((domain ? DOMAIN : 0) | (syncAlways ? SYNC_ALWAYS : 0) | (allowGating ? ALLOW_GATING : 0));
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
        long newer = flags & ~(DOMAIN | SYNC_ALWAYS | ALLOW_GATING);
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
                block.remaining() < Long.BYTES ? 0 : block.getLong());
    }

    /** Whether the files keep what the ring has no more. */
    boolean hasHistory() {
        return maxSize != 0;
    }

    QueueSettings settings() {
        return settings((String) null);
    }

    /** Returns those of a live part: with the group of {@code queue}, if others may not do the same. */
    QueueSettings settings(FileStatus queue) {
        int rightsOfTheGroupAlone = mode >> 3 & 7 & ~mode;
        return settings(rightsOfTheGroupAlone == 0 ? null : Integer.toUnsignedString(queue.gid()));
    }

    private QueueSettings settings(String group) {
        return new QueueSettings(capacity, maxCapacity, mode, group, allowGating, Deadlines.FOREVER_NANOS, false);
    }
}
