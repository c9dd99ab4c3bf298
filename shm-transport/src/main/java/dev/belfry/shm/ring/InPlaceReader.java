package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;

/**
 * Reads in place. Only for subscribers that cannot be passed: what they have not acknowledged holds the gate, so nothing under
 * their cursor is ever overwritten.
 */
public final class InPlaceReader extends Reader {
    public InPlaceReader(Regions regions, int longestFrame) {
        super(regions, longestFrame);
    }

    @Override
    public Found next() {
        while (true) {
            long index = ring.index(cursor);
            // Pairs with the commit in RingWriter: all of the record, or nothing.
            long word = ring.bytes.getLongAcquire(index);
            if (isNext(word)) {
                record.inPlace(ring, index, word, expected);
                return Found.RECORD;
            }
            if (RecordHeader.isEmpty(word)) return Found.NOTHING;
            skip(word);
        }
    }

    @Override
    public boolean mayProceed() {
        return !RecordHeader.isEmpty(ring.wordAcquire(cursor));
    }
}
