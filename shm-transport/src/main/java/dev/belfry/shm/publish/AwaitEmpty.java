package dev.belfry.shm.publish;

import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.PublishLock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A publisher that closes waits until no thread is inside its {@link CriticalSection}. */
final class AwaitEmpty {
    private static final long CLOSE_NANOS = 5_000_000_000L;

    private AwaitEmpty() {}

    /**
     * Waits up to 5 s for a thread that is inside, a claim too, then leaves the lock to that one: it stays taken until
     * the queue's handle closes, when others find its owner dead. Never covers memory: subscribers of the handle use
     * it. A claim that another publisher of this handle holds is not waited for.
     */
    static void await(Handle handle, OpenClaim openClaim, BooleanSupplier isClaimedElsewhere) {
        PublishLock lock = handle.publishLock;
        // Closed before the check for a thread inside; a thread that enters takes the lock before it checks closed.
        handle.segment.header.bytes().fullFence();
        handle.changes.wake();
        long end = System.nanoTime() + CLOSE_NANOS;
        while (lock.isHeldByThisHandle()
                && !handle.segment.isCovered()
                && handle.repairOwedBy != Thread.currentThread() // it would wait for itself
                && (openClaim.isOpen() || !isClaimedElsewhere.getAsBoolean())) {
            if (lock.tryAcquire()) {
                lock.release();
                return;
            }
            lock.endOwnBias();
            if (System.nanoTime() - end >= 0) return;
            LockSupport.parkNanos(100_000);
        }
    }
}
