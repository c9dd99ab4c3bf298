package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.nio.ByteBuffer;

/**
 * The next record of a domain's log. It has an empty block of properties, whose free half says which
 * bells the record rings; the body follows. So a reader finds the bells in the log, also if the process
 * that was to wake it has died. Guarded by the publish lock, as {@link LogEnd}.
 */
public record LogRecord(LogEnd end) {
    /** The body begins so many bytes after the word's place. */
    static final int FRONT = RecordHeader.SIZE + RecordHeader.PROPERTIES_PREFIX;

    private static final int BELLS_SHIFT = Integer.SIZE; // after the length of the properties, which is 0

    /** Bytes of the log that it takes. */
    public long need(long bodyLength) {
        return end.size(FRONT + bodyLength);
    }

    /** Its position. There is room for it. */
    public long append(ByteBuffer body, int from, int length, int bells) {
        long at = end.index(RecordHeader.SIZE);
        end.reservedBytes().putLong(at, (long) bells << BELLS_SHIFT);
        if (length != 0) end.reservedBytes().copyIn(at + RecordHeader.PROPERTIES_PREFIX, body, from, length);
        return commit(length);
    }

    /** Where a body begins that is filled in place, in {@link LogEnd#reservedBytes}. */
    public long reserved() {
        return end.index(FRONT);
    }

    /** Commits the first {@code length} bytes of what was reserved; it rings no bell. */
    public long commitReserved(int length) {
        end.reservedBytes().putLong(end.index(RecordHeader.SIZE), 0);
        return commit(length);
    }

    private long commit(int length) {
        return end.commit(FRONT + length, RecordHeader.PROPERTIES);
    }

    static boolean isRecord(long word, long position, Ring ring) {
        int frame = RecordHeader.frameLength(word);
        return RecordHeader.isData(word, position)
                && RecordHeader.flags(word) == RecordHeader.PROPERTIES
                && frame >= FRONT
                && frame <= ring.longestFrame;
    }

    static int bells(SharedBytes bytes, long index) {
        return (int) (bytes.getLong(index + RecordHeader.SIZE) >>> BELLS_SHIFT);
    }
}
