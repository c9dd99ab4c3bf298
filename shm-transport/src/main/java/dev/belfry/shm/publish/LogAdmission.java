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

    LogAdmission(Handle handle, Section section, Room room, WaitBoard waits) {
        super(handle, section, room, waits);
    }

    @Override
    boolean enterInTime(long need, Reserve reserve, long nanos, boolean throwIfFull, boolean toHold) {
        return nanos < Log.OTHERS.toNanos() && enterAfterOthers(need, reserve, toHold)
                || nanos > 0 && super.enterInTime(need, reserve, nanos, throwIfFull, toHold);
    }

    /** Waits for the locks, which others hold for microseconds, but not for room. */
    private boolean enterAfterOthers(long need, Reserve reserve, boolean toHold) {
        WaitBoard.PublisherWait wait =
                waits.waiterForLocks(isStillInVain() ? DEATH_NANOS : Log.OTHERS.toNanos(), isClosed);
        boolean entered = false;
        try {
            entered = section.enter(need, reserve, toHold, wait);
            if (!entered) section.requireOpen();
            refusal = entered ? null : wait.refusal;
            if (!entered && !wait.hadTheLock()) inVain = inVain();
            return entered;
        } finally {
            if (!entered) outside(wait);
        }
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
