package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Seeded;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PositionsTest {
    private static final long HALF = 1L << 23;

    private static long roundTrip(long position, long hint) {
        return Positions.resolve(Positions.stamp(position), hint);
    }

    @Test
    void shouldResolveExactlyWhileTheHintIsLessThanHalfAStampAway() {
        long[] positions = {
            0, 1, 2, HALF - 1, HALF, HALF + 1, 2 * HALF - 1, 2 * HALF, 2 * HALF + 1, 1L << 32, (1L << 40) - 1, 1L << 62
        };
        long[] distances = {0, 1, 2, 1000, HALF - 2, HALF - 1};
        for (long position : positions)
            for (long distance : distances) {
                assertThat(roundTrip(position, position - distance))
                        .as(position + " from below")
                        .isEqualTo(position);
                assertThat(roundTrip(position, position + distance))
                        .as(position + " from above")
                        .isEqualTo(position);
            }
    }

    @Test
    void shouldTakeTheNearestOtherwise() {
        long position = 100_000_000;
        assertThat(roundTrip(position, position + HALF)).isEqualTo(position); // as far below as the next one is above
        assertThat(roundTrip(position, position - HALF)).isEqualTo(position - 2 * HALF);
        assertThat(roundTrip(position, position + HALF + 1)).isEqualTo(position + 2 * HALF);
    }

    @Seeded(20260711)
    void shouldResolveFromRandomHints(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long position = random.nextLong() >>> random.nextInt(63) + 1;
            long hint = position + random.nextInt((int) (2 * HALF - 1)) - (HALF - 1);
            assertThat(roundTrip(position, hint)).as("seed " + seed).isEqualTo(position);
        }
    }
}
