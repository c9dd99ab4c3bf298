package dev.belfry.shm.segment;

import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.spi.Errors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;

/**
 * The admin byte: one process or thread at a time opens, closes, joins, attaches again,
 * unsubscribes, deletes, or creates a publisher. Leaving needs no lock.
 *
 * <p>A byte belongs to a file description, so all threads of a handle would hold it at once. They
 * queue at a Java lock first, which knows its thread: so whatever error ends a step, what it took is
 * given back. The kernel's own waiting form has no time limit, so this tries again and again.
 */
public final class AdminLock {
    public static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The holder of bytes that no process of Belfry would hold. */
    static final String FOREIGN_LOCK = "a program that locks the whole file (a backup, FileChannel.lock)";

    private static final long PAUSE_NANOS = 200_000;

    private final ReentrantLock threads = new ReentrantLock();
    private final ByteRangeLock token;
    private final Segment segment;

    AdminLock(ByteRangeLock token, Segment segment) {
        this.token = token;
        this.segment = segment;
    }

    /** A step with the byte, of which it is told the deadline; see {@link #take}. */
    public <T> T under(LongFunction<T> step) {
        try {
            try {
                return step.apply(take());
            } finally {
                giveBack();
            }
        } finally {
            giveBack(); // again: an error can keep the first one from beginning
        }
    }

    /** Waits at most 10 s; an InUseException then names the holder. Returns the deadline of the step that follows. */
    public long take() {
        long deadline = System.nanoTime() + WAIT_NANOS;
        boolean taken = false;
        boolean done = false;
        try {
            taken = takeThread(WAIT_NANOS) && tryLock(token, deadline - System.nanoTime());
            if (taken) segment.header.adminPid(segment.machine.libC().getpid());
            done = taken;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!done) giveBack();
        }
        if (taken) return deadline;
        throw notTaken(token, segment.uri, "pid " + segment.header.adminPid());
    }

    /** {@code holder}: the holder, if it is a process of Belfry. */
    static RuntimeException notTaken(ByteRangeLock token, String uri, String holder) {
        if (Thread.currentThread().isInterrupted()) return Errors.interrupted("another step on '" + uri + "'");
        boolean foreign = token.probe(Liveness.ADMIN_BYTE) == ByteRangeLock.Holder.FOREIGN;
        return Errors.stepInProgress(uri, foreign ? FOREIGN_LOCK : holder);
    }

    /** For closing, which always works: false if the time passed. */
    boolean tryTakeUninterrupted(long waitNanos) {
        boolean interrupted = Thread.interrupted();
        boolean taken = false;
        try {
            return taken = takeThread(waitNanos) && tryLock(token, waitNanos);
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            if (!taken) giveBack();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private boolean takeThread(long waitNanos) throws InterruptedException {
        return threads.tryLock() || threads.tryLock(waitNanos, TimeUnit.NANOSECONDS);
    }

    /** The byte alone. False also if interrupted while waiting. */
    static boolean tryLock(ByteRangeLock token, long waitNanos) {
        for (long deadline = System.nanoTime() + waitNanos; !token.tryLock(Liveness.ADMIN_BYTE); ) {
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) return false;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    /** If this thread has it, or only its place among the threads. */
    public void giveBack() {
        if (!threads.isHeldByCurrentThread()) return;
        try {
            token.unlock(Liveness.ADMIN_BYTE);
        } catch (Throwable once) { // otherwise all would wait for a process that lives
            token.unlock(Liveness.ADMIN_BYTE);
            throw once;
        } finally {
            threads.unlock();
        }
    }
}
