package dev.belfry.spi;

import java.time.Duration;

/**
 * A duration becomes a deadline on {@link System#nanoTime()} once, at the top of a call: a duration that is passed down
 * would start again at each retry. Zero or negative = do not wait, too long = no limit.
 * @since 0.1
 */
public final class Deadlines {
    /** "No limit", in nanoseconds: 146 years, so that sums and differences of two never overflow. */
    public static final long FOREVER_NANOS = Long.MAX_VALUE / 2;

    /** A deadline that has passed. It is a plain nanoTime; a comparison with it first avoids reading the clock. */
    public static final long PAST = System.nanoTime() - 1;

    /** A deadline that never passes. */
    public static final long FOREVER = PAST + FOREVER_NANOS;

    private Deadlines() {}

    /**
     * From 0 (do not wait) to FOREVER_NANOS. Also FOREVER goes through here before each call that
     * may wait, so that nothing throws inside.
     */
    public static long nanos(Duration timeout) {
        if (timeout.isNegative()) return 0;
        return timeout.getSeconds() >= FOREVER_NANOS / 1_000_000_000 ? FOREVER_NANOS : timeout.toNanos();
    }

    /** PAST and FOREVER do not need the clock; all others count from now. */
    public static long after(Duration timeout) {
        return after(nanos(timeout));
    }

    /** Does the same as {@link #after(Duration)}, for a result of {@link #nanos}. */
    public static long after(long nanos) {
        return nanos <= 0 ? PAST : nanos >= FOREVER_NANOS ? FOREVER : System.nanoTime() + nanos;
    }

    /** Nanoseconds left, never a negative number; 0 if it has passed. */
    public static long remaining(long deadline) {
        if (deadline == PAST) return 0;
        return deadline == FOREVER ? FOREVER_NANOS : Math.max(0, deadline - System.nanoTime());
    }

    public static boolean passed(long deadline) {
        return remaining(deadline) == 0;
    }
}
