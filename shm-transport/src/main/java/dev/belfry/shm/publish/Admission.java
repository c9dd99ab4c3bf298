package dev.belfry.shm.publish;

import dev.belfry.api.QueueFullException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A call's way into the {@link Section}, with room for a record: at once, or after it has waited;
 * or why it is refused.
 */
final class Admission {
    /** Longer than the wait until the death of a lock's owner is noticed. */
    private static final long DEATH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Handle handle;
    private final Segment segment;
    private final Section section;
    private final Room room;
    private final WaitBoard waits;
    private final BooleanSupplier isClosed;

    /** A wait for others without success, and how many records there were. */
    private record InVain(int owner, long count) {}

    private volatile InVain inVain; // the last one
    volatile QueueFullException refusal; // of the last call that was refused; null: the disk has room

    Admission(Handle handle, Section section, Room room, WaitBoard waits) {
        this.handle = handle;
        this.segment = handle.segment;
        this.section = section;
        this.room = room;
        this.waits = waits;
        this.isClosed = section::isClosed;
    }

    /** Inside, with room for {@code need} bytes. False: not in time, unless that is to be thrown. */
    boolean enter(long need, long nanos, boolean throwIfFull, boolean toHold) {
        try {
            return section.enterAtOnce(need, toHold) || enterInTime(need, null, nanos, throwIfFull, toHold);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** {@code reserve}: of a log's record; else null. */
    boolean enterInTime(long need, Reserve reserve, long nanos, boolean throwIfFull, boolean toHold) {
        WaitBoard.PublisherWait wait = waits.waiter(nanos, isClosed);
        boolean entered = false;
        try {
            entered = reserve == null ? section.enter(need, toHold, wait) : section.enter(need, reserve, toHold, wait);
            if (!entered) refuse(wait, throwIfFull);
            return entered;
        } finally {
            if (!entered) outside(wait);
        }
    }

    /** A log that blocks must not stop every process: so nothing is told inside. */
    private void outside(WaitBoard.PublisherWait wait) {
        wait.over();
        handle.tell();
    }

    /** Nothing was published; why not? */
    private void refuse(WaitBoard.PublisherWait wait, boolean throwIfFull) {
        section.requireOpen();
        if (wait.mayBlock()
                && wait.remainingNanos() > 0
                && Thread.currentThread().isInterrupted())
            throw Errors.interrupted("space in '" + handle.queueUri() + "'");
        int owner = handle.publishLock.ownerHandle(segment.handles);
        long waited = wait.waitedInAllNanos();
        if (wait.hadTheLock()) wait.gaveUp(WaitWord.ROOM, room.blocker());
        else wait.gaveUp(WaitWord.LOCK, owner);
        refusal = wait.refusal;
        if (!throwIfFull) return;
        if (!wait.hadTheLock() && owner >= 0) throw waits.heldBy(owner, waited);
        throw wait.refusal != null ? wait.refusal : room.full(waited);
    }

    // For a log

    /** The same for a record of a log, which leaves its reserve free. */
    boolean enter(long need, Reserve reserve, long nanos, boolean toHold) {
        try {
            return section.enterAtOnce(need, reserve, toHold)
                    || nanos < Log.OTHERS.toNanos() && enterAfterOthers(need, reserve, toHold)
                    || nanos > 0 && enterInTime(need, reserve, nanos, false, toHold);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** Waits for the locks, which others hold for microseconds, but not for room: so "no" says that there is none. */
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
        return new InVain(handle.publishLock.ownerHandle(segment.handles), segment.header.countAcquire());
    }
}
