package dev.belfry.shm.ring;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import java.util.function.LongFunction;

/**
 * From where on the log is there: what lies below is gone, and a subscription whose place is there was passed. Whether
 * a word of the ring may be overwritten while it is read is another question, which only the {@link Gate} answers.
 * Where the log is in memory alone, or what is read lies in no file, both are one: this class. Else it is
 * {@link FloorOnDisk}.
 */
public class Floor implements Gate.Holders {
    final SegmentHeader header;
    final Regions regions;
    final Slots slots;

    public Floor(SegmentHeader header, Regions regions, Slots slots) {
        this.header = header;
        this.regions = regions;
        this.slots = slots;
    }

    /** With what it reads in. */
    public void close() {}

    /** All that lies below this offset is gone. */
    public long offset() {
        return header.gateAcquire();
    }

    /** {@code offset}: read before this call, so that what has moved on since is not found below it. */
    public final boolean isBelowFloor(long offset) {
        return offset() > offset;
    }

    /** Whether what the place of this slot needs is gone. */
    public final boolean isSlotBelowFloor(int slot) {
        return offset() > slots.ackOffAcquire(slot); // in this order: both only move on
    }

    @Override
    public long leastOfRing(long gate, long most, boolean canGrow) {
        return leastNeeded(gate, most, canGrow);
    }

    /** The least place from {@code from} on of those that hold publishers up; at most {@code most}. */
    final long leastNeeded(long from, long most, boolean canGrow) {
        long least = most;
        int highMark = header.highMarkAcquire(slots.count());
        for (int slot = 0; slot < highMark; slot++) {
            if (!SlotState.gates(slots.stateAcquire(slot), canGrow)) continue;
            long needed = slots.ackOffAcquire(slot);
            if (needed >= from && needed < least)
                least = needed; // below the gate: passed already, it must never hold it again
        }
        return least;
    }

    /** Does this slot keep it where it is? */
    public boolean isHeldBy(int slot, boolean canGrow) {
        return SlotState.gates(slots.stateAcquire(slot), canGrow) && slots.ackOffAcquire(slot) == header.gateAcquire();
    }

    /** The slot that keeps it where it is, -1 if none is found. */
    public final int holder() {
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) if (isHeldBy(j, false)) return j;
        return -1;
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
     * Finds the newest message, where one that was overrun may go on, without any lock. To it one has to walk. If the
     * gate passes that walk, the next message is new enough.
     */
    public final LogPlace newestMessage() {
        LogPlace oldest = LogPlace.oldest(header, regions);
        long newest = header.countAcquire();
        if (newest < oldest.position()) return newestBelow(newest, oldest);
        if (newest == oldest.position()) return oldest;
        LogPlace found = oldest.after(header, regions, newest - 1, Long.MAX_VALUE);
        return found != null ? found : LogPlace.newest(header, regions);
    }

    /** Finds it in the files: in a new life the ring has none yet. */
    private LogPlace newestBelow(long newest, LogPlace next) {
        LogPlace kept = oldest();
        if (kept.position() > newest) return next;
        LogPlace found = kept.position() == newest ? kept : after(kept, newest - 1, Long.MAX_VALUE);
        return found != null ? found : next;
    }

    /** Its position, for people. */
    public long oldestPosition() {
        return oldest().position();
    }

    /** As {@link LogPlace#at}, by the holder of the gate lock, and at what is not gone. */
    public LogPlace at(long offset, long hint) {
        return LogPlace.at(header, regions, offset, hint);
    }

    /** As {@link LogPlace#after}, from a place on that is at or before it. */
    public final LogPlace after(LogPlace from, long position, long neededFrom) {
        return after(from, position, neededFrom, null);
    }

    /**
     * Finds the same place for a caller that asks again and again, such as one that acknowledges each message: the
     * {@code walker} is its own, from {@link #walker}, and goes on where it was. One thread at a time.
     */
    public LogPlace after(LogPlace from, long position, long neededFrom, WindowReader walker) {
        return from.after(header, regions, position, neededFrom);
    }

    /** @return a reader for {@link #after}, or null if none is needed */
    public WindowReader walker() {
        return null;
    }

    /**
     * The first record retained whose timestamp is at or after {@code millis}, or else where the log ends. It walks,
     * without any lock, and begins again if it was passed: so it may be gone by now. {@code undated}: for a record
     * before it that has no timestamp.
     */
    public final LogPlace atTime(long millis, LongFunction<RuntimeException> undated) {
        LogPlace found;
        do found = atTimeFrom(oldest(), millis, undated);
        while (found == null);
        return found;
    }

    LogPlace atTimeFrom(LogPlace from, long millis, LongFunction<RuntimeException> undated) {
        return from.atTime(header, regions, millis, undated);
    }
}
