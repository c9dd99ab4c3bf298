package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each planted mistake is caught, by the same search that finds nothing in the product. */
@Timeout(120)
@Slow
@OneJdk
@ByTurns
class MistakesTest {
    @ParameterizedTest
    @EnumSource
    void shouldCatchWhenPlanted(Mistake mistake) {
        try (Patched twin = mistake.twin()) {
            assertThat(twin.call(CrashPoints.class, "")).as("%s", mistake).isNotNull();
        }
    }

    @Test
    void shouldPassWithoutAMistake() {
        try (Patched product = Patched.withoutDefect()) {
            assertThat(product.call(CrashPoints.class, "")).isNull();
        }
    }
}
