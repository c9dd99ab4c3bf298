package dev.belfry.shm.journal;

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
