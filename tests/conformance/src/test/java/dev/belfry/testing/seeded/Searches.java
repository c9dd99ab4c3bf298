package dev.belfry.testing.seeded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Luck;
import dev.belfry.testing.Planted;
import dev.belfry.testing.Seeded;
import java.util.ArrayList;
import java.util.List;

/** What {@link SeededTest} runs. */
@Planted
class Searches {
    static final List<Long> SEEDS = new ArrayList<>();
    static volatile long failsFrom;

    @Seeded({6, 8})
    void search(long seed) {
        SEEDS.add(seed);
        // the planted mistake: a fresh seed is as good as never below 2^40
        assertThat(seed).isLessThan(failsFrom);
    }

    @Luck
    @Seeded(1)
    void repeated() {
        SEEDS.add(0L);
    }

    @Luck
    @org.junit.jupiter.api.Test
    void once() {
        SEEDS.add(-1L);
    }
}
