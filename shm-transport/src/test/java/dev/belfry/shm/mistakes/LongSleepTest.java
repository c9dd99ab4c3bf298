package dev.belfry.shm.mistakes;

import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a sleep does not wait for the end of its slice: in a product that sleeps an hour at a time. */
@Timeout(600)
@WaitsForOthers
@Slow
class LongSleepTest {
    /** In {@code Sleepers}. */
    static final String QUIET_SLICE = "QUIET_SLICE_NANOS = 1_000_000_000";

    static final String QUIET_AFTER = "QUIET_AFTER_NANOS = 10_000_000_000L";

    /** Of silence, in nanoseconds. */
    static final long A_WHILE = 300_000_000;

    private static final long HOUR = 3_600_000_000_000L;

    static final class Behaves implements Consumer<String> {
        @Override
        public void accept(String method) {
            Behaviours.soon = Patience.limit();
            new Noticers.Behaviour().accept(method);
        }
    }

    private static void behaves(long quietAfter, String... methods) {
        try (Patched product = Patched.in("Sleepers", QUIET_AFTER, "QUIET_AFTER_NANOS = " + quietAfter)
                .and("Sleepers", QUIET_SLICE, "QUIET_SLICE_NANOS = " + HOUR + "L")) {
            for (String method : methods) product.run(Behaves.class, method);
        }
    }

    @Test
    void shouldEndWithinItsSlice() {
        behaves(0, "closeWakesReceive", "interruptWakesReceive", "timeEndsReceive", "endWakesReceive");
    }

    @Test
    void shouldSleepLongAfterAWhile() {
        behaves(A_WHILE, "silenceOutlastsReceives", "messageEndsSilence");
    }
}
