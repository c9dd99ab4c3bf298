package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.util.function.LongSupplier;

/**
 * Reads for a subscriber that the gate may pass: OVERRUN, observers, DISCONNECT, and every
 * subscriber where {@code maxGateTime} is set. It trusts nothing, not even that there is no record,
 * before it has seen that the gate has not passed it: it copies first, checks the gate afterwards,
 * and hands over the copy.
 */
public class PassableReader extends Reader {
    private final SegmentHeader header;
    private final LongSupplier needed;

    /**
     * {@code needed}: the offset that the gate must not pass; for OVERRUN the cursor itself, for
     * the others what they acknowledged.
     */
    public PassableReader(Regions regions, int longestFrame, SegmentHeader header, LongSupplier needed) {
        super(regions, longestFrame);
        this.header = header;
        this.needed = needed == null ? () -> cursor : needed;
    }

    @Override
    public final Found next() {
        while (true) {
            if (!mayRead()) return isPassed() ? Found.PASSED : Found.NOTHING;
            long index = ring.index(cursor);
            long word = ring.bytes.getLongAcquire(index);
            if (isPassed()) return Found.PASSED;
            if (isNext(word)) {
                record.takeCopy(ring, index, word);
                if (isPassed()) return Found.PASSED;
                record.copied(word, expected);
                return Found.RECORD;
            }
            if (RecordHeader.isEmpty(word)) return Found.NOTHING;
            skip(word);
        }
    }

    /**
     * The load fence keeps the reads before it from being done after the check of the gate; pairs
     * with the full fence in Gate.
     */
    public final boolean isPassed() {
        SharedBytes.loadFence();
        return header.gateAcquire() > needed.getAsLong();
    }

    @Override
    public final boolean mayProceed() {
        return mayRead() && !RecordHeader.isEmpty(ring.wordAcquire(cursor)) || isPassed();
    }
}
