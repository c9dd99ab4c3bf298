package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** At each step. */
@Timeout(60)
@Slow
@OneJdk
class CrashPointsTest {
    @Test
    void shouldLoseDoubleAndDisorderNothingWhereverABridgeDies() {
        CrashPoints all = new CrashPoints();
        assertThat(all.apply("")).isNull();
        assertThat(all.runs()).isGreaterThan(1000);
    }
}
