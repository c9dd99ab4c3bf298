package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.spi.Finding;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The problems of one queue's locks: held by a process that died, or that does not run. */
final class LocksCheckup {
    private final QueueView view;
    private final Handles handles;
    private final String subject;
    private final UnaryOperator<Finding> repairable;
    private final Consumer<Finding> found;
    private Set<Long> told;

    /** {@code repairable}: of a finding that {@code doctor --fix} mends. */
    LocksCheckup(QueueView view, UnaryOperator<Finding> repairable, Consumer<Finding> found) {
        this.view = view;
        this.handles = view.segment.handles;
        this.subject = "shm:" + view.segment.queue;
        this.repairable = repairable;
        this.found = found;
    }

    /** {@code told}: processes that were named already, because others wait for them. */
    void run(Set<Long> told) {
        this.told = told;
        lock(SegmentHeader.PUBLISH_LOCK, "publish lock");
        lock(SegmentHeader.GATE_LOCK, "gate lock");
        if (view.segment.journal != null) stopped(JournalWords.LOCK, "journal lock");
        if (handles.count() > 0 && view.liveness.isForeign(0) && view.liveness.isForeign(handles.count() - 1))
            found.accept(Remedy.FOREIGN_LOCK.problem(
                    subject,
                    "some program has locked the whole of " + QueueFile.pathOf(view.segment.queue)
                            + ": no process appears dead while it does"));
    }

    private void lock(int at, String which) {
        FutexLock lock = view.lock(at);
        int owner = lock.ownerHandle(handles);
        if (lock.isHeldByDead()) {
            found.accept(repairable.apply(Remedy.DEAD_HOLDER.problem(
                    subject,
                    "its " + which + " is held by pid " + (owner < 0 ? "?" : handles.pid(owner)) + ", which is dead",
                    "QUEUE",
                    Remedy.queue(view.segment))));
            return;
        }
        stopped(at, which);
    }

    private void stopped(int at, String which) {
        int owner = view.lock(at).ownerHandle(handles);
        if (owner < 0) return;
        int pid = handles.pid(owner);
        if (!told.contains((long) pid) && Processes.isStopped(pid, view.segment))
            found.accept(Remedy.STOPPED_HOLDER.problem(
                    subject,
                    "its " + which + " is held by pid " + pid
                            + ", which is stopped (SIGSTOP, a debugger, a frozen container)",
                    "PID",
                    "" + pid));
    }
}
