package dev.belfry.shm.inspect;

import static dev.belfry.spi.Finding.note;
import static dev.belfry.spi.Finding.problem;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The problems of one queue's slots: whose they are, and whether their subscribers read and can be woken. */
final class SlotsCheckup {
    static final String SLOT = "stale-slots";

    private static final int SIZEOF_SEM_T = 32;

    private final Machine machine;
    private final QueueView view;
    private final Segment segment;
    private final Slots slots;
    private final String queue;
    private final String subject;
    private final UnaryOperator<Finding> repairable;
    private final Consumer<Finding> found;

    /** {@code repairable}: of a finding that {@code doctor --fix} mends. */
    SlotsCheckup(Machine machine, QueueView view, UnaryOperator<Finding> repairable, Consumer<Finding> found) {
        this.machine = machine;
        this.view = view;
        this.segment = view.segment;
        this.slots = segment.slots;
        this.queue = segment.queue;
        this.subject = "shm:" + queue;
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
            if (view.snapshot.isAttached(j, state)) semaphore(j, state);
        }
        if (!stale.isEmpty())
            found.accept(repairable.apply(problem(
                    SLOT,
                    subject,
                    "slots " + stale + " belong to processes that died",
                    "'belfry doctor --fix " + queue
                            + "' frees them; so does a publisher that has to wait for one of them.")));
        if (stale.isEmpty() && highMark == slots.count() && taken() == slots.count())
            found.accept(problem(
                    "slots",
                    subject,
                    "all its " + slots.count() + " slots are taken",
                    "'belfry subs " + queue + "' lists them; 'belfry unsubscribe " + queue
                            + " NAME' ends one that is not needed. Or create it with more (slots=)."));
    }

    private void semaphore(int slot, long state) {
        String name = SlotSemaphores.prefix(segment.queueId) + slot + "." + SlotState.incarnation(state);
        FileStatus file = SharedMemory.status(machine.libC(), "/sem." + name);
        boolean isThere = file != null && file.regular() && file.size() == SIZEOF_SEM_T;
        if (isThere && !NamedSemaphore.isDamaged(name)) return;
        if (slots.stateAcquire(slot) != state) return; // it left: its state goes before its semaphore
        int pid = segment.handles.pid(Slots.ownerHandle(slots.owner(slot)));
        found.accept(problem(
                isThere ? "damaged-semaphore" : "missing-semaphore",
                subject,
                SharedMemory.DIRECTORY + "/sem." + name + " of the subscriber in slot " + slot + " (pid " + pid
                        + ") was " + (isThere ? "overwritten" : "removed or replaced")
                        + ": it cannot be woken, so that messages reach it up to 100 ms late",
                "Let it subscribe again, or end it ('kill " + pid + "') and start it again."));
    }

    private void named(int slot, long state) {
        String name = slots.name(slot);
        SharedBytes.loadFence();
        if (slots.stateAcquire(slot) != state) return; // it ended: the name may be another's, or none
        if (SlotState.has(state, SlotState.ENDED))
            found.accept(note(
                    "ended",
                    subject,
                    "subscription '" + name + "' was disconnected because it was too slow",
                    "End it with " + unsubscribe(segment, name) + ", and subscribe again."));
        else if (!segment.creation.isDomain() // there it is a mark, to which nobody ever attaches
                && !view.snapshot.isAttached(slot, state)
                && SlotState.gates(state, false)) {
            long lag = segment.header.countAcquire() - slots.ackPosAcquire(slot);
            found.accept(note(
                    "unattended",
                    subject,
                    "no process is attached to subscription '" + name + "'; it keeps " + Units.number(Math.max(0, lag))
                            + " message(s), and publishers wait for it once the queue is full",
                    "Start its subscriber, or end it: " + unsubscribe(segment, name) + "."));
        }
    }

    /** The command that ends that subscription, in quotes; of another user's queue it says whose. */
    static String unsubscribe(Segment segment, String name) {
        int uid = segment.object().status().uid();
        String queue = Ownership.isTrusted(uid, segment.machine.libC().geteuid())
                ? segment.queue
                : "\"" + segment.queue + "?owner=" + Integer.toUnsignedString(uid) + "\"";
        String word = name.matches("[A-Za-z0-9._][A-Za-z0-9._-]*")
                ? name
                : (name.startsWith("-") ? "-- " : "") + "\"" + name.replaceAll("([\\\\\"$`])", "\\\\$1") + "\"";
        return "'belfry unsubscribe " + queue + " " + word + "'";
    }

    private int taken() {
        int taken = 0;
        for (int j = 0; j < slots.count(); j++) if (SlotState.phase(slots.stateAcquire(j)) != SlotState.FREE) taken++;
        return taken;
    }
}
