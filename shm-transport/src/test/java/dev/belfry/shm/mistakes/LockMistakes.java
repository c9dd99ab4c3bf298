package dev.belfry.shm.mistakes;

import static dev.belfry.shm.mistakes.Mistake.behaviour;
import static dev.belfry.shm.mistakes.Mistake.schedule;
import static dev.belfry.shm.mistakes.Mistake.test;

/** Mistakes with the locks: their owners and takeovers. */
final class LockMistakes {
    private static final String JOIN_OLDEST = "gate move against join OLDEST_RETAINED";

    private LockMistakes() {}

    static void locks() {
        schedule("1a", "a joiner takes no gate lock", JOIN_OLDEST)
                .in("Joining", "return locked ? underGateLock(deadline, step) : step.get();", "return step.get();");
        schedule("1b", "a joiner frees the gate lock before it is ACTIVE", JOIN_OLDEST)
                .in("Joining", "lock.release();", "if (lock.isHeldByThisHandle()) lock.release();")
                .in(
                        "Joining",
                        "slots.stateRelease(slot, active);",
                        "if (locked) handle.gateLock.release(); slots.stateRelease(slot, active);");
        schedule("1c", "a publisher frees the gate lock before it stores the gate", JOIN_OLDEST)
                .in(
                        "Gate",
                        "header.gatePosRelease( position);",
                        "header.bytes().getAndSetInt(SegmentHeader.GATE_LOCK, 0); header.gatePosRelease(position);");
        schedule("2a", "reclaiming by a plain store", "reclaim against join, who may die")
                .in(
                        "Subscriptions",
                        "if (!slots.compareAndSetState(slot, state, free)) return false;",
                        "slots.stateRelease(slot, free);");
        behaviour("2b", "the owner is stored before something that can fail, and stays", "attachFails")
                .in(
                        "Joining",
                        "slots.stateAcquire(slot), tries); handle.semaphores.unlink(slot, slots.semInc(slot));",
                        "slots.stateAcquire(slot), tries); handle.semaphores.unlink(slot, slots.semInc(slot));"
                                + " slots.owner(slot, handle.index, handle.incarnation);")
                .in(
                        "Subscriptions",
                        "else if (phase == SlotState.ACTIVE && SlotState.incarnation(state) < seat.incarnation)"
                                + " slots.compareAndSetState(slot, state,"
                                + " SlotState.withPhase(state, SlotState.DETACHED));",
                        "");
        test(
                        "3a",
                        "a lock owner's incarnation is not compared",
                        "sync.FutexLockTest#shouldTakeOverWhenTheByteIsHeldBySomebodyLater")
                .in(
                        "Liveness",
                        "return (handles.incarnation(handle) & LOCK_INCARNATION) != incarnation;",
                        "return false;");
        schedule(
                        "3b",
                        "the byte is asked for another word than is taken",
                        "publish against two publishers, who may die, who may be slow")
                .in(
                        "FutexLock",
                        "words.compareAndSetInt(at, word, mine | WAITERS);",
                        "words.compareAndSetInt(at, words.getIntAcquire(at), mine | WAITERS);");
        test(
                        "3c",
                        "who has no time gives up without asking who owns it",
                        "sync.FutexLockTest#shouldTakeOverFromTheDeadEvenWithoutWaiting")
                .in(
                        "FutexLock",
                        "return takeOverFromDead(word) ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.TIMED_OUT;",
                        "return Outcome.TIMED_OUT;");
        behaviour("4a", "the admin byte is taken without the lock for threads", "joinsOfOneHandle")
                .in(
                        "AdminLock",
                        "return threads.tryLock() || threads.tryLock(waitNanos, TimeUnit.NANOSECONDS);",
                        "if (waitNanos < 0) throw new InterruptedException(); return true;");
    }
}
