package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;

/** Walks the log, record by record. One thread at a time. */
public abstract class Reader {
    public enum Found {
        NOTHING,
        /** The files are being read for it, so it is not known yet: {@link #mayProceed} says when. */
        LATER,
        RECORD,
        /** The gate has passed what this reader needs: it must jump, or it has ended. */
        PASSED
    }

    private static final int MOST_SKIPPED = 1 << 16;

    final Regions regions;
    public final Record record = new Record();
    final int longestFrame;
    final JournalWords durability; // null: what is committed is seen
    long durable; // read again only where the reader comes to it
    Ring ring;
    long cursor;
    long expected;
    private long next;
    long previous;
    int skipped;

    /** {@code durability}: a message is seen when it is durable, as that word says; null: when it is committed. */
    Reader(Regions regions, int longestFrame, JournalWords durability) {
        this.regions = regions;
        this.longestFrame = longestFrame;
        this.durability = durability;
    }

    /** Reads at the cursor; a RECORD found is in {@link #record} until {@link #advance} or the next call. */
    public abstract Found next();

    /** Else what lies at the cursor does not count yet, though it is there. */
    public final boolean mayRead() {
        return durability == null || cursor < durable || cursor < (durable = durability.durableAcquire());
    }

    /** Is there something to read for {@link #next}? The condition under which nobody may sleep. */
    public abstract boolean mayProceed();

    public final void advance() {
        previous = cursor;
        cursor = next;
        expected++;
    }

    /** In front of the record that was stepped past last, if nothing was searched since. */
    public final void stepBack() {
        cursor = previous;
        expected--;
    }

    public void moveTo(LogPlace entry) {
        long offset = entry.offset();
        long position = entry.position(); // all calls come first: an error of one moves nothing
        ring = regions.at(offset);
        cursor = offset;
        expected = position;
    }

    public final int region() {
        return ring.region;
    }

    /** Offset after what was handed over. */
    public final long cursor() {
        return cursor;
    }

    public final long expected() {
        return expected;
    }

    /**
     * Is it the next message, whole and in bounds? The way of nearly every word; what else it is
     * {@link #skip} finds out.
     */
    final boolean isNext(long word) {
        int length = RecordHeader.frameLength(word);
        if (!RecordHeader.isData(word, expected)
                || length < RecordHeader.SIZE
                || length > longestFrame
                || length > ring.longestFrame) return false;
        next = cursor + ring.size(length);
        skipped = 0;
        return true;
    }

    /** Steps over a HOP or a kind of record that need not be understood; anything else is damage. */
    final void skip(long word) {
        if (RecordHeader.stamp(word) != Positions.stamp(expected))
            throw new CorruptSegmentException("record at " + cursor + " is not number " + expected);
        next = cursor + ring.advance(word);
        if (RecordHeader.type(word) == RecordHeader.DATA)
            throw new CorruptSegmentException("record " + expected + " of length " + RecordHeader.frameLength(word));
        // Mapped first: if that is refused, the next call tries again from where we are.
        if (RecordHeader.type(word) == RecordHeader.HOP) ring = ring.isOfFiles() ? ring : regions.afterHop(next);
        else if (++skipped > MOST_SKIPPED) throw new CorruptSegmentException("no end of records to skip at " + cursor);
        cursor = next;
    }
}
