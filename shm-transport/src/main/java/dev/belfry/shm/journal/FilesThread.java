package dev.belfry.shm.journal;

import dev.belfry.shm.sync.StandIn;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the files of one queue: twice a second, and when a publisher has come near their end. A thread of its own, as
 * it may stand for as long as a disk does; what watches claims in memory must not wait for that.
 */
public final class FilesThread {
    private static final Logger LOG = LoggerFactory.getLogger(FilesThread.class);
    private static final long TICK_NANOS = 450_000_000;

    private static final Executor STEPS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            1,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            step -> StandIn.helper("belfry-files-step", step));

    private volatile Thread thread; // null before it is started
    private volatile boolean isAsked;
    private boolean hasFailed; // and that was logged

    /** A daemon, until the queue is closed or its disk has failed. It holds nothing that keeps a queue reachable. */
    void start(BooleanSupplier isOver, Runnable check, Runnable makeReadyAhead) {
        Thread files = new Thread(() -> run(isOver, check, makeReadyAhead), "belfry-files");
        files.setDaemon(true);
        files.start();
        thread = files;
    }

    /** The queue needs another file before the next check; the checks keep their times. */
    public void ask() {
        isAsked = true;
        LockSupport.unpark(thread);
    }

    /**
     * Does it in a thread of its own, as a disk may hang; no interrupt ends that. False: it has not ended in that time,
     * and goes on when the disk does.
     */
    static boolean within(long nanos, Runnable step) {
        FutureTask<Void> task = new FutureTask<>(step, null);
        begin(task);
        long end = System.nanoTime() + nanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (TimeoutException hangs) {
            return false;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) throw error;
            throw (RuntimeException) failed.getCause();
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** In a thread that has ended its last step less than a second ago, or in a new one. */
    static void begin(Runnable step) {
        STEPS.execute(step);
    }

    private void run(BooleanSupplier isOver, Runnable check, Runnable makeReadyAhead) {
        while (!isOver.getAsBoolean()) {
            sleep(makeReadyAhead);
            tryTo(check);
        }
    }

    /** An interrupt, as of a thread group, is for others: it shortens nothing. */
    private void sleep(Runnable makeReadyAhead) {
        long end = System.nanoTime() + TICK_NANOS;
        for (long left = TICK_NANOS; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            Thread.interrupted();
            if (!isAsked) continue;
            isAsked = false; // first: what is asked from now on is for the next time
            tryTo(makeReadyAhead);
        }
    }

    /** Memory, say, may be short, and may not be at the next check. */
    private void tryTo(Runnable step) {
        try {
            step.run();
        } catch (Throwable failure) {
            boolean said = hasFailed;
            hasFailed = true; // before it is logged, which may fail as well
            if (said) return;
            try {
                LOG.warn("cannot keep the files of a queue", failure);
            } catch (Throwable notLogged) {
                // the next check goes on
            }
        }
    }
}
