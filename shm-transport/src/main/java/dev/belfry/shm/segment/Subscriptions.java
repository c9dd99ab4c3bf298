package dev.belfry.shm.segment;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Policy;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.spi.Errors;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of subscriptions: leaving, ending, jumping over what is lost, reclaiming slots of dead
 * processes. For their beginning see {@link Joining}.
 */
public final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);

    private final Handle handle;
    private final Segment segment;
    private final SegmentHeader header;
    private final Slots slots;

    public Subscriptions(Handle handle) {
        this.handle = handle;
        this.segment = handle.segment;
        this.header = segment.header;
        this.slots = segment.slots;
    }

    int find(String name) {
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j);
            slots.requirePossible(j, state); // or an existing name is not found, and begins again
            boolean named = SlotState.isSubscription(state)
                    && SlotState.has(state, SlotState.NAMED)
                    && !SlotState.isNewer(state); // that has names of its own
            if (named && name.equals(slots.checkedName(j))) return j;
        }
        return -1;
    }

    RuntimeException inUse(int slot, String name) {
        return Errors.subscriptionInUse(name, handle.describe(Slots.ownerHandle(slots.owner(slot))));
    }

    /**
     * A jump of OVERRUN, by the slot's owner or a process that attaches again. A crash in the
     * middle leaves ackOff below the gate, and the next one jumps again.
     */
    public void jump(int slot, LogPlace entry, long lost) {
        slots.lostRelease(slot, slots.lostAcquire(slot) + Math.max(0, lost));
        slots.startPosRelease(slot, entry.position()); // first: it no longer counts for what it skipped
        slots.ackPosRelease(slot, entry.position() - 1);
        slots.ackOffRelease(slot, entry.offset());
        Machine.events().overran(segment.queue, slot, lost);
        handle.note(() -> LOG.debug("{}: slot {} was overrun, {} message(s) lost", segment.name, slot, lost));
    }

    /** For its subscriber. */
    public RuntimeException ended(int slot, String name) {
        return ended(slot, name, slots.position(slot));
    }

    /** {@code position}: what its subscriber has, or what is acknowledged if none is attached. */
    RuntimeException ended(int slot, String name, long position) {
        handle.requireAttached();
        long state = slots.stateAcquire(slot);
        slots.requirePossible(slot, state);
        boolean mayEnd =
                SlotState.policy(state).within(segment.creation.maxGateNanos()).mayBePassed();
        if (!mayEnd && Policy.isKnown(SlotState.policyCode(state)))
            throw new CorruptSegmentException(
                    "slot " + slot + " was ended or passed, which cannot happen to one that gates");
        return Errors.disconnected(
                handle.queueUri(),
                name,
                position,
                Math.max(0, header.countAcquire() - position),
                "it held up publishers of a full queue, and its policy or maxGateTime ends it then");
    }

    /**
     * The number of messages that an ended one was not given, and will never be. It may not have
     * noticed yet that it was passed.
     */
    public long lostByItsEnd(int slot) {
        return lostByItsEnd(segment, slot);
    }

    static long lostByItsEnd(Segment segment, int slot) {
        Slots slots = segment.slots;
        if (!hasEnded(segment, slot, slots.stateAcquire(slot))) return 0;
        return Math.max(0, segment.header.countAcquire() - Math.max(slots.readPos(slot), slots.ackPosAcquire(slot)));
    }

    // The end of one

    /** Marked as that, or passed: what finds it next marks it, but no process may be attached to it. */
    public static boolean hasEnded(Segment segment, int slot, long state) {
        return SlotState.has(state, SlotState.ENDED)
                || !SlotState.policy(state).jumps() && segment.floor.isSlotBelowFloor(slot);
    }

    /** For a new subscription at a position that it walked to: from now on it counts. */
    public void started(int slot) {
        update(slot, s -> s & ~SlotState.STARTING);
    }

    /** It cannot continue, ever. */
    public void end(int slot, long incarnation) {
        long before = update(slot, s -> SlotState.incarnation(s) == incarnation ? s | SlotState.ENDED : s);
        if (SlotState.has(before, SlotState.ENDED)) return;
        header.add(Counter.ENDED);
        noteEnded(slot);
        handle.tell();
    }

    public boolean isEnded(int slot) {
        return SlotState.has(slots.stateAcquire(slot), SlotState.ENDED);
    }

    public void noteEnded(int slot) {
        String who = describe(slot);
        Machine.events().evicted(segment.queue, who);
        handle.note(() -> LOG.warn("{}: disconnected the subscriber {}", segment.name, who));
    }

    /** The owner is about to leave, because its listener failed at this message. */
    public void stopped(int slot, long incarnation, long position) {
        if (SlotState.incarnation(slots.stateAcquire(slot)) != incarnation) return;
        slots.stopped(slot, position);
        header.add(Counter.STOPPED);
    }

    /** The owner leaves; a named one keeps its place. No lock. */
    public void leave(int slot, long incarnation) {
        leave(slot, incarnation, true);
    }

    private void leave(int slot, long incarnation, boolean mayKeep) {
        long state = slots.stateAcquire(slot);
        if (SlotState.incarnation(state) == incarnation && SlotState.phase(state) != SlotState.FREE) {
            handle.sleepers.withdraw(slot); // first: once the slot is free, the bit may be another's
            boolean keeps =
                    mayKeep && SlotState.has(state, SlotState.NAMED) && !SlotState.has(state, SlotState.STARTING);
            if (keeps) slots.aloneSince(slot, incarnation, System.currentTimeMillis());
            else slots.left(slot, header.nextLeaver());
            update(slot, s -> SlotState.withPhase(s, keeps ? SlotState.DETACHED : SlotState.FREE));
        }
        handle.changes.wake();
        handle.semaphores.unlink(slot, incarnation);
    }

    /** No subscriber was made of it. If it was attached again, only its owner changes, and it is a dead one's. */
    public void vacate(Seat seat) {
        int slot = seat.slot;
        if (slot < 0) return;
        long state = slots.stateAcquire(slot);
        int phase = SlotState.phase(state);
        boolean fresh = SlotState.incarnation(state) == seat.incarnation;
        if (handle.isOurs(slots.owner(slot))) {
            if (phase == SlotState.JOINING && fresh)
                slots.compareAndSetState(
                        slot, state, SlotState.withPhase(state, SlotState.FREE) & ~SlotState.ACKNOWLEDGING);
            else if (phase == SlotState.ACTIVE && fresh) // nobody was told of a new one, even if it has a name
            leave(slot, seat.incarnation, slots.birth(slot) != seat.incarnation);
            else if (phase == SlotState.ACTIVE && SlotState.incarnation(state) < seat.incarnation)
                slots.compareAndSetState(slot, state, SlotState.withPhase(state, SlotState.DETACHED));
        }
        if (seat.semaphore != null) handle.semaphores.discard(seat.semaphore);
        handle.semaphores.unlink(slot, seat.incarnation);
        seat.slot = -1; // last: done again by the next one if an error ends it halfway
    }

    /** By the watch: a process that was killed cannot store since when its subscription has been alone. */
    public void noteThoseAlone() {
        if (segment.creation.isDomain() || segment.isCovered()) return; // to a mark no process attaches
        try {
            int highMark = header.highMarkAcquire(slots.count());
            for (int slot = 0; slot < highMark; slot++) noteIfAlone(slot);
        } catch (CorruptSegmentException damage) {
            // This decides nothing, so it is not what reports that.
        }
    }

    private void noteIfAlone(int slot) {
        long state = slots.stateAcquire(slot);
        if (SlotState.phase(state) != SlotState.ACTIVE || !SlotState.has(state, SlotState.NAMED)) return;
        if (SlotState.isNewer(state)) return;
        long incarnation = SlotState.incarnation(state);
        if (slots.aloneSince(slot, incarnation) == 0 && handle.isDeadOwner(slots.owner(slot)))
            slots.aloneSince(slot, incarnation, System.currentTimeMillis());
    }

    /** A new one whose subscriber has left, as it cannot stay; unless a process has attached to it since. */
    public void takeBack(Seat seat) {
        int slot = seat.slot;
        long state = slots.stateAcquire(slot);
        boolean isNew = SlotState.incarnation(state) == seat.incarnation && slots.birth(slot) == seat.incarnation;
        if (!isNew || SlotState.phase(state) != SlotState.DETACHED) return;
        slots.left(slot, header.nextLeaver());
        slots.compareAndSetState(slot, state, SlotState.withPhase(state, SlotState.FREE));
        handle.changes.wake();
    }

    /** Tells whether there is one of this name. Refused if a process is attached to it. */
    public boolean hasUnused(String name) {
        return handle.admin.under(deadline -> {
            int slot = find(name);
            if (slot >= 0) requireUnused(slot, name);
            handle.requireAttached();
            return slot >= 0;
        });
    }

    private void requireUnused(int slot, String name) {
        boolean isActive = SlotState.phase(slots.stateAcquire(slot)) == SlotState.ACTIVE;
        if (isActive && !handle.isDeadOwner(slots.owner(slot))) throw inUse(slot, name);
    }

    public boolean unsubscribe(String name) {
        return handle.admin.under(deadline -> {
            int slot = find(name);
            if (slot >= 0) {
                requireUnused(slot, name);
                slots.left(slot, header.nextLeaver());
                update(slot, s -> SlotState.withPhase(s, SlotState.FREE));
                handle.semaphores.unlink(slot, slots.semInc(slot));
                handle.changes.wake();
            }
            handle.requireAttached();
            return slot >= 0;
        });
    }

    /**
     * Frees the slot if its owner is dead and no process can come back to it. Needs no lock: the
     * CAS names incarnation, flags and phase.
     */
    public boolean reclaim(int slot) {
        long state = slots.stateAcquire(slot);
        return reclaim(slot, state, slots.owner(slot));
    }

    /** Whether it ends with its owner. */
    public static boolean isTemporary(long state) {
        if (SlotState.isNewer(state)) return false; // a process that knows it ends it
        int phase = SlotState.phase(state);
        return phase == SlotState.JOINING
                || phase == SlotState.ACTIVE
                        && (!SlotState.has(state, SlotState.NAMED) || SlotState.has(state, SlotState.STARTING));
    }

    public boolean reclaim(int slot, long state, long owner) {
        if (!isTemporary(state) || !handle.isDeadOwner(owner)) return false;
        return free(slot, state);
    }

    boolean free(int slot, long state) {
        long free = SlotState.withPhase(state, SlotState.FREE);
        if (SlotState.phase(state) == SlotState.JOINING)
            free &= ~SlotState.ACKNOWLEDGING; // some of its fields are still the predecessor's
        slots.left(slot, header.nextLeaver());
        if (!slots.compareAndSetState(slot, state, free)) return false;
        header.add(Counter.RECLAIMED);
        handle.note(() -> LOG.debug("{}: reclaimed slot {} of a process that died", segment.name, slot));
        handle.semaphores.unlink(slot, SlotState.incarnation(state));
        handle.changes.wake();
        return true;
    }

    private long update(int slot, LongUnaryOperator change) {
        while (true) {
            long state = slots.stateAcquire(slot);
            if (slots.compareAndSetState(slot, state, change.applyAsLong(state))) return state;
        }
    }

    // For people

    /** 0: no process is attached. */
    public long pid(int slot) {
        long state = slots.stateAcquire(slot);
        if (SlotState.phase(state) != SlotState.ACTIVE || SlotState.isNewer(state)) return 0;
        int owner = Slots.ownerHandle(slots.owner(slot));
        return owner < segment.handles.count() ? segment.handles.pid(owner) : 0;
    }

    String describe(int slot) {
        String name = slots.name(slot);
        return (name == null ? "in slot " + slot : "'" + name + "'") + " of pid " + pid(slot);
    }
}
