package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.util.function.LongConsumer;

/**
 * Reads what the words of a damaged ring prove. It has no checksums: a message counts if the word of the next one
 * stands where its length says; behind damage, if that holds for a row of them. Takes no lock, as {@link LogCheck}.
 */
public record RingSalvage(SegmentHeader header, Regions regions, long longestFrame) {
    /** Told what is found, in the order of the log. */
    public interface Found {
        /** Copies it, and returns what hands it out; null: it cannot be a message. */
        Runnable message(Record found);

        /** Nothing of these messages is proven, none if {@code last} is below {@code first}, nor of these bytes. */
        void gap(long first, long last, long offset, long bytes);
    }

    private static final int ROW = 8;
    private static final int MOST_STEPS = 1 << 10;

    /** {@code told} gets how many bytes are read. */
    public void run(Found found, LongConsumer told) {
        long tail = header.tailAcquire();
        long begin = header.gateAcquire();
        LogPlace at = new LogPlace(begin, header.gatePosAcquire()); // perhaps of a message behind it
        try {
            LogPlace first = search(begin, at.position(), 1, tail);
            if (first != null && first.offset() == begin) at = first;
            else if (begin == 0) at = new LogPlace(begin, 1);
            // A publisher that died after its commit has not moved the tail.
            while (at != null && (at.offset() < tail || after(at) != null)) {
                told.accept(at.offset() - begin);
                at = step(at, tail, found);
            }
        } catch (InternalError cutShort) { // the rest of its file is not there
            gap(at, null, tail, found);
        }
    }

    /** Hands out what is there, or tells of a gap. Returns what comes then; null: no more is proven. */
    private LogPlace step(LogPlace at, long tail, Found found) {
        LogPlace next = after(at);
        boolean isMessage = next != null && next.position() > at.position();
        Runnable message = isMessage ? copy(at, found) : null;
        SharedBytes.loadFence(); // as a reader that the gate may pass
        long gate = header.gateAcquire();
        if (gate <= at.offset() && isMessage && message == null) { // a later release's, or damaged: it alone
            gap(at, next, tail, found);
            return next;
        }
        if (gate > at.offset() || next == null) {
            LogPlace to = search(Math.max(gate, at.offset() + RecordHeader.SIZE), at.position(), at.position(), tail);
            gap(at, to, tail, found);
            return to;
        }
        if (isMessage) message.run();
        return next;
    }

    private Runnable copy(LogPlace at, Found found) {
        Ring ring = regions.at(at.offset());
        Record record = new Record();
        try {
            record.inPlace(ring, ring.index(at.offset()), ring.wordAcquire(at.offset()), at.position());
        } catch (CorruptSegmentException malformed) {
            return null;
        }
        return found.message(record);
    }

    private void gap(LogPlace from, LogPlace to, long tail, Found found) {
        long last = to == null ? header.countAcquire() : to.position() - 1;
        long end = to == null ? tail : to.offset();
        found.gap(from.position(), last, from.offset(), Math.max(0, end - from.offset()));
    }

    /** Where the log goes on after the message with this position, or a HOP before it; null: neither is there. */
    private LogPlace after(LogPlace at) {
        Ring ring = regions.at(at.offset());
        long word = ring.wordAcquire(at.offset());
        if (word == RecordHeader.hop(at.position())) {
            LogPlace next = new LogPlace(at.offset() + RecordHeader.SIZE, at.position());
            return regions.at(next.offset()).base == next.offset() && isNext(next) ? next : null;
        }
        int frame = RecordHeader.frameLength(word);
        boolean isMessage = RecordHeader.isData(word, at.position());
        if (!isMessage && !isSkippable(word, at)
                || frame < RecordHeader.SIZE
                || frame > Math.min(longestFrame, ring.longestFrame)) return null;
        LogPlace next = new LogPlace(at.offset() + ring.size(frame), at.position() + (isMessage ? 1 : 0));
        return isNext(next) ? next : null;
    }

    /** Tells whether readers pass over it. */
    private static boolean isSkippable(long word, LogPlace at) {
        return RecordHeader.isSkippable(word) && RecordHeader.stamp(word) == Positions.stamp(at.position());
    }

    private boolean isNext(LogPlace place) {
        long word = regions.at(place.offset()).wordAcquire(place.offset());
        return RecordHeader.stamp(word) == Positions.stamp(place.position());
    }

    private LogPlace search(long from, long hint, long least, long tail) {
        for (long at = from; at < tail; at += RecordHeader.SIZE) {
            long word = regions.at(at).wordAcquire(at);
            LogPlace place = new LogPlace(at, Positions.resolve(RecordHeader.stamp(word), hint));
            if (place.position() >= least && isRow(place, tail)) return place;
        }
        return null;
    }

    /** A row of messages: a body may repeat a word that could begin a record of a later type, which proves nothing. */
    private boolean isRow(LogPlace first, long tail) {
        LogPlace at = first;
        for (int steps = 0; at != null && at.offset() < tail && at.position() < first.position() + ROW; steps++)
            at = steps < MOST_STEPS ? after(at) : null;
        return at != null;
    }
}
