package dev.belfry.shm.publish;

import dev.belfry.api.QueueFullException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Reserve;

/**
 * The wait of one call that finds the queue full, without the lock. Nothing static that could fail:
 * it is first used in the middle of a publish, whose failure would end it for the whole JVM.
 */
final class FullWait {
    private static final long DISK_NANOS = 1_000_000_000L;

    private final WaitBoard.PublisherWait wait;
    private long need; // with the reserve, of the ring that was current when we were inside last

    private final Room room;
    private final LogEnd end;
    private final Handle handle;
    private final long record;
    private final Reserve reserve;
    private final long spinNanos;
    private boolean waited;
    private long inAllNanos; // with the waits before it that timed out
    private Object span;
    private String blocker; // for the span

    FullWait(Handle handle, Room room, long record, Reserve reserve, WaitBoard.PublisherWait wait, long spinNanos) {
        this.room = room;
        this.end = handle.end;
        this.handle = handle;
        this.record = record;
        this.reserve = reserve;
        this.wait = wait;
        this.spinNanos = spinNanos;
    }

    /** Makes room. All that may fail when the wait is over is done here, where it is mended. */
    Room.Made makeInside() {
        wait.endLockWait();
        while (!end.hasRoom(need())) {
            Room.Made made = room.make(need, wait.isForRoom, wait);
            if (made == Room.Made.NO_FILE && room.disk.isFull()) room.giveUpHistoryInside(need, wait);
            if (made != Room.Made.ROOM) return made;
        }
        wait.over();
        over();
        return Room.Made.ROOM;
    }

    private long need() {
        return need = end.needToLeave(reserve.bytes(end.capacity()), record);
    }

    /** Outside, after an attempt that made no room: waits. False: the time is over, or it is not for room. */
    boolean goOn(Room.Made made) {
        if (made == Room.Made.NOT_COPIED || made == Room.Made.NO_FILE) return awaitDisk(made);
        if (made == Room.Made.BLOCKED_BY_CALLER) throw room.waitsForItself();
        if (made == Room.Made.LOCKED_OUT) wait.lacked = handle.gateLock;
        if (made == Room.Made.BLOCKED && !wait.isForRoom) return false;
        if (made == Room.Made.BLOCKED) await(() -> room.await(need, wait, waited, spinNanos));
        if (wait.ended() != null) return false;
        warn();
        return true;
    }

    private void await(Runnable slice) {
        if (!waited && wait.mayBlock) span = Machine.events().waitingForRoom();
        if (span != null && blocker == null) blocker = room.describeBlocker();
        if (wait.isLong()) wait.goesOnForRoom(handle.segment.floor.holder());
        slice.run();
        waited = true;
    }

    /**
     * The disk is waited for as long as that makes room, for {@link #DISK_NANOS} however short the time is. By a caller
     * with a limit it is only waited for: in the kernel that would be as long as the disk hangs. False: the time is
     * over, and {@link WaitBoard.PublisherWait#refusal} may say why.
     */
    private boolean awaitDisk(Room.Made made) {
        wait.refusal = null;
        if (made == Room.Made.NOT_COPIED) {
            awaitCopied();
            return !isOverForDisk() || handle.gate.mayHaveRoom(need, false);
        }
        try {
            if (wait.hasALimit()) room.disk.makeReadyAside(end.upTo(need), this::isOverForDisk);
            else room.disk.makeReady(end.upTo(need));
            return !isOverForDisk() || end.hasFiles(need);
        } catch (QueueFullException full) {
            wait.refusal = room.fullOnDisk(full, wait);
        }
        if (wait.mayBlock) await(() -> room.awaitFile(need, wait, waited));
        if (!wait.mayBlock || wait.ended() != null) return false;
        warn();
        return true;
    }

    private void awaitCopied() {
        if (wait.hasALimit()) room.disk.awaitCopiedAside(this::isOverForDisk);
        else room.disk.awaitCopied(() -> wait.ended() == Wait.Ended.CLOSED);
    }

    private boolean isOverForDisk() {
        Wait.Ended ended = wait.ended();
        return ended != null && (ended != Wait.Ended.TIMED_OUT || wait.waitedNanos() >= DISK_NANOS);
    }

    /** Each minute: a publisher that waits for ever would never tell for which subscriber. */
    private void warn() {
        inAllNanos = wait.waitedInAllNanos();
        if (wait.beginWarning(inAllNanos)) room.warnOfFull(inAllNanos, wait.refusal);
    }

    void over() {
        Object begun = span;
        span = null;
        if (begun != null) Machine.events().waitedForRoom(begun, handle.segment.queue, need, blocker);
        if (waited && wait.ended() == null && wait.endWarning()) // else an exception tells
        room.noteTheEnd(Math.max(inAllNanos, wait.waitedNanos()));
    }
}
