package dev.belfry.shm.publish;

import dev.belfry.api.QueueFullException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Reserve;
import java.util.function.BooleanSupplier;

/**
 * A call's way into the {@link CriticalSection}, with room for a record: at once, or after it has waited; or why it is
 * refused.
 */
class Admission {
    final Handle handle;
    final CriticalSection section;
    final WaitBoard waits;
    final BooleanSupplier isClosed;
    private final Room room;
    volatile QueueFullException refusal; // of the last call that was refused; null: the disk has room

    Admission(Handle handle, CriticalSection section, Room room, WaitBoard waits) {
        this.handle = handle;
        this.section = section;
        this.room = room;
        this.waits = waits;
        this.isClosed = section::isClosed;
    }

    /** Inside, with room for {@code need} bytes and the reserve. False: not in time, unless that is to be thrown. */
    final boolean enter(long need, Reserve reserve, long nanos, boolean throwIfFull) {
        try {
            return section.enterAtOnce(need, reserve) || enterInTime(need, reserve, nanos, throwIfFull);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    boolean enterInTime(long need, Reserve reserve, long nanos, boolean throwIfFull) {
        return enter(need, reserve, waits.waiter(nanos, isClosed), throwIfFull);
    }

    final boolean enter(long need, Reserve reserve, WaitBoard.PublisherWait wait, boolean throwIfFull) {
        boolean entered = false;
        try {
            entered = section.enter(need, reserve, wait);
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
    void refuse(WaitBoard.PublisherWait wait, boolean throwIfFull) {
        section.requireOpen();
        if (wait.mayBlock && wait.remainingNanos() > 0 && Thread.currentThread().isInterrupted())
            throw Errors.interrupted("space in '" + handle.queueUri() + "'");
        FutexLock lacked = wait.lacked;
        int owner = lacked == null ? -1 : lacked.ownerHandle(handle.segment.handles);
        long waited = wait.waitedInAllNanos();
        if (lacked == null) wait.gaveUp(WaitWord.ROOM, handle.segment.floor.holder());
        else wait.gaveUp(WaitWord.LOCK, owner);
        refusal = wait.refusal;
        if (!throwIfFull) return;
        if (lacked == handle.gateLock) throw waits.gateHeldBy(owner, waited);
        if (owner >= 0) throw waits.heldBy(owner, waited);
        throw wait.refusal != null ? wait.refusal : room.full(waited);
    }
}
