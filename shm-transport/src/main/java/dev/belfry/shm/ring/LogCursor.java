package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.util.Objects;

/**
 * Walks a domain's log by the words of its records, and holds nothing back. It trusts nothing before it has seen that
 * the gate has not passed it, as {@link WindowReader}, but it copies nothing: a user reads in place and then asks
 * {@link #isIntact}. One thread at a time, but for {@link #read}.
 */
public final class LogCursor extends Reader {
    private static final int MOST_STEPS = 1_024;

    private final SegmentHeader header;
    private long found; // the word of the record found

    // The record that was taken last.
    private Ring in;
    private long place;
    private long position;
    private long body;
    private int length;

    private int bells;

    public LogCursor(Regions regions, int longestFrame, SegmentHeader header) {
        super(regions, longestFrame, null);
        this.header = header;
    }

    @Override
    public Found next() {
        while (true) {
            long word = ring.wordAcquire(cursor);
            if (isOverwritten(cursor)) return Found.PASSED;
            if (isNext(word)) {
                if (!RecordHeader.hasKnownFlags(word))
                    throw new NewerRecordException(expected, RecordHeader.flags(word));
                if (!LogRecord.isRecord(word, expected, ring))
                    throw new CorruptSegmentException("record " + expected + " is none of a log");
                found = word;
                return Found.RECORD;
            }
            if (RecordHeader.isEmpty(word)) return Found.NOTHING;
            skip(word);
        }
    }

    /** Steps over the record found, which is the one that is read from now on. */
    public void take() {
        in = ring;
        place = cursor;
        position = expected;
        advance();
        length = RecordHeader.frameLength(found) - LogRecord.FRONT;
        body = in.index(place) + LogRecord.FRONT;
    }

    /** The load fence keeps the reads before it from being done after the check of the gate. */
    private boolean isOverwritten(long offset) {
        SharedBytes.loadFence();
        return header.gateAcquire() > offset;
    }

    // The record that was taken last

    public long place() {
        return place;
    }

    public long position() {
        return position;
    }

    public int length() {
        return length;
    }

    /** Where so many bytes of its body are in {@link #bytes}. */
    public long index(int at, int size) {
        return body + Objects.checkFromIndexSize(at, size, length);
    }

    public SharedBytes bytes() {
        return in.bytes;
    }

    public boolean isIntact() {
        return !isOverwritten(place);
    }

    // Any record, any thread

    /** False: it is gone, or another record is there. */
    public boolean read(long from, long number, int at, byte[] to, int into, int size) {
        if (from < 0 || (from & RecordHeader.SIZE - 1) != 0 || from > header.tailAcquire() || isOverwritten(from))
            return false;
        Ring there = regions.at(from);
        long index = there.index(from);
        long word = there.bytes.getLongAcquire(index);
        if (isOverwritten(from) || !LogRecord.isRecord(word, number, there)) return false;
        Objects.checkFromIndexSize(at, size, RecordHeader.frameLength(word) - LogRecord.FRONT);
        there.bytes.copyOut(index + LogRecord.FRONT + at, to, into, size);
        return !isOverwritten(from);
    }

    /** False: no record of this position can ever have been there. */
    public boolean mayBe(LogPlace place) {
        return place.offset() >= 0
                && (place.isThere(header, regions)
                        || (place.offset() & RecordHeader.SIZE - 1) == 0 && isOverwritten(place.offset()));
    }

    // Waiting

    /**
     * To this offset, up to which another cursor has come; and from now on {@link #mayProceed} listens to these bells.
     * False: the gate has passed it.
     */
    public boolean listen(long offset, int toBells) {
        bells = toBells;
        long hint = header.countAcquire() + 1;
        long word = regions.at(offset).wordAcquire(offset);
        if (isOverwritten(offset)) return false;
        moveTo(new LogPlace(offset, Positions.resolve(RecordHeader.stamp(word), hint)));
        return true;
    }

    /**
     * Is there a record that rings one of the bells, or is it passed? Steps over all others; after {@link #MOST_STEPS}
     * it says yes, so that the caller's clock is read.
     */
    @Override
    public boolean mayProceed() {
        for (int step = 0; step < MOST_STEPS; step++) {
            switch (next()) {
                case NOTHING -> {
                    return false;
                }
                case PASSED -> {
                    return true;
                }
                case RECORD -> {
                    int rings = LogRecord.bells(ring.bytes, ring.index(cursor));
                    if (isOverwritten(cursor) || (rings & bells) != 0) return true;
                    advance();
                }
            }
        }
        return true;
    }
}
