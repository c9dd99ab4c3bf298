package dev.belfry.shm.sync;

import java.util.function.BooleanSupplier;

/**
 * How long a wait may last, and what ends it early: deadlines in nanoTime, slices so that close and interrupt are seen.
 */
public class Wait {
    /** Why a wait ended before what it waited for had come. Null where that has come, or where it may go on. */
    public enum Ended {
        TIMED_OUT,
        CLOSED,
        INTERRUPTED
    }

    private final long deadlineNanos;
    public final boolean mayBlock;
    private final BooleanSupplier closing;
    private final long beganNanos = System.nanoTime();

    /** {@code timeoutNanos} from now; zero or less: never blocks. */
    public Wait(long timeoutNanos, BooleanSupplier closing) {
        this.mayBlock = timeoutNanos > 0;
        this.deadlineNanos = beganNanos + Math.max(0, Math.min(timeoutNanos, Long.MAX_VALUE / 2));
        this.closing = closing;
    }

    public final long remainingNanos() {
        return mayBlock ? deadlineNanos - System.nanoTime() : 0;
    }

    /** The same wait, but for at most so long. */
    public final Wait atMost(long nanos) {
        return new Wait(Math.min(nanos, remainingNanos()), closing);
    }

    /** Else only a close or an interrupt ends it. */
    public final boolean hasALimit() {
        return deadlineNanos - beganNanos < Long.MAX_VALUE / 2;
    }

    public final long waitedNanos() {
        return System.nanoTime() - beganNanos;
    }

    /**
     * A slice is over, and another thread still has this lock. Its word may be ours by now: see {@link PublishLock}.
     */
    protected void goesOn(FutexLock lock) {}

    /** Notes that it does not wait for a lock any more. */
    public void endLockWait() {}

    long slice(long longestNanos) {
        return Math.min(longestNanos, remainingNanos());
    }

    /** Null while it may go on. */
    public final Ended ended() {
        if (closing.getAsBoolean()) return Ended.CLOSED;
        if (isInterrupted()) return Ended.INTERRUPTED;
        return remainingNanos() <= 0 ? Ended.TIMED_OUT : null;
    }

    /** Whether an interrupt is to end it. */
    protected boolean isInterrupted() {
        return Thread.currentThread().isInterrupted();
    }
}
