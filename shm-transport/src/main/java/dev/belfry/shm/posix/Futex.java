package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

/**
 * Sleeping on a 4-byte word of shared memory, and waking the sleepers.
 *
 * <p>Without FUTEX_PRIVATE_FLAG: private futexes are keyed by address, so another process, or another mapping in this
 * one, never wakes them. A word beyond the object's end is EFAULT, one that is not aligned EINVAL: both are exceptions.
 */
public record Futex(LibC c) {
    /** Why {@link #await} returned. In each case: check the word again. */
    public enum Outcome {
        /** By a wake; or without a reason, which the kernel may do. */
        WOKEN,
        /** The word did not hold the expected value: it did not wait. */
        CHANGED,
        /** By a signal. */
        INTERRUPTED,
        TIMED_OUT
    }

    /**
     * {@code futex(address, FUTEX_WAIT, expected, timeout)}: sleeps while the word holds
     * {@code expected}, at most {@code nanos}, by the monotonic clock.
     */
    public Outcome await(long address, int expected, long nanos) {
        long timeout = Scratch.timespec(Scratch.get(), 0, Math.max(nanos, 0));
        if (c.syscall(SYS_futex, address, FUTEX_WAIT, expected, timeout, 0, 0) != -1) return Outcome.WOKEN;
        int errno = c.errno();
        return switch (errno) {
            case Errno.EAGAIN -> Outcome.CHANGED;
            case Errno.EINTR -> Outcome.INTERRUPTED;
            case Errno.ETIMEDOUT -> Outcome.TIMED_OUT;
            default -> throw PosixException.of("futex", "FUTEX_WAIT", errno);
        };
    }

    /** The same; false if it timed out. */
    public boolean awaits(long address, int expected, long nanos) {
        return await(address, expected, nanos) != Outcome.TIMED_OUT;
    }

    /** {@code futex(address, FUTEX_WAKE, count)}: wakes at most {@code count} sleepers and returns how many. */
    public int wake(long address, int count) {
        for (int i = 0; ; i++) {
            long woken = c.syscall(SYS_futex, address, FUTEX_WAKE, count, 0, 0, 0);
            if (woken != -1) return (int) woken;
            int errno = c.errno();
            if (errno != Errno.EINTR || i == Retry.LIMIT) throw PosixException.of("futex", "FUTEX_WAKE", errno);
        }
    }
}
