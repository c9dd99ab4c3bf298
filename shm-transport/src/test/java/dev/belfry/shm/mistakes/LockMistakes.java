package dev.belfry.shm.mistakes;

import static dev.belfry.shm.mistakes.Mistake.NONE;
import static dev.belfry.shm.mistakes.Mistake.behaviour;
import static dev.belfry.shm.mistakes.Mistake.death;
import static dev.belfry.shm.mistakes.Mistake.schedule;
import static dev.belfry.shm.mistakes.Mistake.test;

/** Mistakes with the locks: their owners, takeovers, and the thread that one favours. */
final class LockMistakes {
    private static final String JOIN_OLDEST = "gate move against join OLDEST_RETAINED";

    private LockMistakes() {}

    static void locks() {
        schedule("1a", "a joiner takes no gate lock", JOIN_OLDEST)
                .in("segment.Joining", "boolean fromDead = locked && lockGate(deadline);", "boolean fromDead = false;")
                .in("segment.Joining", "if (locked) handle.gateLock.release();", NONE);
        schedule("1b", "a joiner frees the gate lock before it is ACTIVE", JOIN_OLDEST)
                .in("segment.Joining", "if (locked) handle.gateLock.release();", NONE)
                .in(
                        "segment.Joining",
                        "slots.stateRelease(slot, active);",
                        "if (locked) handle.gateLock.release(); slots.stateRelease(slot, active);");
        schedule("1c", "a publisher frees the gate lock before it stores the gate", JOIN_OLDEST)
                .in(
                        "ring.Gate",
                        "header.gatePosRelease( position);",
                        "header.bytes().getAndSetInt(SegmentHeader.GATE_LOCK, 0); header.gatePosRelease(position);");
        schedule("2a", "reclaiming by a plain store", "reclaim against join, who may die")
                .in(
                        "segment.Subscriptions",
                        "if (!slots.compareAndSetState(slot, state, free)) return false;",
                        "slots.stateRelease(slot, free);");
        behaviour("2b", "the owner is stored before something that can fail", "attachFails")
                .in(
                        "segment.Joining",
                        "long incarnation = nextIncarnation(slot, old, tries);",
                        "long incarnation = nextIncarnation(slot, old, tries);"
                                + " slots.owner(slot, handle.index, handle.incarnation);");
        test(
                        "3a",
                        "a lock owner's incarnation is not compared",
                        "sync.FutexLockTest#shouldTakeOverWhenTheByteIsHeldBySomebodyLater")
                .in(
                        "sync.Liveness",
                        "return (handles.incarnation(handle) & LOCK_INCARNATION) != incarnation;",
                        "return false;");
        schedule(
                        "3b",
                        "the byte is asked for another word than is taken",
                        "publish against two publishers, who may die, who may be slow")
                .in(
                        "sync.FutexLock",
                        "words.compareAndSetInt(at, word, mine | WAITERS);",
                        "words.compareAndSetInt(at, words.getIntAcquire(at), mine | WAITERS);");
        test(
                        "3c",
                        "who has no time gives up without asking who owns it",
                        "sync.FutexLockTest#shouldTakeOverFromTheDeadEvenWithoutWaiting")
                .in(
                        "sync.FutexLock",
                        "return takeOverFromDead(word) ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.TIMED_OUT;",
                        "return Outcome.TIMED_OUT;");
        behaviour("4a", "the admin byte is taken without the lock for threads", "joinsOfOneHandle")
                .in(
                        "segment.AdminLock",
                        "return threads.tryAcquire() || threads.tryAcquire(waitNanos, TimeUnit.NANOSECONDS);",
                        "if (waitNanos < 0) throw new InterruptedException(); return true;");
    }

    static void favour() {
        String favoured = "publish against the favoured, without slices";
        schedule("24a", "the favoured one does not look at the bias", favoured)
                .in("sync.PublishLock", "inside = raw.getIntAcquire(biasAddress) == mine;", "inside = true;");
        schedule("24b", "nobody waits for the favoured one inside", favoured)
                .in("sync.PublishLock", "if (value == 0) {", "if (value >= 0) {");
        schedule("24c", "the favoured one wakes nobody as it goes", favoured)
                .in(
                        "sync.PublishLock",
                        "if (raw.getIntAcquire(biasAddress) != mine) futex.wake(insideAddress, 1);",
                        NONE);
        schedule("24d", "a thread is favoured behind the release", "favoured in turn, without slices")
                .in("sync.PublishLock", "words.putIntRelease(BIAS, mine); // before", "// before")
                .in(
                        "sync.PublishLock",
                        "if (super.release()) streak = 0;",
                        "if (super.release()) streak = 0; if (biased) words.putIntRelease(BIAS, mine);");
        schedule("24e", "a close takes no notice of a favoured thread", "close against favoured publish")
                .in(
                        "sync.PublishLock",
                        "return super.isHeldByThisHandle() || isBiasMine();",
                        "return super.isHeldByThisHandle();");
        death("24f", "nothing is repaired after a favoured one", "repair a publish of the favoured")
                .in(
                        "sync.PublishLock",
                        "return dead ? Outcome.ACQUIRED_FROM_DEAD_OWNER : Outcome.ACQUIRED;",
                        "return Outcome.ACQUIRED;");
        test(
                        "24g",
                        "whose inside it was is not compared",
                        "sync.PublishLockTest#shouldRepairWhenTheDeadOnesHandleIsSomebodyElsesByNow")
                .in("sync.PublishLock", "dead = isOfAnother(owner, bias);", NONE);
        test("24h", "who died asking has its successor repair", "sync.PublishLockTest#shouldGoOnAfterWhoDiedAsking")
                .in(
                        "sync.PublishLock",
                        "had not begun to publish return false;",
                        "had not begun to publish\n return true;");
    }
}
