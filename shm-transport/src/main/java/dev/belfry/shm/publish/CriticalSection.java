package dev.belfry.shm.publish;

import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.FutexLock.Outcome;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Reserve;
import java.util.function.Supplier;

/**
 * The publish lock as one publisher uses it: the way in, with room for a record; the way out; and what an error inside
 * leaves to mend. A thread that the lock favours has a way in of its own, see {@link PublishLock}.
 */
final class CriticalSection {
    /** For {@link #rescue}: no record was begun. */
    static final long NOTHING = Long.MAX_VALUE;

    private final Handle handle;
    private final Segment segment;
    private final PublishLock lock;
    private final LogEnd end;
    private final Room room;
    private final long spinNanos;
    private final Supplier<OpenClaim> heldByThisThread;
    private volatile boolean closed;

    private boolean heldByWord; // the lock's word is held by a call of this publisher; guarded by it

    /** {@code heldByThisThread}: on this queue, through any handle of the JVM; or null. */
    CriticalSection(Handle handle, Room room, PublisherOptions options, Supplier<OpenClaim> heldByThisThread) {
        this.handle = handle;
        this.segment = handle.segment;
        this.lock = handle.publishLock;
        this.end = handle.end;
        this.room = room;
        this.spinNanos = Room.spinNanos(options.spin());
        this.heldByThisThread = heldByThisThread;
    }

    // The way in

    /** Inside, with room for {@code record} bytes; false: outside, as that would take waiting. */
    boolean enterAtOnce(long record, Reserve left) {
        Thread current = Thread.currentThread(); // no call stands between the lock and its try
        boolean byWord = !lock.enter();
        if (byWord) {
            if (!lock.tryAcquire()) return false;
            heldByWord = true;
        }
        boolean open = false;
        try {
            open = isOpenInside(byWord);
            if (open) {
                long need = left == Reserve.NONE ? record : end.needToLeave(left.bytes(end.capacity()), record);
                if (end.hasRoom(need) || room.makeAtOnce(need)) return true;
            }
            leave();
        } catch (Throwable failure) {
            handle.repairOwedBy = current;
            rescue(failure, NOTHING);
        }
        if (!open) throw closed();
        return false;
    }

    /** The closer sets closed and then asks whether we are inside. */
    private boolean isOpenInside(boolean byWord) {
        if (byWord) end.refresh();
        return !isClosed();
    }

    void requireOpen() {
        if (isClosed()) throw closed();
    }

    RuntimeException closed() {
        handle.check();
        return Errors.closed("Publisher of '" + handle.queueUri() + "'");
    }

    /** The same with waiting, for the lock and for room; false: outside, and {@code wait} knows why. */
    boolean enter(long record, Reserve left, WaitBoard.PublisherWait wait) {
        FullWait full = new FullWait(handle, room, record, left, wait, spinNanos);
        Thread current = Thread.currentThread();
        boolean in = false; // what fails while it is, is mended below, and nowhere else
        boolean entered = false;
        try {
            while (true) {
                boolean byWord = !lock.enter();
                if (byWord) {
                    refuseToWaitForItself();
                    Object span = Machine.events().waitingForLock();
                    Outcome outcome = handle.acquirePublishLock(wait);
                    // Compared here: the call of a method might fail, and the lock would stay.
                    in = outcome == Outcome.ACQUIRED || outcome == Outcome.ACQUIRED_FROM_DEAD_OWNER;
                    if (in) heldByWord = true;
                    if (span != null) Machine.events().waitedForLock(span, segment.queue, wait.holder());
                    if (!in) return false;
                }
                in = true;
                if (!isOpenInside(byWord)) {
                    leave();
                    in = false;
                    throw closed();
                }
                Room.Made made = full.makeInside();
                if (made == Room.Made.ROOM) return entered = true;
                leave();
                in = false;
                if (!full.goOn(made)) return false;
            }
        } catch (Throwable failure) {
            if (in) {
                handle.repairOwedBy = current;
                rescue(failure, NOTHING);
            }
            throw failure;
        } finally {
            if (!entered) full.over();
        }
    }

    private void refuseToWaitForItself() {
        handle.check(); // first: else a thread that an error left inside would wait for itself
        OpenClaim mine = heldByThisThread.get();
        if (mine != null) throw mine.nested(handle.queueUri());
        if (lock.wasLeftInside()) handle.check();
    }

    // The way out

    /**
     * Inside: a closer that waited for us without success has covered the memory, before or after our
     * commit. Not covered: it is out.
     */
    void requireAttached() {
        if (!segment.isCovered()) return;
        handle.requireDisk();
        throw Errors.corrupted(
                segment.name,
                "it was closed or found damaged in the middle of a publish, which may or may not have happened",
                null);
    }

    /** A thread that publishes alone for long is favoured from then on. */
    void leaveAfterPublish() {
        if (heldByWord) heldByWord = false; // a favoured thread stores nothing
        lock.releaseAfterPublish();
    }

    void leave() {
        heldByWord = false; // before the lock is free: it is the next one's then
        lock.release();
    }

    // Errors inside

    /**
     * After a failure inside: makes the log whole as after a death, and leaves. Returns if message {@code position} was
     * committed all the same; else it throws. The caller's mark in the handle is cleared last: if the rescue ends
     * before, the next call of this thread or the watch poisons the handle.
     */
    void rescue(Throwable failure, long position) {
        // Giving back has failed: the lock may be ours, or the next one's, which may be of this publisher, too.
        if (!isHeldByUs() || lock.isLost()) throw handle.translate(failure);
        end.forget();
        if (isOfDamage(failure)) {
            try {
                throw handle.translate(failure); // poisons: its memory is covered, and the lock goes nowhere
            } finally {
                heldByWord = false;
            }
        }
        boolean committed = false;
        if (!(failure instanceof PosixException)) { // the stores of a record make no calls: none of them was begun
            handle.mendOrAbandon(failure);
            committed = position <= segment.header.countAcquire() && !segment.isCovered();
        }
        leave();
        handle.noteMended(Thread.currentThread());
        if (!committed) throw handle.translate(failure);
    }

    /** A favoured thread is inside by its own way, and the lock knows. */
    private boolean isHeldByUs() {
        return heldByWord || lock.isInsideFavoured();
    }

    private boolean isOfDamage(Throwable failure) {
        return failure instanceof CorruptSegmentException
                || failure instanceof InternalError && segment.isTruncated()
                || segment.isCovered();
    }

    // The end

    /** Asks no shared memory. */
    boolean isShut() {
        return closed;
    }

    boolean isClosed() {
        return closed || segment.isCovered();
    }

    /** First. A thread that enters from now on sees it, and leaves. */
    void shut() {
        closed = true;
    }
}
