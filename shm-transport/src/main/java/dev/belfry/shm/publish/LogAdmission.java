package dev.belfry.shm.publish;

import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.util.concurrent.TimeUnit;

/** The same for a record of a log: "no" says that there is no room, for it waits for others, however short its time. */
final class LogAdmission extends Admission {
    /** Longer than the wait until the death of a lock's owner is noticed. */
    private static final long DEATH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A wait for others without success, and how many records there were. */
    private record InVain(int owner, long count) {}

    private volatile InVain inVain; // the last one

    LogAdmission(Handle handle, CriticalSection section, Room room, WaitBoard waits) {
        super(handle, section, room, waits);
    }

    /** First for the locks, which others hold for microseconds, but not for room. */
    @Override
    boolean enterInTime(long need, Reserve reserve, long nanos, boolean throwIfFull) {
        return nanos < Log.OTHERS.toNanos() && enter(need, reserve, waiterForOthers(), throwIfFull)
                || nanos > 0 && super.enterInTime(need, reserve, nanos, throwIfFull);
    }

    private WaitBoard.PublisherWait waiterForOthers() {
        return waits.waiterForLocks(isStillInVain() ? DEATH_NANOS : Log.OTHERS.toNanos(), isClosed);
    }

    @Override
    void refuse(WaitBoard.PublisherWait wait, boolean throwIfFull) {
        if (wait.isForRoom) {
            super.refuse(wait, throwIfFull);
            return;
        }
        section.requireOpen();
        refusal = wait.refusal;
        if (wait.lacked == handle.publishLock) inVain = inVain();
    }

    /** So a call of several tries waits so long for a process that stands still once, and not at each of them. */
    private boolean isStillInVain() {
        InVain last = inVain;
        return last != null && last.equals(inVain());
    }

    private InVain inVain() {
        return new InVain(handle.publishLock.ownerHandle(handle.segment.handles), handle.segment.header.countAcquire());
    }
}
