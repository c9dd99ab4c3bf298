package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.SlowSubscriber;
import org.junit.jupiter.api.Test;

class PolicyTest {
    @Test
    void shouldSayWhatEachMeans() {
        assertThat(answers(Policy.GATE)).isEqualTo("gates gatesGrowing keeps stays:-1");
        assertThat(answers(Policy.GATE_FOR_A_TIME)).isEqualTo("gates gatesGrowing passable keeps stays:64");
        assertThat(answers(Policy.DISCONNECT)).isEqualTo("gatesGrowing passable keeps stays:64");
        assertThat(answers(Policy.OVERRUN)).isEqualTo("passable jumps stays:" + Long.MAX_VALUE);
    }

    private static String answers(Policy policy) {
        return (policy.gates(false) ? "gates " : "")
                + (policy.gates(true) ? "gatesGrowing " : "")
                + (policy.mayBePassed() ? "passable " : "")
                + (policy.jumps() ? "jumps " : "")
                + (policy.keeps() ? "keeps " : "")
                + "stays:"
                + policy.neededFrom(64);
    }

    @Test
    void shouldBeWhatWasAskedFor() {
        for (SlowSubscriber slow : SlowSubscriber.values()) {
            Policy policy = Policy.of(slow);
            assertThat(policy.slowSubscriber()).isEqualTo(slow);
            assertThat(policy.within(0)).isEqualTo(policy);
            assertThat(policy.within(1)).isEqualTo(policy == Policy.GATE ? Policy.GATE_FOR_A_TIME : policy);
            assertThat(policy.within(1).slowSubscriber()).isEqualTo(slow);
        }
    }
}
