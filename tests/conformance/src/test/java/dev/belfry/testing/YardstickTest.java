package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@WaitsForOthers
class YardstickTest {
    private static final Duration STOPPED = Duration.ofMillis(200);
    private static final Duration NAP = Duration.ofMillis(10);

    private final Yardstick yardstick = new Yardstick();

    @AfterEach
    void close() {
        yardstick.close();
    }

    @Test
    void shouldNotCountTheTimeForWhichTheMachineStoppedIt() {
        long began = System.nanoTime();
        yardstick.begin();
        yardstick.sleeper.pause();
        Patience.pause(STOPPED.toMillis());
        yardstick.sleeper.proceed();
        assertThat(yardstick.late()).isGreaterThanOrEqualTo(STOPPED.minus(NAP));
        assertThat(yardstick.took())
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - began).minus(STOPPED.minus(NAP)));
    }

    /** It is late by something always, but not by the naps themselves: then no limit would hold. */
    @Test
    void shouldCountTheTimeInWhichTheMachineIsThere() {
        for (int tries = 0; ; tries++) {
            assertThat(tries).as("a machine that is never there").isLessThan(200);
            yardstick.begin();
            Patience.pause(STOPPED.toMillis());
            if (yardstick.took().compareTo(STOPPED.dividedBy(2)) > 0) break;
        }
    }
}
