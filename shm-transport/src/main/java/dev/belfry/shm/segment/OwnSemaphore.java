package dev.belfry.shm.segment;

import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.sync.Carrier;
import dev.belfry.shm.sync.OnInterrupt;
import dev.belfry.shm.sync.Sleepers;
import dev.belfry.shm.sync.StandIn;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscriber's own semaphore, as it sleeps on it. If its file was damaged or cut short, a post does not wake any
 * more. The subscriber then sleeps without it and checks by itself after each slice, which a lost post costs as well.
 */
public final class OwnSemaphore implements Sleepers.Bed {
    private static final Logger LOG = LoggerFactory.getLogger(OwnSemaphore.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long QUIET_LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** For how long to sleep where nothing posts what ends a wait. */
    private static final long UNPOSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Segment segment;
    private final NamedSemaphore semaphore;
    private final StandIn standIn;
    private final Runnable inVain;
    private final Runnable nowAndThen;
    private volatile boolean broken;
    private OnInterrupt onInterrupt; // once a slice was long
    private long inVainNanos;

    OwnSemaphore(Segment segment, NamedSemaphore semaphore, Runnable inVain, Runnable nowAndThen) {
        this.segment = segment;
        this.semaphore = semaphore;
        this.standIn = new StandIn((seen, nanos) -> semaphore.await(nanos), semaphore::post);
        this.inVain = inVain;
        this.nowAndThen = nowAndThen;
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
        long slice = broken ? Math.min(nanos, UNPOSTED_NANOS) : nanos;
        if (slept(slice)) return true;
        if (slice <= 0) return false;
        inVain.run();
        inVainNanos += slice;
        if (inVainNanos >= (slice > UNPOSTED_NANOS ? QUIET_LOOK_NANOS : LOOK_NANOS)) {
            inVainNanos = 0;
            nowAndThen.run();
        }
        return false;
    }

    private boolean slept(long nanos) {
        if (nanos <= UNPOSTED_NANOS || Carrier.isVirtual()) return await(nanos); // one that parks needs not be told
        if (onInterrupt == null) onInterrupt = new OnInterrupt(this::interrupted);
        try {
            onInterrupt.begins();
            return await(nanos);
        } finally {
            onInterrupt.ends();
        }
    }

    private boolean await(long nanos) {
        try {
            if (!broken) return standIn.await(0, nanos, () -> true);
        } catch (PosixException | InternalError failure) {
            giveUp(failure);
        }
        LockSupport.parkNanos(Math.min(nanos, UNPOSTED_NANOS));
        return false;
    }

    /** By the thread that interrupts, to which nothing is thrown. */
    private void interrupted() {
        try {
            wake();
        } catch (Throwable fault) {
            // such as of a queue that was cut short: the sleeper will meet it as well
        }
    }

    /** So that a sleeper checks whether it was closed. */
    public void wake() {
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
                "{}: a subscriber's semaphore is damaged, it checks by itself: {}", segment.name, failure.getMessage());
    }
}
