package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import java.nio.ByteBuffer;

/**
 * A batch: records that lie beyond the end of the log, each with its header word but the first. The word at the end of
 * the log stays empty, so no reader goes past it. However the batch ends, it leaves nothing that a reader can reach:
 * the next writer clears the word after its own record before it commits that. One store makes all of them visible, the
 * release of the first word. Under the publish lock, with room for all of it.
 */
public final class LogBatch {
    /** So that a stamp still tells which lap it is from, see {@link dev.belfry.shm.layout.Positions}. */
    public static final int MOST_RECORDS = 1 << 20;

    private final LogEnd end;
    private long used; // bytes, from the end of the log
    private long last; // where the last record begins
    private int lastFlags;
    private int count;
    private long first; // the first record's word

    public LogBatch(LogEnd end) {
        this.end = end;
    }

    public void begin() {
        used = 0;
        count = 0;
    }

    public int count() {
        return count;
    }

    public long used() {
        return used;
    }

    /** As {@link LogEnd#append}, but no reader sees it yet. */
    public void add(ByteBuffer body, int from, int length, byte[] properties, long timestamp) {
        long index = end.index(used);
        end.write(index, body, from, length, properties, timestamp);
        added(length, properties.length, timestamp != 0);
    }

    /** Where the body of the next message begins that is filled in place, in {@link LogEnd#reservedBytes}. */
    public long reserved(boolean timestamp) {
        return end.index(used) + LogEnd.frame(0, 0, timestamp);
    }

    /** A message whose body is filled in place. */
    public void claim(int length, long timestamp) {
        end.writeFront(end.index(used), timestamp);
        added(length, 0, timestamp != 0);
    }

    private void added(int length, int propertiesLength, boolean timestamp) {
        int flags = LogEnd.flags(propertiesLength, timestamp);
        int frame = LogEnd.frame(length, propertiesLength, timestamp);
        name(used, count, frame, flags); // first: if it fails, nothing was added
        last = used;
        lastFlags = flags;
        used += end.size(frame);
        count++;
    }

    /** The record that was added last, without properties, is only so long. */
    public void shorten(int length, boolean timestamp) {
        int frame = LogEnd.frame(length, 0, timestamp);
        name(last, count - 1, frame, lastFlags);
        used = last + end.size(frame);
    }

    /** Stores what a record ends in, and its word; that of the first is kept. */
    private void name(long at, int before, int frameLength, int flags) {
        long position = end.next() + before;
        long word = RecordHeader.data(frameLength, flags, position);
        if (end.hasTrailers()) end.putTrailer(at + end.size(frameLength), position, true);
        if (before == 0) first = word;
        else end.putLong(at, word);
    }

    /** The position of the last one. There is at least one. */
    public long commit() {
        if (end.hasTrailers()) end.putTrailer(used, end.next() + count - 1, false);
        end.putLong(used, RecordHeader.empty(end.next() + count));
        return end.commit(first, count, used);
    }
}
