package dev.belfry.shm.segment;

import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.spi.Errors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The admin byte: one process or thread at a time opens, closes, joins, attaches again,
 * unsubscribes, deletes, or creates a publisher. Leaving needs no lock.
 *
 * <p>A byte belongs to a file description, so all threads of a handle would hold it at once: they
 * queue at a Java lock first (one that another thread may release). The kernel's own waiting form
 * has no time limit, so this tries again and again.
 */
public final class AdminLock {
    public static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The holder of bytes that no process of Belfry would hold. */
    static final String FOREIGN_LOCK = "a program that locks the whole file (a backup, FileChannel.lock)";

    private static final long PAUSE_NANOS = 200_000;

    private final Semaphore threads = new Semaphore(1);
    private final ByteRangeLock token;
    private final Segment segment;

    AdminLock(ByteRangeLock token, Segment segment) {
        this.token = token;
        this.segment = segment;
    }

    /**
     * Waits at most 10 s; an InUseException then names the holder. Returns the deadline of the step
     * that follows.
     */
    public long take() {
        long deadline = System.nanoTime() + WAIT_NANOS;
        boolean taken = false;
        try {
            if (takeThread(WAIT_NANOS)) {
                try {
                    taken = tryLock(token, deadline - System.nanoTime());
                } finally {
                    if (!taken) threads.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (taken) {
            boolean named = false;
            try {
                segment.header.adminPid(segment.machine.libC().getpid());
                named = true;
            } finally {
                if (!named) giveBack();
            }
            return deadline;
        }
        throw notTaken(token, segment.queue, "pid " + segment.header.adminPid());
    }

    /** {@code holder}: the holder, if it is a process of Belfry. */
    static RuntimeException notTaken(ByteRangeLock token, String queue, String holder) {
        if (Thread.currentThread().isInterrupted()) return Errors.interrupted("another step on 'shm:" + queue + "'");
        boolean foreign = token.probe(Liveness.ADMIN_BYTE) == ByteRangeLock.Holder.FOREIGN;
        return Errors.stepInProgress("shm:" + queue, foreign ? FOREIGN_LOCK : holder);
    }

    /** For closing, which always works: false if the time passed. */
    boolean tryTakeUninterrupted(long waitNanos) {
        boolean interrupted = Thread.interrupted();
        try {
            if (!takeThread(waitNanos)) return false;
            boolean taken = false;
            try {
                return taken = tryLock(token, waitNanos);
            } finally {
                if (!taken) threads.release();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private boolean takeThread(long waitNanos) throws InterruptedException {
        return threads.tryAcquire() || threads.tryAcquire(waitNanos, TimeUnit.NANOSECONDS);
    }

    /** The byte alone. False also if interrupted while waiting. */
    static boolean tryLock(ByteRangeLock token, long waitNanos) {
        for (long deadline = System.nanoTime() + waitNanos; !token.tryLock(Liveness.ADMIN_BYTE); ) {
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) return false;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    public void giveBack() {
        try {
            token.unlock(Liveness.ADMIN_BYTE);
        } catch (Throwable once) { // otherwise all would wait for a process that lives
            token.unlock(Liveness.ADMIN_BYTE);
            throw once;
        } finally {
            threads.release();
        }
    }
}
