package dev.belfry.kafka;

import dev.belfry.spi.Deadlines;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Calls of the engine's clients that an interrupt must not tear: the thread's flag is put aside and
 * set again afterwards.
 */
final class Quiet {
    private Quiet() {}

    static <T> T call(Supplier<T> body) {
        boolean flag = Thread.interrupted();
        try {
            return body.get();
        } finally {
            if (flag) Thread.currentThread().interrupt();
        }
    }

    static void run(Runnable body) {
        call(() -> {
            body.run();
            return null;
        });
    }

    /** Waits for it, at most this long; the failure that it ended with is an ExecutionException's cause. */
    static <T> T await(Future<T> future, long nanos) throws ExecutionException, TimeoutException {
        boolean flag = Thread.interrupted();
        long deadline = Deadlines.after(nanos);
        try {
            while (true) {
                try {
                    return future.get(Deadlines.remaining(deadline), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    flag = true;
                }
            }
        } finally {
            if (flag) Thread.currentThread().interrupt();
        }
    }
}
