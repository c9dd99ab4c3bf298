package dev.belfry.shm.ring;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import java.util.function.LongFunction;

/**
 * From where on the log is there: what lies below is gone, and a subscription whose place is there was passed. In
 * memory it is the {@link Gate}. Whether a word of the ring may be overwritten while it is read is another question,
 * which only the gate answers.
 */
public final class Floor {
    private final SegmentHeader header;
    private final Regions regions;
    private final Slots slots;

    public Floor(SegmentHeader header, Regions regions, Slots slots) {
        this.header = header;
        this.regions = regions;
        this.slots = slots;
    }

    /** {@code offset}: read before this call, so that what has moved on since is not found below it. */
    public boolean isGone(long offset) {
        return header.gateAcquire() > offset;
    }

    /** Whether the place of this slot is gone. */
    public boolean hasPassed(int slot) {
        return header.gateAcquire() > slots.ackOffAcquire(slot); // in this order: both only move on
    }

    /** Does this slot keep it where it is? */
    public boolean isHeldBy(int slot, boolean canGrow) {
        return SlotState.gates(slots.stateAcquire(slot), canGrow) && slots.ackOffAcquire(slot) == header.gateAcquire();
    }

    /** The oldest retained, without any lock. */
    public LogPlace oldest() {
        return LogPlace.oldest(header, regions);
    }

    /** The same, by the holder of the gate lock. */
    public LogPlace oldestLocked() {
        return LogPlace.oldestLocked(header, regions);
    }

    /**
     * The first record retained whose timestamp is at or after {@code millis}, or else where the log ends. It walks,
     * without any lock, and begins again if it was passed: so it may be gone by now. {@code undated}: for a record
     * before it that has no timestamp.
     */
    public LogPlace atTime(long millis, LongFunction<RuntimeException> undated) {
        LogPlace found;
        do found = oldest().atTime(header, regions, millis, undated);
        while (found == null);
        return found;
    }
}
