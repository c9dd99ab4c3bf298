package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.memory.RawWords;

/**
 * Reads in place. Only for subscribers that cannot be passed: what they have not acknowledged holds
 * the gate, so nothing under their cursor is ever overwritten.
 */
public class InPlaceReader extends Reader {
    // The region in which a batch is read.
    private RawWords raw;
    private long begin;
    private long end;
    private int longestBody;
    private int pad;

    public InPlaceReader(Regions regions, int longestFrame) {
        super(regions, longestFrame);
    }

    @Override
    public final Found next() {
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

    /** A batch of plain records begins: the address of the word at the cursor. */
    public long batchBegins() {
        record.plain(ring);
        skipped = 0;
        raw = ring.bytes.raw();
        begin = ring.bytes.address(0, 2 * ring.capacity); // twice, so what begins in the first is inside
        end = begin + ring.capacity;
        pad = ring.pad;
        longestBody = (int) Math.min(longestFrame, ring.longestFrame) - RecordHeader.SIZE;
        return begin + ring.index(cursor);
    }

    /** Pairs with the commit in LogEnd, as in {@link #next}. */
    public long word(long at) {
        return raw.getLongAcquire(at);
    }

    /** Is it the next message, with nothing but a body? {@link #next} finds out what else it is. */
    public boolean isPlain(long word) {
        return RecordHeader.isPlain(word, expected)
                && Integer.compareUnsigned(RecordHeader.frameLength(word) - RecordHeader.SIZE, longestBody) <= 0;
    }

    /** Steps over this plain record, which is in {@link #record} then: the address of the next word. */
    public long step(long at, long word) {
        int length = RecordHeader.frameLength(word);
        record.plain(expected, at - begin + RecordHeader.SIZE, length - RecordHeader.SIZE);
        long advance = RecordHeader.size(length, pad);
        previous = cursor;
        cursor += advance;
        expected++;
        long next = at + advance;
        return next < end ? next : next - ring.capacity;
    }

    @Override
    public final boolean mayProceed() {
        return mayRead() && !RecordHeader.isEmpty(ring.wordAcquire(cursor));
    }
}
