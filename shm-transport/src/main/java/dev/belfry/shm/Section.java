package dev.belfry.shm;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Handshake;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import java.util.ConcurrentModificationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publish lock as one publisher uses it: the way in, the way out, what an error inside leaves to mend, and the publisher's end. A thread that the lock favours has a way in of its
 * own, see {@link PublishLock}. An exclusive publisher holds the lock for life, and only notes who is inside.
 */
final class Section {
    private static final Logger LOG = LoggerFactory.getLogger(ShmPublisher.class);
    private static final long SAY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Handle handle;
    private final Segment segment;
    private final PublishLock lock;
    private final LogEnd writer;
    private final ShmClaim claim;
    private final Handshake sleeping;
    private final boolean exclusive;
    private volatile boolean closed;

    // Exclusive: is a thread inside, and which one was it last; as well as plain fields can tell. A reference is not
    // stored
    // for each message: collectors have it cost a fence.
    private boolean inside;
    private Thread user;

    /** For an exclusive one the lock is taken already. */
    Section(Handle handle, LogEnd writer, ShmClaim claim, boolean exclusive) {
        this.handle = handle;
        this.segment = handle.segment;
        this.lock = handle.publishLock;
        this.writer = writer;
        this.claim = claim;
        this.sleeping = handle.sleepers.handshake();
        this.exclusive = exclusive;
    }

    // The lock. Whom it favours publishes by a way of its own; a claim, which others may have to end, holds the word.

    /** One compare-and-set at most; false: not free at once. */
    boolean tryEnter(boolean toHold) {
        if (exclusive) {
            enterExclusive();
            return true;
        }
        if (!(!toHold && lock.enter()) && !lock.tryAcquire()) return false;
        refuseIfClosed();
        return true;
    }

    private void enterExclusive() {
        Thread current = Thread.currentThread();
        if (inside) throw inUse(current);
        if (user != current) user = current;
        inside = true;
        // Inside before the look at closed; the closer's membarrier does it for the processor.
        SharedBytes.compilerFence();
        refuseIfClosed();
    }

    private RuntimeException inUse(Thread current) {
        if (user == current && claim.isOpen()) return Errors.nestedClaim(handle.queueUri());
        return new ConcurrentModificationException("Exclusive publisher of '" + handle.queueUri()
                + "' is in use by thread '" + user.getName() + "': one thread at a time");
    }

    /** Inside: the closer sets closed and then looks whether we are. */
    private void refuseIfClosed() {
        if (!closed && !segment.isCovered()) return;
        leave();
        throw closed();
    }

    RuntimeException closed() {
        handle.check();
        return Errors.closed("Publisher of '" + handle.queueUri() + "'");
    }

    boolean enter(Waits.Waiter wait, boolean toHold) {
        if (!toHold && lock.enter()) {
            refuseIfClosed();
            return true;
        }
        if (PublisherWatch.isClaimHeldByThisThread(segment.queueId)) throw Errors.nestedClaim(handle.queueUri());
        Object span = Machine.events().waitingForLock();
        FutexLock.Outcome outcome = lock.acquire(wait);
        if (span != null) Machine.events().waitedForLock(span, segment.queue);
        switch (outcome) {
            case ACQUIRED -> {}
            case ACQUIRED_FROM_DEAD_OWNER -> handle.repairRingOrAbandon();
            case TIMED_OUT, CLOSED, INTERRUPTED -> {
                return false;
            }
        }
        wait.hasTheLock();
        refuseIfClosed();
        return true;
    }

    void leave() {
        leave(false);
    }

    void leave(boolean published) {
        if (exclusive) {
            // The ring's words are stored before the closer, who then frees the lock, can see us gone.
            SharedBytes.compilerFence();
            inside = false;
            return;
        }
        try {
            if (published) lock.releaseAfterPublish();
            else lock.release();
        } catch (Throwable failure) { // the lock may still be ours, and we are alive: nobody could ever take it
            handle.abandonLater();
            throw handle.translate(failure);
        }
    }

    // Room

    /** True: there is room now, and the lock is held. False: the time is over, or it was closed or interrupted; the lock is not held. */
    boolean makeRoom(Room room, long need, Waits.Waiter wait, boolean toHold) {
        boolean held = true;
        boolean made = false;
        boolean said = false;
        boolean waited = false;
        Object span = null;
        try {
            while (true) {
                Room.Made outcome = room.make(need, wait);
                if (outcome == Room.Made.ROOM) return made = true;
                if (!exclusive) {
                    held = false;
                    leave();
                }
                if (outcome == Room.Made.BLOCKED) {
                    if (!waited && wait.mayBlock()) span = Machine.events().waitingForRoom();
                    if (wait.waitedNanos() >= Waits.SHOWN_AFTER_NANOS) wait.goesOnForRoom(room.blocker());
                    room.await(need, wait, waited);
                    waited = true;
                }
                if (wait.state() != Wait.Ended.DONE) return false;
                if (!said && wait.waitedNanos() > SAY_AFTER_NANOS) {
                    said = true; // who waits for ever would never say for whom
                    LOG.warn(room.full(wait.waitedNanos()).getMessage());
                }
                if (!exclusive && !(held = enter(wait, toHold))) return false;
                if (writer.hasRoom(need)) return made = true;
            }
        } catch (Throwable failure) { // a grower that fails in the middle leaves what a dead one leaves
            boolean inTheMiddle = held;
            held = false;
            held = inTheMiddle && isWholeAfter(failure);
            throw failure;
        } finally {
            if (held && !made) leave();
            if (span != null) Machine.events().waitedForRoom(span, segment.queue, need);
            if (!made) handle.tell();
        }
    }

    /** Inside: a closer that waited in vain for us has covered the memory, before or after our commit. Not covered: it is out. */
    void requireReal() {
        if (segment.isCovered())
            throw Errors.corrupted(
                    segment.queue,
                    "it was closed or found damaged in the middle of a publish, which may or may not have happened",
                    null);
    }

    // Errors inside

    /**
     * After an error in the middle, of a process that lives, with the lock held: the ring is made whole as after a death, and what was committed counts. If
     * that fails the lock stays taken and the handle is poisoned, so that others find a dead owner; false then.
     */
    boolean isWholeAfter(Throwable failure) {
        try {
            return finished(failure);
        } catch (Throwable again) {
            handle.abandonLater();
            throw again;
        }
    }

    private boolean finished(Throwable failure) {
        writer.forget();
        if (failure instanceof PosixException) return true; // the ring's stores make no calls: none of them was begun
        if (failure instanceof CorruptSegmentException
                || failure instanceof InternalError && segment.isTruncated()
                || segment.isCovered()) {
            handle.translate(failure); // poisons the handle: its memory is covered, and the lock goes nowhere
            return true;
        }
        try {
            handle.finishOrForget();
            return true;
        } catch (Throwable again) {
            failure.addSuppressed(again);
            handle.abandon("an error in the middle of a publish could not be mended", failure);
            return false;
        }
    }

    /** Where covered memory says so, nobody else was told. */
    long committed() {
        return segment.isCovered() ? LogEnd.NO_ROOM : writer.committed();
    }

    // After it

    /** It is published: whatever fails from here on is not thrown, or its publisher would do so again. Who sleeps looks by itself within a slice. */
    void ring(boolean hasWaited) {
        try {
            if ((exclusive || !lock.hasFenced() ? sleeping.look() : sleeping.lookFenced()) != 0) wakeThem();
            if (hasWaited) handle.tell();
        } catch (Throwable late) {
            if (late instanceof InternalError && segment.isTruncated()) throw handle.translate(late); // into nothing
            say(late);
        }
    }

    /** If there is stack and memory enough. */
    private void say(Throwable late) {
        try {
            LOG.warn("{}: published, but could not wake subscribers", segment.queue, late);
        } catch (Throwable unsaid) {
            late.addSuppressed(unsaid);
        }
    }

    private void wakeThem() {
        handle.wakeSleepers();
        if (!exclusive) lock.forgoBias();
    }

    // The end

    /** Asks no shared memory. */
    boolean isShut() {
        return closed;
    }

    boolean isClosed() {
        return closed || segment.isCovered();
    }

    /** First. Whoever enters from now on sees it, and leaves. */
    void shut() {
        closed = true;
    }

    /**
     * Waits up to 5 s for a thread that is inside, a claim too, then leaves the lock to that one: it stays taken until the queue's handle closes, when
     * others find its owner dead. Never covers memory: subscribers of the handle use it. False: the lock for life is still taken.
     */
    boolean awaitEmpty(BooleanSupplier isClaimedElsewhere) {
        // Closed before the look who is inside; who enters takes the lock before it looks at closed.
        segment.header.bytes().fullFence();
        handle.room.wake();
        if (!exclusive) {
            awaitLockGone(isClaimedElsewhere);
            return true;
        }
        if (!awaitUserGone()) return false;
        lock.release();
        return true;
    }

    /** A claim that another publisher of this handle holds is not waited for. */
    private void awaitLockGone(BooleanSupplier isClaimedElsewhere) {
        long end = System.nanoTime() + CLOSE_NANOS;
        while (lock.isHeldByThisHandle()
                && !segment.isCovered()
                && (claim.isOpen() || !isClaimedElsewhere.getAsBoolean())) {
            if (lock.tryAcquire()) {
                lock.release();
                return;
            }
            lock.endOwnBias();
            if (System.nanoTime() - end >= 0) return;
            LockSupport.parkNanos(100_000);
        }
    }

    /** The fast path has no fence between "inside" and its look at closed: the kernel makes every thread pass one for us. */
    private boolean awaitUserGone() {
        Membarrier membarrier = segment.machine.membarrier();
        if (!membarrier.isRegistered() || !membarrier.everywhere()) Membarrier.outlastStoreBuffers();
        long end = System.nanoTime() + CLOSE_NANOS;
        while (isSomebodyElseInside()) {
            if (System.nanoTime() - end >= 0) return false;
            LockSupport.parkNanos(100_000);
        }
        return true;
    }

    private boolean isSomebodyElseInside() {
        SharedBytes.loadFence();
        return inside && user != Thread.currentThread();
    }
}
