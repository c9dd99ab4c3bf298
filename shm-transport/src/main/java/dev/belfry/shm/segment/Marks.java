package dev.belfry.shm.segment;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.spi.Mark;
import java.util.concurrent.TimeUnit;

/**
 * The marks of a domain's log. Each is a named subscription that gates and that no subscriber ever attaches to; it
 * begins as detached. Any process moves it, under the gate lock; a process that dies has moved it, or has not.
 */
public final class Marks {
    /** At once: so that the stamp at what is stored always finds the position beside it. */
    private static final long MOST_AT_ONCE = 1 << 22;

    private static final int SMALLEST_RECORD = 16;

    /** Others need microseconds; one that is stopped there is not waited for, as callers have locks of their own. */
    private static final long OTHERS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final Joining joining;

    /** One of them: its slot, in this use. */
    public record Named(int slot, long incarnation) {}

    public Marks(Handle handle, Subscriptions subscriptions, Joining joining) {
        this.handle = handle;
        this.header = handle.segment.header;
        this.slots = handle.segment.slots;
        this.subscriptions = subscriptions;
        this.joining = joining;
    }

    /** At the oldest retained if there is none of this name. */
    public Named of(String name) {
        return handle.admin.under(deadline -> {
            int slot = subscriptions.find(name);
            if (slot < 0) slot = create(name, deadline);
            long state = slots.stateAcquire(slot);
            handle.requireAttached();
            return new Named(slot, SlotState.incarnation(state));
        });
    }

    private int create(String name, long deadline) {
        int slot = joining.freeSlot();
        long incarnation = joining.nextIncarnation(slot, slots.stateAcquire(slot), 0);
        long begun = SlotState.of(incarnation, SlotState.JOINING, true, SlowSubscriber.GATE_PUBLISHER, false);
        slots.owner(slot, handle.index, handle.incarnation);
        slots.stateRelease(slot, begun);
        header.bytes().fullFence(); // as in joinNew
        boolean made = false;
        try {
            joining.fill(slot, incarnation, name, AckMode.NONE);
            made = joining.underGateLock(deadline, () -> {
                LogPlace oldest = handle.segment.floor.oldestLocked();
                slots.first(slot, oldest.position());
                slots.ackPosRelease(slot, oldest.position() - 1);
                slots.ackOffRelease(slot, oldest.offset());
                slots.startPosRelease(slot, oldest.position());
                slots.stateRelease(slot, SlotState.withPhase(begun, SlotState.DETACHED)); // last: now it gates
                return true;
            });
            return slot;
        } finally {
            if (!made) slots.compareAndSetState(slot, begun, SlotState.withPhase(begun, SlotState.FREE));
        }
    }

    /** Without any lock: the gate passes what is read here only after the mark has moved. */
    public LogPlace at(Named mark) {
        while (true) {
            long offset = slots.ackOffAcquire(mark.slot);
            long hint = slots.ackPosAcquire(mark.slot) + 1;
            handle.requireAttached();
            long position = handle.segment.readable.positionAt(header, offset, hint);
            SharedBytes.loadFence();
            if (slots.ackOffAcquire(mark.slot) != offset) continue;
            requireThere(mark);
            return LogPlace.checked(header, offset, position);
        }
    }

    private void requireThere(Named mark) {
        long state = slots.stateAcquire(mark.slot);
        handle.requireAttached();
        boolean there = SlotState.incarnation(state) == mark.incarnation
                && SlotState.phase(state) == SlotState.DETACHED
                && !SlotState.has(state, SlotState.ENDED);
        if (!there) throw new CorruptSegmentException("the mark in slot " + mark.slot + " is gone");
    }

    /** Forward, and to a record of this position or the end. */
    public Mark.Advance advance(Named mark, LogPlace to) {
        long deadline = System.nanoTime() + OTHERS_NANOS;
        Mark.Advance done = joining.underGateLock(deadline, () -> moveForward(mark, to), () -> Mark.Advance.BUSY);
        if (done == Mark.Advance.MOVED) handle.changes.wake();
        return done;
    }

    /** Under the gate lock. */
    private Mark.Advance moveForward(Named mark, LogPlace to) {
        LogPlace from = at(mark);
        long records = to.position() - from.position();
        if (records <= 0 || (to.offset() - from.offset()) / SMALLEST_RECORD < records) return Mark.Advance.STAYED;
        if (!to.isThere(header, handle.segment.readable)) return Mark.Advance.STAYED;
        slots.ackPosRelease(mark.slot, from.position() - 1); // or a death between two stores leaves a hint too far off
        for (LogPlace step = from; to.position() - step.position() > MOST_AT_ONCE; ) {
            step = step.after(header, handle.segment.readable, step.position() + MOST_AT_ONCE - 1, -1);
            store(mark.slot, step);
        }
        store(mark.slot, to);
        return Mark.Advance.MOVED;
    }

    /** As an acknowledgement: the position after the offset, with whose stamp it is exact. */
    private void store(int slot, LogPlace place) {
        slots.readPos(slot, place.position() - 1); // first, as of a reader: the doctor knows how far it can be
        slots.ackOffRelease(slot, place.offset());
        slots.ackPosRelease(slot, place.position() - 1);
    }
}
