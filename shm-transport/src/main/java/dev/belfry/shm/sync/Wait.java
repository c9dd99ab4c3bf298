package dev.belfry.shm.sync;

import java.util.function.BooleanSupplier;

/** How long a wait may last, and what ends it early: deadlines in nanoTime, slices so that close and interrupt are seen. */
public class Wait {
    /** How a wait ended. */
    public enum Ended {
        DONE,
        TIMED_OUT,
        CLOSED,
        INTERRUPTED
    }

    private final long deadlineNanos;
    private final boolean mayBlock;
    private final BooleanSupplier closing;
    private final long beganNanos = System.nanoTime();

    /** {@code timeoutNanos} from now; zero or less: never blocks. */
    public Wait(long timeoutNanos, BooleanSupplier closing) {
        this.mayBlock = timeoutNanos > 0;
        this.deadlineNanos = beganNanos + Math.max(0, Math.min(timeoutNanos, Long.MAX_VALUE / 2));
        this.closing = closing;
    }

    public final boolean mayBlock() {
        return mayBlock;
    }

    public final long remainingNanos() {
        return mayBlock ? deadlineNanos - System.nanoTime() : 0;
    }

    /** The same wait, but for at most so long. */
    public final Wait atMost(long nanos) {
        return new Wait(Math.min(nanos, remainingNanos()), closing);
    }

    public final long waitedNanos() {
        return System.nanoTime() - beganNanos;
    }

    /** A slice is over, and somebody still has this lock. The word of it may be ours by now: see {@link PublishLock}. */
    protected void goesOn(FutexLock lock) {}

    /** It waits for a lock no more. */
    public void hasTheLock() {}

    long slice(long longestNanos) {
        return Math.min(Carriers.slice(longestNanos), remainingNanos());
    }

    /** DONE: go on waiting; else why not. */
    public final Ended state() {
        if (closing.getAsBoolean()) return Ended.CLOSED;
        if (Thread.currentThread().isInterrupted()) return Ended.INTERRUPTED;
        return remainingNanos() <= 0 ? Ended.TIMED_OUT : Ended.DONE;
    }
}
