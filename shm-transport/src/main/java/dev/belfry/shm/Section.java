package dev.belfry.shm;

import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Reserve;
import java.util.ConcurrentModificationException;
import java.util.function.Supplier;

/**
 * The publish lock as one publisher uses it: the way in, with room for a record; the way out; and
 * what an error inside leaves to mend. A thread that the lock favours has a way in of its own, see
 * {@link PublishLock}. An exclusive publisher holds the lock for life, and only notes that a thread
 * is inside.
 */
final class Section {
    /** For {@link #rescue}: no record was begun. */
    static final long NOTHING = Long.MAX_VALUE;

    private final Handle handle;
    private final Segment segment;
    private final PublishLock lock;
    private final LogEnd end;
    private final Room room;
    private final long spinNanos;
    private final Hold hold;
    private final Supplier<Hold> heldByThisThread;
    private final boolean exclusive;
    final Bell bell;
    private volatile boolean closed;

    // Guarded by the lock; of an exclusive publisher as well as plain fields can tell. No reference is
    // stored that is there already: collectors make such a store cost a fence.
    private boolean inside;
    private Thread user; // exclusive only

    /**
     * For an exclusive one the lock is taken already. {@code heldByThisThread}: on this queue,
     * through any handle of the JVM; or null.
     */
    Section(Handle handle, Room room, Hold hold, PublisherOptions options, Supplier<Hold> heldByThisThread) {
        this.handle = handle;
        this.segment = handle.segment;
        this.lock = handle.publishLock;
        this.end = handle.end;
        this.room = room;
        this.spinNanos = Room.spinNanos(options.spin());
        this.hold = hold;
        this.heldByThisThread = heldByThisThread;
        this.exclusive = options.exclusive();
        this.bell = new Bell(handle, exclusive);
    }

    // The way in. A claim, which another thread may have to end, holds the lock by its word.

    /** Inside, with room for {@code need} bytes; false: outside, as that would take waiting. */
    boolean enterAtOnce(long need, boolean toHold) {
        if (!tryEnter(toHold)) return false;
        Thread current = Thread.currentThread();
        try {
            if (end.hasRoom(need) || room.makeAtOnce(need) && room.keepsUp(need)) return true;
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            rescue(failure, NOTHING);
        }
        leave();
        return false;
    }

    /** The same for a record of a log, which leaves its reserve free. */
    boolean enterAtOnce(long need, Reserve reserve, boolean toHold) {
        if (!tryEnter(toHold)) return false;
        Thread current = Thread.currentThread();
        try {
            long all = end.needToLeave(reserve.bytes(end.capacity()), need);
            if (end.hasRoom(all) || room.makeAtOnce(all)) return true;
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            rescue(failure, NOTHING);
        }
        leave();
        return false;
    }

    /** One compare-and-set at most. */
    private boolean tryEnter(boolean toHold) {
        if (exclusive) {
            enterExclusive();
            return true;
        }
        if (toHold || !lock.enter()) {
            if (!lock.tryAcquire()) return false;
            end.refresh();
        }
        inside = true;
        refuseIfClosed();
        return true;
    }

    private void enterExclusive() {
        Thread current = Thread.currentThread();
        if (inside) throw inUse(current);
        if (user != current) user = current;
        inside = true;
        try {
            // Inside before the check of closed; the closer's membarrier does it for the processor.
            SharedBytes.compilerFence();
            refuseIfClosed();
        } catch (Throwable failure) { // at the end of the stack, say: nothing was begun
            inside = false;
            throw failure;
        }
    }

    private RuntimeException inUse(Thread current) {
        handle.check(); // first: it may be this thread that an error left inside
        if (user == current && hold.isOpen()) return hold.nested(handle.queueUri());
        return new ConcurrentModificationException("Exclusive publisher of '" + handle.queueUri()
                + "' is in use by thread '" + user.getName() + "': one thread at a time");
    }

    /** Inside: the closer sets closed and then asks whether we are. */
    private void refuseIfClosed() {
        if (!closed && !segment.isCovered()) return;
        leave();
        throw closed();
    }

    void requireOpen() {
        if (isClosed()) throw closed();
    }

    RuntimeException closed() {
        handle.check();
        return Errors.closed("Publisher of '" + handle.queueUri() + "'");
    }

    /** The same with waiting, for the lock and for room; false: outside, and {@code wait} knows why. */
    boolean enter(long need, boolean toHold, Waits.Waiter wait) {
        return enter(new FullWait(handle, room, need, Reserve.ALL, wait), toHold, wait);
    }

    /** The same for a record of a log. */
    boolean enter(long need, Reserve reserve, boolean toHold, Waits.Waiter wait) {
        return enter(new FullWait(handle, room, need, reserve, wait), toHold, wait);
    }

    private boolean enter(FullWait full, boolean toHold, Waits.Waiter wait) {
        if (exclusive) enterExclusive();
        boolean entered = false;
        try {
            while (exclusive || acquire(toHold, wait)) {
                Room.Made made = make(full);
                if (made == Room.Made.ROOM) return entered = true;
                if (!exclusive) leave(); // one that holds it for life keeps it
                if (made == Room.Made.BLOCKED && !wait.isForRoom()) break;
                if (made == Room.Made.BLOCKED) full.await(spinNanos);
                if (wait.ended() != null) break;
                full.warn();
            }
            if (exclusive) leave();
            return false;
        } catch (Throwable failure) {
            Thread current = Thread.currentThread(); // what it left unmended stays inside
            if (exclusive && inside && user == current && handle.unfinishedBy != current) leave();
            throw failure;
        } finally {
            if (!entered) full.over();
        }
    }

    private boolean acquire(boolean toHold, Waits.Waiter wait) {
        if (toHold || !lock.enter()) {
            handle.check(); // first: else a thread that an error left inside would wait for itself
            Hold mine = heldByThisThread.get();
            if (mine != null) throw mine.nested(handle.queueUri());
            Object span = Machine.events().waitingForLock();
            boolean acquired = handle.acquirePublishLock(wait).isAcquired();
            if (acquired) inside = true; // first, so that what fails from here on is mended
            if (span != null) noteLockWait(span, acquired);
            if (!acquired) return false;
            end.refresh();
        }
        inside = true;
        refuseIfClosed();
        return true;
    }

    private void noteLockWait(Object span, boolean acquired) {
        Thread current = Thread.currentThread();
        try {
            Machine.events().waitedForLock(span, segment.queue);
        } catch (Throwable failure) {
            if (!acquired) throw failure;
            handle.unfinishedBy = current;
            rescue(failure, NOTHING);
        }
    }

    /** Inside. All that may fail when the wait is over is done here, where it is mended. */
    private Room.Made make(FullWait full) {
        Thread current = Thread.currentThread();
        try {
            full.wait.hasTheLock();
            while (!end.hasRoom(full.need())) {
                Room.Made made = room.make(full.need, full.wait.isForRoom(), full.wait);
                if (made != Room.Made.ROOM) return made;
            }
            full.wait.over();
            full.over();
            return Room.Made.ROOM;
        } catch (Throwable failure) { // a grower that fails in the middle leaves what a dead one leaves
            handle.unfinishedBy = current;
            rescue(failure, NOTHING);
            throw failure;
        }
    }

    // The way out

    /**
     * Inside: a closer that waited in vain for us has covered the memory, before or after our
     * commit. Not covered: it is out.
     */
    void requireReal() {
        if (segment.isCovered())
            throw Errors.corrupted(
                    segment.queue,
                    "it was closed or found damaged in the middle of a publish, which may or may not have happened",
                    null);
    }

    /** A thread that publishes alone for long is favoured from then on. */
    void leaveAfterPublish() {
        if (exclusive) {
            leave();
            return;
        }
        inside = false;
        lock.releaseAfterPublish();
    }

    void leave() {
        // The ring's words are stored before the closer, which then frees the lock, can see us gone.
        if (exclusive) SharedBytes.compilerFence();
        inside = false; // before the lock is free: it is the next one's then
        if (!exclusive) lock.release();
    }

    // Errors inside

    /**
     * After a failure inside, of a process that lives: makes the log whole as after a death, and
     * leaves. Returns if message {@code position} was committed all the same; else it throws. The
     * caller has stored its thread in {@code unfinishedBy}, and here that is cleared last: whatever
     * ends the rescue in between leaves it there, and the handle is poisoned by the next call of
     * that thread, or by the watch.
     */
    void rescue(Throwable failure, long position) {
        // Giving back has failed: the lock may be ours, and we live; or it is the next one's, whose "inside" it is.
        if (!inside || lock.isLost()) throw handle.translate(failure);
        end.forget();
        if (isOfDamage(failure)) {
            try {
                throw handle.translate(failure); // poisons: its memory is covered, and the lock goes nowhere
            } finally {
                inside = false;
            }
        }
        boolean committed = false;
        if (!(failure instanceof PosixException)) { // the stores of a record make no calls: none of them was begun
            handle.mendOrAbandon(failure);
            committed = position <= segment.header.countAcquire() && !segment.isCovered();
        }
        leave();
        handle.hasFinished(Thread.currentThread());
        if (!committed) throw handle.translate(failure);
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

    /** Of an exclusive publisher. */
    boolean isSomebodyElseInside() {
        SharedBytes.loadFence();
        return inside && user != Thread.currentThread();
    }
}
