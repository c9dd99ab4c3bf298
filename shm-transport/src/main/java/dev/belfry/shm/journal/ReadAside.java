package dev.belfry.shm.journal;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.ring.FilesRead;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * A read of the files in a thread of its own: a disk that hangs holds that one. Its reader waits for a moment, which is
 * enough for a disk that answers, and then sleeps as for a publisher.
 */
final class ReadAside extends FilesRead implements Runnable {
    /** A busy disk answers within it. A caller that is told of no message where there is one would be misled. */
    private static final long GRACE_NANOS = 500_000_000;

    private enum State {
        /** Its reader waits, or has not asked yet: its end unparks that. */
        AWAITED,
        /** Its end wakes the reader, which may sleep in any way. */
        LATE,
        /** All that it has read can be seen. */
        ENDED
    }

    private final Thread caller = Thread.currentThread();
    private final Runnable wakes;

    /** The end releases what was read, by its exchange; each load of it acquires that. */
    private final AtomicReference<State> state = new AtomicReference<>(State.AWAITED);

    private ReadAside(long offset, SharedBytes into, IntSupplier read, Runnable wakes) {
        super(offset, into, read);
        this.wakes = wakes;
    }

    /** Where no thread can be had this one reads. {@code wakes}: a reader that sleeps. */
    static FilesRead begin(LogFiles files, long offset, SharedBytes into, IntSupplier read, Runnable wakes) {
        ReadAside aside = new ReadAside(offset, into, read, wakes);
        try {
            files.begin(aside);
        } catch (OutOfMemoryError noThread) {
            aside.run();
        }
        aside.await();
        return aside;
    }

    /** It ends also where the JVM tells a fault of memory late. */
    @Override
    public void run() {
        try {
            read();
        } finally {
            if (state.getAndSet(State.ENDED) == State.LATE) wake();
            else LockSupport.unpark(caller);
        }
    }

    private void wake() {
        try {
            wakes.run();
        } catch (Throwable fault) {
            // such as of a queue that was cut short: the sleeper meets it as well
        }
    }

    /** An interrupt is for what comes after it: a message that is there is found. */
    private void await() {
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + GRACE_NANOS;
            for (long left = GRACE_NANOS; isAwaited() && left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private boolean isAwaited() {
        return state.get() == State.AWAITED;
    }

    /** One step, so that either its end is seen here, or its end sees that the reader is about to sleep. */
    @Override
    public boolean isUnderWay() {
        return state.get() != State.ENDED && state.compareAndExchange(State.AWAITED, State.LATE) != State.ENDED;
    }
}
