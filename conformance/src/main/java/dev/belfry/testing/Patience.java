package dev.belfry.testing;

import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** How tests wait: for a condition, and at most this long. */
public final class Patience {
    private static final Duration INTERVAL = Duration.ofMillis(2);

    private Patience() {}

    /**
     * How long anything may take before a test gives up: generous, for machines that are busy with something else, but
     * shorter than the time limit of a test. {@code -Dbelfry.patience=5min} for others.
     */
    public static Duration limit() {
        return Units.parseDuration(System.getProperty("belfry.patience", "45s"));
    }

    /**
     * Waits for the condition. {@code what} begins the failure's message, for example "the listener
     * has received all".
     */
    public static void until(String what, BooleanSupplier condition) {
        until(what, limit(), null, condition);
    }

    /** Waits at most this long, for tests that expect a failure. */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        until(what, limit, null, condition);
    }

    /** Waits for something that this child does: a failure's message has the child's report. */
    public static void until(String what, ChildJvm child, BooleanSupplier condition) {
        until(what, limit(), child, condition);
    }

    private static void until(String what, Duration limit, ChildJvm child, BooleanSupplier condition) {
        try {
            Awaitility.await()
                    .pollInSameThread()
                    .dontCatchUncaughtExceptions()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(INTERVAL)
                    .atMost(limit)
                    .until(condition::getAsBoolean);
        } catch (ConditionTimeoutException late) {
            throw new AssertionError("Not within " + limit + ": " + what + (child == null ? "" : child.report()));
        }
    }

    /** Where there is no condition to wait for: a state that must last. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }
}
