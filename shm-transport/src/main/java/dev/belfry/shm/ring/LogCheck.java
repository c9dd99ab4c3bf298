package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Reads the whole log from its gate to its end, word by word, and compares each with what other
 * words of the segment say. It changes nothing and takes no lock: others may publish and move the
 * gate meanwhile. A word that cannot be right is a CorruptSegmentException.
 */
public record LogCheck(SegmentHeader header, Regions regions, long longestFrame) {
    private static final int MOST_TRIES = 1000;
    private static final long TOLD_EACH = 1 << 20;

    /** Compares the words at the gate and at the tail with those in the header about them. */
    public void ends() {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            long hint = header.gatePosAcquire();
            long gate = header.gateAcquire();
            long tail = header.tailAcquire();
            long count = header.countAcquire();
            long limit = header.limit();
            Ring current = regions.ring(header.current());
            long atGate = regions.at(gate).wordAcquire(gate);
            long atTail = regions.at(tail).wordAcquire(tail);
            SharedBytes.loadFence();
            boolean still = header.gateAcquire() == gate
                    && header.gatePosAcquire() == hint
                    && header.tailAcquire() == tail
                    && header.countAcquire() == count
                    && header.limit() == limit;
            if (!still) continue;
            if (gate > tail) throw new CorruptSegmentException("the gate is at " + gate + ", the log ends at " + tail);
            long oldest = Positions.resolve(RecordHeader.stamp(atGate), hint);
            long next = Positions.resolve(RecordHeader.stamp(atTail), count + 1);
            // A publisher counts its messages before it moves the tail.
            boolean counted = next <= count && next > count - LogBatch.MOST_RECORDS && !RecordHeader.isEmpty(atTail);
            if (next != count + 1 && !counted)
                throw new CorruptSegmentException(
                        count + " messages are counted, and number " + next + " is at the end of the log");
            // The position at the gate is stored before the gate: it is never below it.
            if (hint < oldest && gate != 0)
                throw new CorruptSegmentException("message " + oldest + " is at the gate, which is said to be " + hint);
            if (oldest < 1 || oldest > next || next - oldest > (tail - gate) / RecordHeader.SIZE)
                throw new CorruptSegmentException("from message " + oldest + " to " + next + " in " + (tail - gate)
                        + " bytes between gate and tail");
            long most = Math.max(gate, current.base) + current.capacity;
            if (limit > most || limit < tail + RecordHeader.SIZE)
                throw new CorruptSegmentException("the limit is " + limit + ", not up to " + most);
            return;
        }
    }

    /**
     * All words. For each offset asked for, the position of the message that is there or comes
     * there. An offset without one is between messages, or below the gate. Null: the gate has
     * passed us, begin again. {@code told} gets how many bytes are read.
     */
    public Map<Long, Long> walk(Set<Long> asked, LongConsumer told) {
        Map<Long, Long> found = new HashMap<>();
        long hint = header.gatePosAcquire();
        long offset = header.gateAcquire();
        long begin = offset;
        long toTell = begin + TOLD_EACH;
        long tail = header.tailAcquire();
        if (offset > tail) throw new CorruptSegmentException("the gate is at " + offset + ", the log ends at " + tail);
        Ring ring = regions.at(offset);
        long position = Positions.resolve(RecordHeader.stamp(ring.wordAcquire(offset)), hint);
        while (true) {
            long word = ring.wordAcquire(offset);
            SharedBytes.loadFence();
            if (header.gateAcquire() > offset) return null;
            if (RecordHeader.stamp(word) != Positions.stamp(position))
                throw new CorruptSegmentException("record at " + offset + " is not number " + position);
            if (asked.contains(offset)) found.put(offset, position);
            if (offset >= tail) {
                addAfterTheTail(offset, word, ring, position, asked, found);
                break;
            }
            if (RecordHeader.isEmpty(word))
                throw new CorruptSegmentException(
                        "there is no message at " + offset + ", and the log goes on to " + tail);
            long next = after(offset, word, ring, tail);
            if (!endsRight(word, ring, position, next, tail)) {
                if (header.gateAcquire() > offset) return null; // another lap's, then
                throw new CorruptSegmentException("record at " + offset + " ends in another's trailer");
            }
            offset = next;
            if (offset >= toTell) {
                told.accept(offset - begin);
                toTell = offset + TOLD_EACH;
            }
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.afterHop(offset);
            if (RecordHeader.type(word) == RecordHeader.DATA) position++;
        }
        return found;
    }

    /**
     * A publisher that died after its commit has not moved the tail. Its message, or its batch, is
     * there all the same: readers read it, and go on after it. Returns the number of the message that comes next.
     */
    private long addAfterTheTail(
            long tail, long word, Ring ring, long position, Set<Long> asked, Map<Long, Long> found) {
        long most = tail + ring.capacity;
        for (long offset = tail; !RecordHeader.isEmpty(word) && offset < most; ) {
            offset += ring.advance(word);
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.afterHop(offset);
            if (RecordHeader.type(word) == RecordHeader.DATA) position++;
            if (asked.contains(offset)) found.put(offset, position);
            word = ring.wordAcquire(offset);
            SharedBytes.loadFence();
            // Others publish meanwhile, and may have come round.
            if (header.gateAcquire() > offset || RecordHeader.stamp(word) != Positions.stamp(position)) break;
        }
        return position;
    }

    /**
     * The number of the newest message, also of one, or of a batch, that its publisher has not
     * counted yet, or will never count because it died.
     */
    public long newest() {
        long tail = header.tailAcquire();
        long count = header.countAcquire();
        Ring ring = regions.at(tail);
        long word = ring.wordAcquire(tail);
        SharedBytes.loadFence();
        if (header.gateAcquire() > tail) return header.countAcquire(); // the log has come round: no word of this end
        long next = Positions.resolve(RecordHeader.stamp(word), count + 1);
        long end = addAfterTheTail(tail, word, ring, next, Set.of(), new HashMap<>());
        return Math.max(header.countAcquire(), end - 1);
    }

    private long after(long offset, long word, Ring ring, long tail) {
        long next = offset + ring.advance(word);
        if (next > tail)
            throw new CorruptSegmentException("record at " + offset + " ends at " + next + ", the log at " + tail);
        boolean hop = RecordHeader.type(word) == RecordHeader.HOP;
        boolean newer =
                !hop && header.ignoredFeatures() != 0; // with one of these a later release may write such records
        boolean known = hop
                ? RecordHeader.flags(word) == 0
                : RecordHeader.type(word) == RecordHeader.DATA && RecordHeader.hasKnownFlags(word);
        if (!newer && !known)
            throw new CorruptSegmentException("record at " + offset + " of type " + RecordHeader.type(word)
                    + " with flags " + RecordHeader.flags(word));
        if (RecordHeader.frameLength(word) > longestFrame)
            throw new CorruptSegmentException("record at " + offset + " of length " + RecordHeader.frameLength(word));
        return next;
    }

    /** No batch ends at the tail that has more. */
    private static boolean endsRight(long word, Ring ring, long position, long next, long tail) {
        if (!RecordHeader.hasTrailer(ring.pad) || RecordHeader.type(word) == RecordHeader.HOP) return true;
        long trailer = ring.wordAcquire(next - RecordTrailer.SIZE);
        SharedBytes.loadFence();
        return RecordTrailer.isOf(trailer, position) && !(next == tail && RecordTrailer.isMore(trailer));
    }

    /** Each older region ends in a HOP to the next, for ever. */
    public void hops() {
        int current = header.current();
        for (int r = 1; r <= current; r++) {
            Ring next = regions.ring(r);
            long offset = next.base - RecordHeader.SIZE;
            if (offset < 0) throw new CorruptSegmentException("region " + r + " begins at offset " + next.base);
            long word = regions.ring(r - 1).wordAcquire(offset);
            if (RecordHeader.type(word) != RecordHeader.HOP || RecordHeader.frameLength(word) != RecordHeader.SIZE)
                throw new CorruptSegmentException("no HOP at " + offset + ", before region " + r);
        }
    }
}
