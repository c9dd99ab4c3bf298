package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The problems of one queue's slots: whose they are, and whether their subscribers can be woken. */
final class SlotsCheckup {
    private static final int SIZEOF_SEM_T = 32;

    private final Machine machine;
    private final QueueView view;
    private final Segment segment;
    private final Slots slots;
    private final String subject;
    private final UnaryOperator<Finding> repairable;
    private final Consumer<Finding> found;

    /** {@code repairable}: of a finding that {@code doctor --fix} mends. */
    SlotsCheckup(Machine machine, QueueView view, UnaryOperator<Finding> repairable, Consumer<Finding> found) {
        this.machine = machine;
        this.view = view;
        this.segment = view.segment;
        this.slots = segment.slots;
        this.subject = "shm:" + segment.queue;
        this.repairable = repairable;
        this.found = found;
    }

    void run() {
        int highMark = segment.header.highMarkAcquire(slots.count());
        List<Integer> stale = new ArrayList<>();
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j);
            if (Subscriptions.isTemporary(state) && view.snapshot.isOwnerDead(j)) {
                // a close frees the slot before the process appears dead
                if (slots.stateAcquire(j) == state) stale.add(j);
            }
            if (view.snapshot.isAttached(j, state)) semaphore(j, state);
        }
        if (!stale.isEmpty())
            found.accept(repairable.apply(Remedy.STALE_SLOTS.problem(
                    subject, "slots " + stale + " belong to processes that died", "QUEUE", Remedy.queue(segment))));
    }

    private void semaphore(int slot, long state) {
        String name = SlotSemaphores.prefix(segment.queueId) + slot + "." + SlotState.incarnation(state);
        FileStatus file = SharedMemory.status(machine.libC(), "/sem." + name);
        boolean isThere = file != null && file.regular() && file.size() == SIZEOF_SEM_T;
        if (isThere && !NamedSemaphore.isDamaged(name)) return;
        if (slots.stateAcquire(slot) != state) return; // it left: its state goes before its semaphore
        int pid = segment.handles.pid(Slots.ownerHandle(slots.owner(slot)));
        found.accept((isThere ? Remedy.DAMAGED_SEMAPHORE : Remedy.MISSING_SEMAPHORE)
                .problem(
                        subject,
                        SharedMemory.DIRECTORY + "/sem." + name + " of the subscriber in slot " + slot + " (pid " + pid
                                + ") was " + (isThere ? "overwritten" : "removed or replaced")
                                + ": it cannot be woken, so that messages reach it up to 100 ms late",
                        "PID",
                        Processes.numberHere(pid, segment)));
    }
}
