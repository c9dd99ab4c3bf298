package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;

/**
 * The oldest intact offset. A publisher that lacks room moves it over whole records, up to the least that a gating
 * subscription still needs, before it overwrites anything; all under both locks. Joiners enter at the gate under the
 * gate lock, so it never passes a cursor that is about to be stored. {@code journal} null: the log is in memory only;
 * else it never passes what is not copied into files.
 */
public record Gate(SegmentHeader header, Regions regions, Holders holders, JournalWords journal) {
    /**
     * Steps are an eighth of the ring: a lock a step, not a record; and bounded, so that
     * {@link Positions#resolve} stays exact.
     */
    private static final int MOST_RECORDS = 1 << 22;

    /** The places that hold it, as {@link Floor} knows them. */
    public interface Holders {
        /** The least offset from {@code gate} on that it may not pass, at most {@code most}. */
        long leastOfRing(long gate, long most, boolean canGrow);
    }

    /** Moves the gate towards room for {@code need} bytes; false: it is held where it is, by {@link Floor#isHeldBy}. */
    public boolean advance(long need, boolean canGrow, Milestones milestones) {
        long from = header.gateAcquire();
        long tail = header.tailAcquire();
        long to = leastNeeded(from, tail, canGrow);
        header.raise(Counter.HIGH_WATER, tail - to);
        Ring current = regions.ring(header.current());
        long step = current.capacity / 8;
        long gate = from;
        long position = header.gatePosAcquire();
        long wanted = Math.max(from + step, tail + need + RecordHeader.SIZE - current.capacity);
        long jump = milestones.between(
                from,
                wanted,
                Math.min(to, wanted + step)); // no farther than a walk: what is older than the gate is lost
        if (jump > 0 && milestones.position(jump) - position <= MOST_RECORDS) {
            gate = jump;
            position = milestones.position(jump);
        }
        Ring ring = regions.at(gate);
        long word = ring.wordAcquire(gate);
        if (gate == from) position = Positions.resolve(RecordHeader.stamp(word), position);
        else requireIs(position, word, gate);
        for (int walked = 0; gate < to; walked++) {
            boolean room = tail + need + RecordHeader.SIZE <= Math.max(gate, current.base) + current.capacity;
            if (walked == MOST_RECORDS || room && gate - from >= step) break;
            if (RecordHeader.isEmpty(word))
                throw new CorruptSegmentException("record at " + gate + " is not number " + position);
            requireIs(position, word, gate);
            gate += ring.advance(word);
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.afterHop(gate);
            if (RecordHeader.type(word) == RecordHeader.DATA) position++;
            word = ring.wordAcquire(gate);
        }
        if (gate == from) return false;
        header.gatePosRelease(
                position); // before the gate: with the stamp at the gate it is exact, whichever of both is seen
        header.gateRelease(gate);
        header.limit(Math.max(gate, current.base) + current.capacity);
        // Gate before overwriting: pairs with the load fence between a reader's copy and its check of the gate.
        header.bytes().fullFence();
        return true;
    }

    private static void requireIs(long position, long word, long offset) {
        if (RecordHeader.stamp(word) != Positions.stamp(position))
            throw new CorruptSegmentException("record at " + offset + " is not number " + position);
    }

    /** Bytes that gating subscriptions need, without any lock: each was right at some moment. */
    public long used() {
        long from = header.gateAcquire();
        long tail = header.tailAcquire();
        return tail - leastNeeded(from, tail, true);
    }

    private long leastNeeded(long from, long tail, boolean canGrow) {
        return holders.leastOfRing(from, journal == null ? tail : Math.min(tail, journal.copiedAcquire()), canGrow);
    }

    /** Is there more to be copied into files, and would the gate have to pass that? */
    public boolean isHeldByJournal() {
        if (journal == null) return false;
        long copied = journal.copiedAcquire();
        return copied < header.tailAcquire() && copied <= header.gateAcquire();
    }

    /**
     * Without any lock, hence a hint that is decided again under them: could a publisher find room
     * now? It could if it fits below the limit, or if the gate could move.
     */
    public boolean mayHaveRoom(long need, boolean canGrow) {
        if (header.tailAcquire() + need + RecordHeader.SIZE <= header.limit()) return true;
        long gate = header.gateAcquire();
        return leastNeeded(gate, header.tailAcquire(), canGrow) > gate;
    }

    /**
     * Where some of the records begin that a writer wrote itself, a few in each lap. The gate jumps from one to the
     * next where it would walk from record to record, through memory that a reader has in its cache. A place that was
     * once the end of the log stays the beginning of a record. Guarded by the publish lock.
     */
    public static final class Milestones {
        /** The gate has to walk. */
        public static final Milestones NONE = new Milestones();

        private static final int A_LAP = 16;
        private static final int KEPT = 2 * A_LAP;

        private final long[] offsets = new long[KEPT];
        private final long[] positions = new long[KEPT];
        private int noted;
        private long next;

        /** The log now ends at {@code tail}, where {@code position} will be. */
        void passed(long tail, long position, long capacity) {
            if (tail >= next) note(tail, position, capacity);
        }

        private void note(long tail, long position, long capacity) {
            int at = noted++ & KEPT - 1;
            offsets[at] = tail;
            positions[at] = position;
            next = tail + capacity / A_LAP;
        }

        /** From here on the end of the log is to be noted again. */
        long next() {
            return next;
        }

        /**
         * Offset of the first one at or above {@code wanted}, else of the last one; above
         * {@code from} and at most {@code most}. -1: there is none.
         */
        long between(long from, long wanted, long most) {
            long found = -1;
            for (long offset : offsets) {
                if (offset <= from || offset > most) continue; // 0: none was noted there yet
                boolean better = found < wanted ? offset > found : offset >= wanted && offset < found;
                if (better) found = offset;
            }
            return found;
        }

        /** The position of the message that begins there. */
        long position(long offset) {
            for (int i = 0; i < KEPT; i++) if (offsets[i] == offset) return positions[i];
            throw new IllegalArgumentException("no milestone at " + offset);
        }
    }
}
