package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SharedBytes;

/** One region as this process has mapped it: twice in a row, so that no record ever wraps. */
final class Ring {
    final int region;
    final long base;
    final long capacity;
    final int pad; // see RecordHeader
    final long longestFrame;
    final SharedBytes bytes;
    private final long mask;

    Ring(int region, long base, long capacity, int pad, SharedBytes bytes) {
        this.region = region;
        this.base = base;
        this.capacity = capacity;
        this.pad = pad;
        this.longestFrame = RecordHeader.longestFrame(capacity, pad);
        this.bytes = bytes;
        this.mask = capacity - 1;
    }

    /** Stands for the log in files, where records of rings of all sizes lie: it has bounds, and no bytes. */
    static Ring ofFiles(long maxCapacity, int pad) {
        return new Ring(-1, 0, maxCapacity, pad, null);
    }

    boolean isOfFiles() {
        return region < 0;
    }

    /** Always inside the first copy, whatever the offset: a record that begins there ends inside the second. */
    long index(long offset) {
        return offset - base & mask;
    }

    long wordAcquire(long offset) {
        return bytes.getLongAcquire(index(offset));
    }

    /** The time of the record that this word begins; 0 if it has none. It may be any word. */
    long timestamp(long offset, long word) {
        boolean dated = RecordHeader.hasKnownFlags(word) && (RecordHeader.flags(word) & RecordHeader.SYSTEM_BLOCK) != 0;
        return dated ? bytes.getLong(index(offset) + RecordHeader.SIZE) : 0;
    }

    /** That the record with this word says itself, where records have trailers; -1: this word begins no record. */
    long ownPosition(long offset, long word) {
        int length = RecordHeader.frameLength(word);
        if (length < RecordHeader.SIZE || length > longestFrame) return -1;
        return RecordTrailer.position(word, bytes.getLong(index(offset) + size(length) - RecordTrailer.SIZE));
    }

    /** How far the log advances over this word. */
    long advance(long word) {
        return RecordHeader.advance(word, capacity, pad);
    }

    /** Bytes of the log that a record takes. */
    long size(int frameLength) {
        return RecordHeader.size(frameLength, pad);
    }
}
