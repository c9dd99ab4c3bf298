package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;

/** Finds the offset behind a message by walking header words, for an acknowledgement of a position. */
public final class HeaderWalk {
    private static final int MOST_SKIPPED = 1 << 16;

    private final SegmentHeader header;
    private final Regions regions;

    public HeaderWalk(SegmentHeader header, Regions regions) {
        this.header = header;
        this.regions = regions;
    }

    /**
     * The entry behind {@code position}, from an entry at or before it. {@code neededFrom}: an offset that the gate must not have passed, asked for after each
     * word; then null. -1: it cannot be passed. MAX: each word's own offset.
     */
    public Entry behind(long position, Entry from, long neededFrom) {
        long offset = from.offset();
        Ring ring = regions.at(offset);
        int skipped = 0;
        for (long next = from.position(); next <= position; ) {
            long word = ring.wordAcquire(offset);
            if (neededFrom >= 0) {
                SharedBytes.loadFence();
                if (header.gateAcquire() > Math.min(neededFrom, offset)) return null;
            }
            if (RecordHeader.isEmpty(word)) throw new CorruptSegmentException("no record " + next + " at " + offset);
            offset += RecordHeader.advance(word, ring.capacity);
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.behindHop(offset);
            if (RecordHeader.type(word) == RecordHeader.DATA) next++;
            else if (++skipped > MOST_SKIPPED) throw new CorruptSegmentException("no record " + next);
        }
        return new Entry(offset, position + 1);
    }
}
