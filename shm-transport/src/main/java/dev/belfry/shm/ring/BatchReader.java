package dev.belfry.shm.ring;

import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.RecordHeader;

/** A reader whose plain records are read in one loop: what it hands over stays as it is until the next read. */
public abstract class BatchReader extends Reader {
    private int longestBody;
    private int pad;

    BatchReader(Regions regions, int longestFrame, JournalWords durability) {
        super(regions, longestFrame, durability);
    }

    /** A batch of plain records begins: the address of the word at the cursor, which only this reader understands. */
    public long batchBegins() {
        skipped = 0;
        pad = ring.pad;
        longestBody = (int) Math.min(longestFrame, ring.longestFrame) - RecordHeader.SIZE;
        return 0;
    }

    /** The word there, or an empty one. */
    public abstract long word(long at);

    /** Is it the next message, with nothing but a body? {@link #next} finds out what else it is. */
    public boolean isPlain(long word) {
        return RecordHeader.isPlain(word, expected)
                && Integer.compareUnsigned(RecordHeader.frameLength(word) - RecordHeader.SIZE, longestBody) <= 0;
    }

    /** Steps over this plain record, which is in {@link #record} then: the address of the next word. */
    public abstract long step(long at, long word);

    /** The same in the numbers; returns how far. */
    final long stepped(int length) {
        long advance = RecordHeader.size(length, pad);
        previous = cursor;
        cursor += advance;
        expected++;
        return advance;
    }
}
