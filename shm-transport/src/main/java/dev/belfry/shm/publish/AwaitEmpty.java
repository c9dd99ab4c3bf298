package dev.belfry.shm.publish;

import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.PublishLock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A publisher that closes waits until no thread is inside its {@link Section}. */
final class AwaitEmpty {
    private static final long CLOSE_NANOS = 5_000_000_000L;

    private final Handle handle;
    private final Segment segment;
    private final PublishLock lock;
    private final Section section;
    private final OpenClaim hold;
    private final boolean exclusive;

    AwaitEmpty(Handle handle, Section section, OpenClaim hold, boolean exclusive) {
        this.handle = handle;
        this.segment = handle.segment;
        this.lock = handle.publishLock;
        this.section = section;
        this.hold = hold;
        this.exclusive = exclusive;
    }

    /**
     * Waits up to 5 s for a thread that is inside, a claim too, then leaves the lock to that one:
     * it stays taken until the queue's handle closes, when others find its owner dead. Never covers
     * memory: subscribers of the handle use it. False: the lock for life is still taken.
     */
    boolean await(BooleanSupplier isClaimedElsewhere) {
        // Closed before the check for a thread inside; a thread that enters takes the lock before it checks closed.
        segment.header.bytes().fullFence();
        handle.changes.wake();
        if (!exclusive) {
            awaitLockGone(isClaimedElsewhere);
            return true;
        }
        if (!awaitUserGone()) return false;
        // Over a log that is not mended the word stays: this handle leaves, and the next one finds a dead owner.
        if (handle.repairOwedBy == null) lock.release();
        return true;
    }

    /** A claim that another publisher of this handle holds is not waited for. */
    private void awaitLockGone(BooleanSupplier isClaimedElsewhere) {
        long end = System.nanoTime() + CLOSE_NANOS;
        while (lock.isHeldByThisHandle()
                && !segment.isCovered()
                && (hold.isOpen() || !isClaimedElsewhere.getAsBoolean())) {
            if (lock.tryAcquire()) {
                lock.release();
                return;
            }
            lock.endOwnBias();
            if (System.nanoTime() - end >= 0) return;
            LockSupport.parkNanos(100_000);
        }
    }

    /**
     * The fast path has no fence between "inside" and its check of closed: the kernel makes every
     * thread pass one for us.
     */
    private boolean awaitUserGone() {
        Membarrier membarrier = segment.machine.membarrier();
        if (!membarrier.isRegistered() || !membarrier.everywhere()) Membarrier.outlastStoreBuffers();
        long end = System.nanoTime() + CLOSE_NANOS;
        while (section.isSomebodyElseInside() || isSomebodyElseMending()) {
            // Covered: it may be inside still, in memory that is real for a moment. Its handle leaves with the word.
            if (segment.isCovered() || System.nanoTime() - end >= 0) return false;
            LockSupport.parkNanos(100_000);
        }
        return true;
    }

    /** It has left after an error, and says last that nothing is left to mend. */
    private boolean isSomebodyElseMending() {
        Thread unfinished = handle.repairOwedBy;
        return unfinished != null && unfinished != Thread.currentThread();
    }
}
