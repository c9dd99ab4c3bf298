package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.util.function.LongFunction;

/** A place in the log where a reader may begin: an offset, and the position of the message that is there or will be. */
public record LogPlace(long offset, long position) {
    private static final int MOST_TRIES = 1 << 20;
    private static final int MOST_SKIPPED = 1 << 16;
    private static final long FARTHEST = 1L << 25; // in bytes: fewer than 2^23 records, so that resolve is exact

    /** A number that the log can have come to: the count may be too low, but by no more than a stamp can tell. */
    public static LogPlace checked(SegmentHeader header, long offset, long position) {
        if (position < 1 || position - header.countAcquire() > Positions.NEAR)
            throw new CorruptSegmentException("message " + position + " at " + offset);
        return new LogPlace(offset, position);
    }

    /**
     * Where a subscription continues: at an intact offset, whose record says its position, or whose stamp says which of
     * the numbers near {@code hint} it is.
     */
    public static LogPlace at(SegmentHeader header, Regions regions, long offset, long hint) {
        return checked(header, offset, regions.positionAt(header, offset, hint));
    }

    /** The oldest retained, by the holder of the gate lock: the gate stands still, so what is there is intact. */
    public static LogPlace oldestLocked(SegmentHeader header, Regions regions) {
        long offset = header.gateAcquire();
        return checked(header, offset, regions.positionAt(header, offset, header.gatePosAcquire()));
    }

    /** The oldest retained, without any lock: believed only if the gate had not passed it when its word was read. */
    public static LogPlace oldest(SegmentHeader header, Regions regions) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            long hint = header.gatePosAcquire();
            long offset = header.gateAcquire();
            long position = regions.positionAt(header, offset, hint);
            SharedBytes.loadFence();
            if (header.gateAcquire() > offset || header.gatePosAcquire() != hint) continue;
            return checked(header, offset, position);
        }
        throw new CorruptSegmentException("the gate never stands still");
    }

    /** After the newest record, without any lock. */
    public static LogPlace newest(SegmentHeader header, Regions regions) {
        return newest(header, regions, false);
    }

    /** The same, by the holder of the gate lock. */
    public static LogPlace newestLocked(SegmentHeader header, Regions regions) {
        return newest(header, regions, true);
    }

    /**
     * Exact whether or not a record lies there by now, also after a publisher that died before it
     * moved the tail. Without the gate lock the word may be a later lap's: then it is read again.
     */
    private static LogPlace newest(SegmentHeader header, Regions regions, boolean gateLocked) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            long offset = header.tailAcquire();
            long count = header.countAcquire();
            long position = regions.positionAt(header, offset, count + 1);
            boolean far = header.tailAcquire() - offset >= FARTHEST;
            if (!gateLocked) {
                SharedBytes.loadFence();
                if (header.gateAcquire() > offset) continue;
            }
            if (!far) return checked(header, offset, position);
        }
        throw new CorruptSegmentException("the tail never stands still");
    }

    /**
     * Whether each record that a reader could see before this call lies below the tail from now on. A publisher may
     * have died, or stand, between the word of a record and the tail.
     */
    public static boolean isTailTheEnd(SegmentHeader header, Regions regions) {
        long tail = header.tailAcquire();
        return RecordHeader.isEmpty(regions.at(tail).wordAcquire(tail)) || header.tailAcquire() != tail;
    }

    /**
     * Whether a record of a domain's log begins here that has this position, or the log ends here. By the holder of
     * the gate lock, and not below the gate.
     */
    public boolean isThere(SegmentHeader header, Regions regions) {
        long tail = header.tailAcquire();
        if (offset > tail || (offset & RecordHeader.SIZE - 1) != 0) return false;
        Ring ring = regions.at(offset);
        long word = ring.wordAcquire(offset);
        if (word == RecordHeader.empty(position)) return offset == tail;
        if (RecordHeader.isData(word, position) && !RecordHeader.hasKnownFlags(word)) return true; // a later release's
        return word == RecordHeader.hop(position) || LogRecord.isRecord(word, position, ring);
    }

    /**
     * The place after {@code position}, for an acknowledgement of it: found by walking header words from here, which is
     * at or before it. {@code neededFrom}: an offset that the gate must not have passed, asked for after each word;
     * then null. -1: it cannot be passed. MAX: each word's own offset.
     */
    public LogPlace after(SegmentHeader header, Regions regions, long position, long neededFrom) {
        long offset = this.offset;
        Ring ring = regions.at(offset);
        int skipped = 0;
        for (long next = this.position; next <= position; ) {
            long word = ring.wordAcquire(offset);
            if (neededFrom >= 0) {
                SharedBytes.loadFence();
                if (header.gateAcquire() > Math.min(neededFrom, offset)) return null;
            }
            if (RecordHeader.isEmpty(word)) throw new CorruptSegmentException("no record " + next + " at " + offset);
            offset += ring.advance(word);
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.afterHop(offset);
            if (RecordHeader.type(word) == RecordHeader.DATA) {
                next++;
                skipped = 0;
            } else if (++skipped > MOST_SKIPPED) throw new CorruptSegmentException("no record " + next);
        }
        return new LogPlace(offset, position + 1);
    }

    /**
     * The first record from here on whose timestamp is at or after {@code millis}, or else where the log ends. Without
     * any lock: null if the gate has passed the walk. {@code undated}: for a record before it that has none; that of a
     * later release is passed over.
     */
    LogPlace atTime(SegmentHeader header, Regions regions, long millis, LongFunction<RuntimeException> undated) {
        long offset = this.offset;
        long next = position;
        Ring ring = regions.at(offset);
        for (int skipped = 0; skipped <= MOST_SKIPPED; ) {
            long word = ring.wordAcquire(offset);
            long timestamp = ring.timestamp(offset, word);
            SharedBytes.loadFence(); // both are believed only if the gate had not passed them
            if (header.gateAcquire() > offset) return null;
            if (RecordHeader.stamp(word) != Positions.stamp(next))
                throw new CorruptSegmentException("no record " + next);
            if (RecordHeader.isEmpty(word)) return new LogPlace(offset, next);
            if (RecordHeader.type(word) == RecordHeader.DATA) {
                if (timestamp == 0 && RecordHeader.hasKnownFlags(word)) throw undated.apply(next);
                if (timestamp >= millis) return new LogPlace(offset, next);
                next++;
                skipped = 0;
            } else skipped++;
            offset += ring.advance(word);
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.afterHop(offset);
        }
        throw new CorruptSegmentException("no record " + next);
    }
}
