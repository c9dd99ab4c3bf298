package dev.belfry.shm.inspect;

import dev.belfry.api.Waiting;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.spi.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The problems of one queue's locks: held by a process that died, or that does not run. {@code repairable}: of a
 * finding that {@code doctor --fix} mends.
 */
record LocksCheckup(QueueView view, UnaryOperator<Finding> repairable, Consumer<Finding> found) {
    /** A process that others have waited for longer is the reason of their waits, and told of with them. */
    private static final Duration TOLD = Duration.ofSeconds(1);

    void run() {
        Instant longer = Instant.now().minus(TOLD);
        Set<Long> told = view.snapshot.stats().waiting().stream()
                .filter(w -> w.kind() == Waiting.Kind.LOCK
                        && w.cause() != null
                        && w.since().isBefore(longer))
                .map(w -> w.cause().pid())
                .collect(Collectors.toSet());
        lock(SegmentHeader.PUBLISH_LOCK, "publish lock", told);
        lock(SegmentHeader.GATE_LOCK, "gate lock", told);
        if (view.segment.journal != null) stopped(JournalWords.LOCK, "journal lock", told);
        if (view.segment.handles.count() > 0
                && view.liveness.isForeign(0)
                && view.liveness.isForeign(view.segment.handles.count() - 1))
            found.accept(Remedy.FOREIGN_LOCK.problem(
                    view.segment.uri,
                    "some program has locked the whole of " + QueueFile.pathOf(view.segment.queue)
                            + ": no process appears dead while it does"));
    }

    private void lock(int at, String which, Set<Long> told) {
        FutexLock lock = view.snapshot.lock(at);
        int owner = lock.ownerHandle(view.segment.handles);
        if (lock.isHeldByDead()) {
            found.accept(repairable.apply(Remedy.DEAD_HOLDER.stuck(
                    view.segment.uri,
                    "its " + which + " is held by pid " + (owner < 0 ? "?" : view.segment.handles.pid(owner))
                            + ", which is dead",
                    "QUEUE",
                    Remedy.queue(view.segment))));
            return;
        }
        stopped(at, which, told);
    }

    private void stopped(int at, String which, Set<Long> told) {
        int owner = view.snapshot.lock(at).ownerHandle(view.segment.handles);
        if (owner < 0) return;
        int pid = view.segment.handles.pid(owner);
        if (!told.contains((long) pid) && Processes.isStopped(pid, view.segment))
            found.accept(Remedy.STOPPED_HOLDER.stuck(
                    view.segment.uri,
                    "its " + which + " is held by pid " + pid
                            + ", which is stopped (SIGSTOP, a debugger, a frozen container)",
                    "PID",
                    "" + pid));
    }
}
