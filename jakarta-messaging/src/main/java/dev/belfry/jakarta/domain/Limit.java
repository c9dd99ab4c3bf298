package dev.belfry.jakarta.domain;

import dev.belfry.spi.Deadlines;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** How long a call waits for room: for this time, and no longer than that to which it belongs is open. */
public record Limit(Duration timeout, BooleanSupplier isClosed) {
    /** A call that finds no room now is refused. */
    public static final Limit AT_ONCE = of(Duration.ZERO);

    /** For what nobody closes. */
    public static Limit of(Duration timeout) {
        return new Limit(timeout, () -> false);
    }

    /** {@code deadline}: when the time of this call is over. */
    boolean isOver(long deadline) {
        return isClosed.getAsBoolean() || Deadlines.passed(deadline);
    }

    long deadline() {
        return Deadlines.after(timeout);
    }

    /** The limit for the next step of a call that has waited already. */
    Limit left(long deadline) {
        return new Limit(Duration.ofNanos(Deadlines.remaining(deadline)), isClosed);
    }
}
