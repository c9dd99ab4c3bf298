package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The problems of one queue's slots: whose they are, and whether their subscribers can be woken. {@code repairable}: of
 * a finding that {@code doctor --fix} mends.
 */
record SlotsCheckup(Segment segment, Snapshot snapshot, UnaryOperator<Finding> repairable, Consumer<Finding> found) {
    private static final int SIZEOF_SEM_T = 32;

    void run() {
        int highMark = segment.header.highMarkAcquire(segment.slots.count());
        List<Integer> stale = new ArrayList<>();
        for (int j = 0; j < highMark; j++) {
            long state = segment.slots.stateAcquire(j);
            if (Subscriptions.isTemporary(state) && snapshot.isOwnerDead(j)) {
                // a close frees the slot before the process appears dead
                if (segment.slots.stateAcquire(j) == state) stale.add(j);
            }
            if (snapshot.isAttached(j, state) && !SlotState.isNewer(state)) semaphore(j, state);
        }
        if (!stale.isEmpty())
            found.accept(repairable.apply(Remedy.STALE_SLOTS.information(
                    segment.uri, "slots " + stale + " belong to processes that died", "QUEUE", Remedy.queue(segment))));
    }

    private void semaphore(int slot, long state) {
        String name = SlotSemaphores.prefix(segment.queueId) + slot + "." + SlotState.incarnation(state);
        FileStatus file = SharedMemory.status(segment.machine.libC(), "/sem." + name);
        boolean isThere = file != null && file.regular() && file.size() == SIZEOF_SEM_T;
        if (isThere && !NamedSemaphore.isDamaged(name)) return;
        if (segment.slots.stateAcquire(slot) != state) return; // it left: its state goes before its semaphore
        int pid = segment.handles.pid(Slots.ownerHandle(segment.slots.owner(slot)));
        found.accept((isThere ? Remedy.DAMAGED_SEMAPHORE : Remedy.MISSING_SEMAPHORE)
                .problem(
                        segment.uri,
                        SharedMemory.DIRECTORY + "/sem." + name + " of the subscriber in slot " + slot + " (pid " + pid
                                + ") was " + (isThere ? "overwritten" : "removed or replaced")
                                + ": it cannot be woken, so that messages reach it up to 100 ms late",
                        "PID",
                        Processes.numberHere(pid, segment)));
    }
}
