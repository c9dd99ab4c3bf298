package dev.belfry.cli.serve;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The latest answer to a question that may take long, as a disk may hang. One thread asks, one time after the other,
 * and nobody waits for it longer than its patience: then the answer before is the latest. Any thread.
 */
final class Latest<T> {
    private static final long YOUNG_NANOS =
            TimeUnit.MILLISECONDS.toNanos(900); // a client that asks each second gets a new one

    private final Supplier<T> question;
    private final Duration patience;
    private final ExecutorService thread;
    private volatile T answer;
    private Asking last; // begun or not; guarded by this

    /** The caller's thread asks the first time, for as long as that takes. */
    Latest(Supplier<T> question, Duration patience) {
        this.question = question;
        this.patience = patience;
        ThreadPoolExecutor one =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Latest::thread);
        one.allowCoreThreadTimeOut(true);
        thread = one;
        last = new Asking();
        last.task.run();
        answered(last);
    }

    private static Thread thread(Runnable asks) {
        Thread thread = new Thread(asks, "serve-reading");
        thread.setDaemon(true);
        return thread;
    }

    private final class Asking implements Callable<T> {
        final FutureTask<T> task = new FutureTask<>(this);
        private volatile boolean hasBegun;
        private volatile long endNanos;

        @Override
        public T call() {
            hasBegun = true;
            try {
                return answer = question.get();
            } finally {
                endNanos = System.nanoTime();
            }
        }

        boolean hasEnded() {
            return task.isDone();
        }

        boolean isYoung() {
            return System.nanoTime() - endNanos <= YOUNG_NANOS;
        }
    }

    /** Not older than a second, if it comes in time. */
    T get() {
        return answered(asked(false));
    }

    /** Asked from now on, if it comes in time. */
    T fresh() {
        return answered(asked(true));
    }

    private synchronized Asking asked(boolean fromNowOn) {
        boolean isIt = fromNowOn ? !last.hasBegun : !last.hasEnded() || last.isYoung();
        if (!isIt) {
            last = new Asking();
            thread.execute(last.task);
        }
        return last;
    }

    private T answered(Asking asking) {
        try {
            return asking.task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return answer;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException refused) throw refused;
            throw (Error) failed.getCause();
        } catch (InterruptedException atTheEnd) {
            Thread.currentThread().interrupt();
            return answer;
        }
    }
}
