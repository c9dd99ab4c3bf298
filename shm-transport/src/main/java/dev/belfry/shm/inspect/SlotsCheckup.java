package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.SharedBytes;
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
import dev.belfry.spi.Ages;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The problems of one queue's slots: whose they are, and whether their subscribers read and can be woken. */
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
            } else if (SlotState.isSubscription(state) && SlotState.has(state, SlotState.NAMED)) {
                named(j, state);
            }
            if (view.snapshot.isAttached(j, state)) {
                semaphore(j, state);
                stopped(j, state);
            }
        }
        if (!stale.isEmpty())
            found.accept(repairable.apply(Remedy.STALE_SLOTS.problem(
                    subject, "slots " + stale + " belong to processes that died", "QUEUE", ShellWords.queue(segment))));
        if (stale.isEmpty() && highMark == slots.count() && taken() == slots.count())
            found.accept(Remedy.NO_SLOTS.problem(
                    subject, "all its " + slots.count() + " slots are taken", "QUEUE", ShellWords.queue(segment)));
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

    /** Before a publisher waits for it, or where none waits long. */
    private void stopped(int slot, long state) {
        int pid = segment.handles.pid(Slots.ownerHandle(slots.owner(slot)));
        long lag = segment.header.countAcquire() - slots.ackPosAcquire(slot);
        boolean gates = !segment.creation.isDomain() && lag > 0 && SlotState.gates(state, false);
        if (!gates || !Processes.isStopped(pid, segment)) return;
        String name = SlotState.has(state, SlotState.NAMED) ? slots.name(slot) : null;
        SharedBytes.loadFence();
        if (slots.stateAcquire(slot) != state) return;
        found.accept((name == null ? Remedy.STOPPED_SUBSCRIPTION : Remedy.STOPPED_NAMED)
                .note(
                        subject,
                        (name == null ? "the subscriber in slot " + slot : "'" + name + "'") + " (pid " + pid
                                + ") is stopped, and publishers wait for it once the queue is full, lag "
                                + Units.number(lag),
                        "QUEUE",
                        ShellWords.queue(segment),
                        "PID",
                        "" + pid,
                        "NAME",
                        name == null ? "" : ShellWords.of(name)));
    }

    private void named(int slot, long state) {
        String name = slots.name(slot);
        SharedBytes.loadFence();
        if (slots.stateAcquire(slot) != state) return; // it ended: the name may be another's, or none
        if (!segment.creation.isDomain() && Subscriptions.hasEnded(segment.header, slots, slot, state))
            found.accept(Remedy.ENDED.note(
                    subject,
                    "subscription '" + name + "' was disconnected because it was too slow",
                    "QUEUE",
                    ShellWords.queue(segment),
                    "NAME",
                    ShellWords.of(name)));
        else if (!segment.creation.isDomain() // there it is a mark, to which nobody ever attaches
                && !view.snapshot.isAttached(slot, state)
                && SlotState.gates(state, false)) {
            long lag = segment.header.countAcquire() - slots.ackPosAcquire(slot);
            found.accept(Remedy.UNATTENDED.note(
                    subject,
                    "no process is attached to subscription '" + name + "'" + since(slot, state) + "; it keeps "
                            + Units.number(Math.max(0, lag))
                            + " message(s), and publishers wait for it once the queue is full",
                    "QUEUE",
                    ShellWords.queue(segment),
                    "NAME",
                    ShellWords.of(name)));
        }
    }

    private String since(int slot, long state) {
        long since = slots.aloneSince(slot, SlotState.incarnation(state));
        return since == 0 ? "" : ", for " + Units.duration(Ages.since(since));
    }

    private int taken() {
        int taken = 0;
        for (int j = 0; j < slots.count(); j++) if (SlotState.phase(slots.stateAcquire(j)) != SlotState.FREE) taken++;
        return taken;
    }
}
