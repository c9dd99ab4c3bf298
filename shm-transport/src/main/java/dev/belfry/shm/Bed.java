package dev.belfry.shm;

import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.sync.Sleepers;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscriber's own semaphore, as it sleeps on it. One whose file was damaged or cut short wakes nobody any more: the subscriber then sleeps without it and looks
 * by itself after each slice, which is what a lost post costs as well.
 */
final class Bed implements Sleepers.Bed {
    private static final Logger LOG = LoggerFactory.getLogger(Bed.class);

    private static final int SLICES_PER_LOOK = 10;

    private final Handle handle;
    private final Segment segment;
    private final NamedSemaphore semaphore;
    private final Runnable inVain;
    private volatile boolean broken;
    private int slices;

    /** {@code inVain}: done after each slice in which nobody woke us. */
    Bed(Handle handle, NamedSemaphore semaphore, Runnable inVain) {
        this.handle = handle;
        this.segment = handle.segment;
        this.semaphore = semaphore;
        this.inVain = inVain;
    }

    @Override
    public boolean tryTake() {
        try {
            return !broken && semaphore.tryAwait();
        } catch (PosixException | InternalError failure) {
            giveUp(failure);
            return false;
        }
    }

    @Override
    public boolean take(long nanos) {
        if (slept(nanos)) return true;
        if (nanos <= 0) return false;
        inVain.run();
        if (++slices % SLICES_PER_LOOK == 0) handle.lookForName(); // nothing comes: does nobody find us?
        return false;
    }

    private boolean slept(long nanos) {
        try {
            if (!broken) return semaphore.await(nanos);
        } catch (PosixException | InternalError failure) {
            giveUp(failure);
        }
        LockSupport.parkNanos(nanos);
        return false;
    }

    /** So that whoever sleeps looks whether it was closed. */
    void wake() {
        try {
            if (!broken) semaphore.post();
        } catch (PosixException | InternalError failure) {
            giveUp(failure);
        }
    }

    private void giveUp(Throwable failure) {
        segment.refuseIfTruncated(failure);
        broken = true;
        LOG.warn(
                "{}: a subscriber's semaphore is damaged, it looks by itself: {}", segment.queue, failure.getMessage());
    }
}
