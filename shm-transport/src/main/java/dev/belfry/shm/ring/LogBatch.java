package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import java.nio.ByteBuffer;

/**
 * A batch: records that lie beyond the end of the log, each with its header word but the first. The word at the end of the log
 * stays empty, so nobody goes past it, and whatever ends the batch leaves nothing that anybody reaches: the next writer clears
 * the word after its own record before it commits that. One store makes all of them visible, the release of the first word.
 * Under the publish lock, with room for all of it.
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

    /** As {@link LogEnd#append}, but nobody sees it yet. */
    public void add(ByteBuffer body, int from, int length, byte[] properties, long timestamp) {
        long index = end.index(used);
        end.write(index, body, from, length, properties, timestamp);
        added(length, properties.length, timestamp != 0);
    }

    /** The body's index in {@link LogEnd#reservedBytes}. */
    public long claim(int length, long timestamp) {
        long at = end.writeFront(end.index(used), timestamp);
        added(length, 0, timestamp != 0);
        return at;
    }

    private void added(int length, int propertiesLength, boolean timestamp) {
        last = used;
        lastFlags = LogEnd.flags(propertiesLength, timestamp);
        name(count, LogEnd.frame(length, propertiesLength, timestamp));
        used += LogEnd.need(length, propertiesLength, timestamp);
        count++;
    }

    /** The record that was added last, without properties, is only so long. */
    public void shorten(int length, boolean timestamp) {
        name(count - 1, LogEnd.frame(length, 0, timestamp));
        used = last + LogEnd.need(length, 0, timestamp);
    }

    /** Stores the word of the last record; that of the first is kept. */
    private void name(int before, int frameLength) {
        long word = RecordHeader.data(frameLength, lastFlags, end.next() + before);
        if (before == 0) first = word;
        else end.putLong(last, word);
    }

    /** The position of the last one. There is at least one. */
    public long commit() {
        end.putLong(used, RecordHeader.empty(end.next() + count));
        return end.commit(first, count, used);
    }
}
