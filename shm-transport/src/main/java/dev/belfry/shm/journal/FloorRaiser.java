package dev.belfry.shm.journal;

import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joining;
import dev.belfry.shm.segment.Subscriptions;
import java.util.concurrent.TimeUnit;

/**
 * Raises the floor of a queue whose history is on the disk, by whole files: what no place needs, is not to be kept, and
 * the ring does not have. Any thread.
 *
 * <pre>
 *   reclaim slots of dead processes           or they would keep files for ever
 *   find the first record behind a file's     without any lock, and not by what is before it
 *   end, below which nobody needs anything
 *   gate lock: ask all places again; raise    joiners and seekers store theirs under it, and compare it inside
 *   places, synced; then the files go         by {@link LogFiles#storePlaces}; what a dead process left goes then, too
 * </pre>
 */
final class FloorRaiser {
    private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Handle handle;
    private final FloorOnDisk floor;
    private final Subscriptions subscriptions;
    private final Joining joining;
    private final Leader leader;

    FloorRaiser(Handle handle, FloorOnDisk floor, Leader leader) {
        this.handle = handle;
        this.subscriptions = new Subscriptions(handle);
        this.joining = new Joining(handle, subscriptions);
        this.floor = floor;
        this.leader = leader;
    }

    /** Files go that no place needs, and of which the ring has nothing. Has it moved? */
    boolean raise() {
        try {
            return raise(floor.offset(), false);
        } catch (QueueCorruptedException missing) {
            return false; // told to each that reads there; places are kept all the same
        }
    }

    /** A file at the floor goes though the ring has it, or a place that holds no publishers up needs it. */
    boolean giveWay(long from) {
        return raise(from, true);
    }

    private boolean raise(long from, boolean givesWay) {
        int highMark = handle.segment.header.highMarkAcquire(handle.segment.slots.count());
        for (int slot = 0; slot < highMark; slot++) subscriptions.reclaim(slot);
        long size = leader.files.fileSize();
        // Asked once: what is kept for its age only gets less.
        long kept = leader.keptFrom(from, givesWay);
        long to = Math.min(kept, needed(givesWay)) / size;
        if (givesWay) to = Math.min(to, from / size + 1);
        if (to <= from / size) return false;
        LogPlace first = floor.firstFrom(to * size);
        handle.requireAttached(); // in covered memory nobody needs anything
        if (first == null) return floor.offset() != from; // another thread has raised it
        boolean raised = joining.underGateLock(System.nanoTime() + LOCK_NANOS, () -> {
            boolean isNeeded = needed(givesWay) < first.offset();
            boolean isOther = floor.offset() != from;
            handle.requireAttached();
            if (!isNeeded && !isOther) floor.raiseLocked(first);
            return !isNeeded;
        });
        if (raised) handle.changes.wake();
        return raised;
    }

    private long needed(boolean givesWay) {
        long durable = handle.segment.journal.durableAcquire();
        long gate = handle.segment.header.gateAcquire();
        return floor.needed(givesWay ? durable : Math.min(durable, gate), givesWay);
    }
}
