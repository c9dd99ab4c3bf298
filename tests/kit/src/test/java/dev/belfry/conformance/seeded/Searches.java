package dev.belfry.conformance.seeded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.Luck;
import dev.belfry.conformance.Planted;
import dev.belfry.conformance.Seeded;
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
