package dev.belfry.shm.publish;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import java.util.HashSet;
import java.util.Set;

/**
 * Waits until enough subscriptions have acknowledged a position, among them all that hold the gate. Each slot is read
 * between two reads of its state: the fields belong together if it did not change. A subscription that has left counts
 * until its slot is used again, and one that was seen to have acknowledged counts for good.
 */
final class AwaitAcknowledged {
    private record Subscription(int slot, long birth) {}

    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;

    AwaitAcknowledged(Handle handle, Subscriptions subscriptions) {
        this.handle = handle;
        this.header = handle.segment.header;
        this.slots = handle.segment.slots;
        this.subscriptions = subscriptions;
    }

    /** False: not in time, or closed. */
    boolean await(long position, int minSubscribers, Wait wait) {
        try {
            Wait.Ended ended = ended(position, minSubscribers, wait);
            handle.check();
            if (ended == Wait.Ended.INTERRUPTED)
                throw Errors.interrupted("acknowledgement in '" + handle.queueUri() + "'");
            return ended == null;
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    private Wait.Ended ended(long position, int minSubscribers, Wait wait) {
        Set<Subscription> seen = new HashSet<>();
        return handle.changes.await(
                () -> behind(position, seen) == 0
                        && seen.size() >= minSubscribers
                        // After the reads: in memory that a close covers, all seem to have acknowledged.
                        && !handle.segment.isCovered(),
                wait);
    }

    /** How many that gate have not acknowledged it; those that have are added to {@code seen}. */
    private int behind(long position, Set<Subscription> seen) {
        int behind = 0;
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            long state;
            long acknowledged;
            long start;
            long offset;
            long owner;
            long birth;
            do {
                state = slots.stateAcquire(j);
                acknowledged = slots.ackPosAcquire(j);
                start = slots.startPosAcquire(j);
                offset = slots.ackOffAcquire(j);
                owner = slots.owner(j);
                birth = slots.birth(j);
            } while (slots.stateAcquire(j) != state);
            boolean known = !SlotState.isNewer(state); // else its flags may mean anything
            if (known && (SlotState.phase(state) == SlotState.JOINING || SlotState.has(state, SlotState.STARTING))) {
                subscriptions.reclaim(j);
                continue;
            }
            if (known && SlotState.has(state, SlotState.ACKNOWLEDGING) && start <= position && position <= acknowledged)
                seen.add(new Subscription(j, birth));
            boolean holds = SlotState.gates(state, true)
                    && !handle.segment.floor.isBelowFloor(offset)
                    && start <= position
                    && acknowledged < position;
            if (holds && !subscriptions.reclaim(j, state, owner)) behind++;
        }
        return behind;
    }
}
