package dev.belfry.testing;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One call under test in a thread of its own, so that the test can see it wait, wake it, and check
 * its outcome.
 */
public final class Call<T> {
    private final Thread thread;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile T result;
    private volatile Throwable failure;
    private volatile boolean flagAfter;

    public Call(Callable<T> body) {
        thread = new Thread(() -> run(body), "call under test");
        thread.setDaemon(true);
    }

    public Call<T> start() {
        thread.start();
        return this;
    }

    private void run(Callable<T> body) {
        try {
            result = body.call();
        } catch (Throwable e) {
            failure = e;
        } finally {
            flagAfter = Thread.currentThread().isInterrupted();
            done.countDown();
        }
    }

    public Thread thread() {
        return thread;
    }

    public boolean isDone() {
        return done.getCount() == 0;
    }

    public void interrupt() {
        thread.interrupt();
    }

    /** Whether the interrupt flag was set when the call ended. */
    public boolean interruptFlag() {
        return flagAfter;
    }

    /** Returns once the thread sleeps: in Java, or for a while in the same native method. */
    public Call<T> untilItWaits() {
        long began = System.nanoTime();
        for (int seen = 0; seen < 3; seen++) {
            if (isDone()) throw new AssertionError("Expected to wait, but " + outcome(), failure);
            if (isOver(began)) throw stuck("was never seen to wait", began);
            if (!sleeps()) seen = -1;
            Patience.pause(5);
        }
        return this;
    }

    /**
     * For a call that may wait but need not, such as the close of a publisher whose claim is open.
     */
    public Call<T> untilItWaitsOrEnds() {
        long began = System.nanoTime();
        for (int seen = 0; seen < 3 && !isDone(); seen++) {
            if (isOver(began)) throw stuck("neither waits nor ends", began);
            if (!sleeps()) seen = -1;
            Patience.pause(5);
        }
        return this;
    }

    private static boolean isOver(long began) {
        return System.nanoTime() - began > Patience.limit().toNanos();
    }

    private boolean sleeps() {
        Thread.State state = thread.getState();
        if (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING || state == Thread.State.BLOCKED)
            return true;
        // its trace would not show the native call of java.lang.foreign
        ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId());
        return info != null && info.isInNative();
    }

    /** How often the calling thread has waited so far, asleep or for a lock's condition. */
    public static long ownWaits() {
        long id = Thread.currentThread().getId();
        return ManagementFactory.getThreadMXBean().getThreadInfo(id).getWaitedCount();
    }

    /**
     * Fails if the call ends within this time. A call that waits as it should never does so,
     * however slow the machine.
     */
    public Call<T> staysPending(Duration time) {
        try {
            if (done.await(time.toNanos(), TimeUnit.NANOSECONDS))
                throw new AssertionError("Expected to go on waiting, but " + outcome(), failure);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        return this;
    }

    public T result() {
        awaitEnd();
        if (failure != null) throw new AssertionError("Expected a result, but " + outcome(), failure);
        return result;
    }

    public Throwable failure() {
        awaitEnd();
        if (failure == null) throw new AssertionError("Expected an exception, but " + outcome());
        return failure;
    }

    private void awaitEnd() {
        long began = System.nanoTime();
        try {
            if (!done.await(Patience.limit().toNanos(), TimeUnit.NANOSECONDS)) throw stuck("did not end", began);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private String outcome() {
        return failure != null ? "it threw " + failure : "it returned " + result;
    }

    private AssertionError stuck(String what, long began) {
        AssertionError error = new AssertionError("A call " + what + " within " + Patience.limit() + ", in "
                + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms; it is here:");
        error.setStackTrace(thread.getStackTrace());
        return error;
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("The test itself was interrupted", e);
    }
}
