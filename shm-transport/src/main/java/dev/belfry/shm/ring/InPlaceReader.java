package dev.belfry.shm.ring;

import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.memory.RawWords;

/**
 * Reads in place. Only for subscribers that cannot be passed: what they have not acknowledged holds
 * the gate, so nothing under their cursor is ever overwritten.
 */
public final class InPlaceReader extends BatchReader {
    // The region in which a batch is read.
    private RawWords raw;
    private long begin;
    private long end;

    public InPlaceReader(Regions regions, int longestFrame, JournalWords durability) {
        super(regions, longestFrame, durability);
    }

    @Override
    public Found next() {
        while (true) {
            if (!mayRead()) return Found.NOTHING;
            long index = ring.index(cursor);
            // Pairs with the commit in LogEnd: all of the record, or nothing.
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
    public long batchBegins() {
        record.plain(ring.bytes, true);
        raw = ring.bytes.raw();
        begin = ring.bytes.address(0, 2 * ring.capacity); // twice, so what begins in the first is inside
        end = begin + ring.capacity;
        return super.batchBegins() + begin + ring.index(cursor);
    }

    /** Pairs with the commit in LogEnd, as in {@link #next}. */
    @Override
    public long word(long at) {
        return mayRead() ? raw.getLongAcquire(at) : 0;
    }

    @Override
    public long step(long at, long word) {
        int length = RecordHeader.frameLength(word);
        record.plain(expected, at - begin + RecordHeader.SIZE, length - RecordHeader.SIZE);
        long next = at + stepped(length);
        return next < end ? next : next - ring.capacity;
    }

    @Override
    public boolean mayProceed() {
        return mayRead() && !RecordHeader.isEmpty(ring.wordAcquire(cursor));
    }
}
