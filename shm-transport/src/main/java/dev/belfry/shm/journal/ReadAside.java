package dev.belfry.shm.journal;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.ring.FilesRead;
import dev.belfry.shm.ring.LogBelow;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A read of the files in a thread of its own: a disk that hangs holds that one. Its reader waits for a moment, which is
 * enough for a disk that answers, and then sleeps as for a publisher.
 */
final class ReadAside extends FilesRead implements Runnable {
    private static final long GRACE_NANOS = 50_000_000;

    private enum State {
        /** Its reader waits, or has not asked yet: its end unparks that. */
        AWAITED,
        /** Its end wakes the reader, which may sleep in any way. */
        LATE,
        /** What it has read can be seen. */
        ENDED
    }

    private final Thread caller = Thread.currentThread();
    private final Runnable wakes;

    /** The end releases what was read, by its exchange; each load of it acquires that. */
    private final AtomicReference<State> state = new AtomicReference<>(State.AWAITED);

    private ReadAside(LogBelow below, long offset, long position, SharedBytes into, Runnable wakes) {
        super(below, offset, position, into);
        this.wakes = wakes;
    }

    /** Where no thread can be had this one reads. {@code wakes}: a reader that sleeps. */
    static FilesRead begin(
            LogFiles files, LogBelow below, long offset, long position, SharedBytes into, Runnable wakes) {
        ReadAside read = new ReadAside(below, offset, position, into, wakes);
        try {
            files.begin(read);
        } catch (OutOfMemoryError noThread) {
            read.run();
        }
        read.await();
        return read;
    }

    @Override
    public void run() {
        read();
        if (state.getAndSet(State.ENDED) == State.LATE) wake();
        else LockSupport.unpark(caller);
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
