package dev.belfry.mem;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The one lock of a queue: {@code synchronized} on this object, which the JVM releases even at the
 * end of a stack. Every change that a call may wait for is signalled before it is made. No call
 * waits inside: a monitor would pin virtual threads.
 */
final class MemMonitor {
    private final String uri; // for error texts
    final Set<Sleeper> sleepers = new HashSet<>(); // with the lock held: calls that the next change wakes, once

    /** A call that sleeps. Not the thread itself: a subclass of Thread may override equals. */
    static final class Sleeper {
        private final Thread thread = Thread.currentThread();

        void wake() {
            LockSupport.unpark(thread);
        }
    }

    MemMonitor(String uri) {
        this.uri = uri;
    }

    /**
     * Wakes the sleepers, before a change that a call may wait for. Sleepers check again once the lock is free.
     *
     * <p>In this order no StackOverflowError makes a sleeper miss a change. One in this method leaves the change unmade
     * and all sleepers listed: the next signal wakes them, some of them twice, which does no harm. One that comes later
     * finds all of them awake. A latch would not work: if it failed half open, it would never wake a thread again.
     */
    void signalLocked() {
        if (sleepers.isEmpty()) return;
        for (Sleeper sleeper : sleepers) sleeper.wake();
        sleepers.clear();
    }

    /**
     * Tries with the lock held, again after each change. Sleeps without the lock, at most
     * {@code longest} nanoseconds at a time. Null if the deadline has passed.
     */
    <T> T until(long deadline, long longest, String what, Supplier<T> step) {
        Sleeper sleeper = null;
        while (true) {
            long left;
            synchronized (this) {
                if (sleeper != null) sleepers.remove(sleeper);
                T done = step.get();
                if (done != null) return done;
                left = Deadlines.remaining(deadline);
                if (left <= 0) return null;
                if (Thread.currentThread().isInterrupted()) throw Errors.interrupted(what + " '" + uri + "'");
                if (sleeper == null) sleeper = new Sleeper();
                sleepers.add(sleeper);
            }
            LockSupport.parkNanos(this, Math.min(longest, left)); // ends at an interrupt, too
        }
    }

    /** The same, but no interrupt ends it. */
    <T> T untilInAnyCase(long deadline, long longest, String what, Supplier<T> step) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return until(deadline, longest, what, step);
                } catch (InterruptedQueueException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
