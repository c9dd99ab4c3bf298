package dev.belfry.shm.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import org.junit.jupiter.api.Test;

class SlotStateTest {
    private static long active(SlowSubscriber policy) {
        return SlotState.of(5, SlotState.ACTIVE, false, policy, false);
    }

    @Test
    void shouldKeepItsBitsInPlace() {
        assertThat(SlotState.of(3, SlotState.JOINING, false, SlowSubscriber.GATE_PUBLISHER, false))
                .isEqualTo(0x3_0011);
        assertThat(SlotState.of(3, SlotState.ACTIVE, true, SlowSubscriber.DISCONNECT, false))
                .isEqualTo(0x3_0312);
        assertThat(SlotState.of(3, SlotState.DETACHED, true, SlowSubscriber.OVERRUN, true))
                .isEqualTo(0x3_0D13);
        assertThat(SlotState.FREE).isZero();
        assertThat(SlotState.STARTING).isEqualTo(0x1000);
        assertThat(SlotState.ENDED).isEqualTo(0x2000);
        assertThat(SlotState.incarnation(-1L << 16)).isEqualTo((1L << 48) - 1);
    }

    @Test
    void shouldReadBackWhatItWrote() {
        for (SlowSubscriber policy : SlowSubscriber.values()) {
            long state = SlotState.of(9, SlotState.ACTIVE, true, policy, true) | SlotState.ENDED;
            assertThat(SlotState.policy(state).slowSubscriber()).isEqualTo(policy);
            assertThat(SlotState.phase(state)).isEqualTo(SlotState.ACTIVE);
            assertThat(SlotState.incarnation(state)).isEqualTo(9);
            assertThat(SlotState.withPhase(state, SlotState.FREE)).isEqualTo(state - SlotState.ACTIVE);
            assertThat(SlotState.has(state, SlotState.ENDED)).isTrue();
            assertThat(SlotState.has(state, SlotState.STARTING)).isFalse();
        }
        assertThat(SlotState.sameIncarnation(0x5_0011, 0x5_2D12)).isTrue();
        assertThat(SlotState.sameIncarnation(0x5_0011, 0x6_0011)).isFalse();
    }

    @Test
    void shouldGateAsItsPolicySays() {
        for (boolean canGrow : new boolean[] {true, false}) {
            assertThat(SlotState.gates(active(SlowSubscriber.GATE_PUBLISHER), canGrow))
                    .isTrue();
            assertThat(SlotState.gates(active(SlowSubscriber.DISCONNECT), canGrow))
                    .isEqualTo(canGrow);
            assertThat(SlotState.gates(active(SlowSubscriber.OVERRUN), canGrow)).isFalse();
            assertThat(SlotState.gates(active(SlowSubscriber.GATE_PUBLISHER) | SlotState.ENDED, canGrow))
                    .isFalse();
            assertThat(SlotState.gates(active(SlowSubscriber.GATE_PUBLISHER) | SlotState.STARTING, canGrow))
                    .isTrue();
        }
    }

    @Test
    void shouldGateOnlyWhileItIsASubscription() {
        long state = active(SlowSubscriber.GATE_PUBLISHER);
        assertThat(SlotState.gates(SlotState.withPhase(state, SlotState.DETACHED), false))
                .isTrue();
        assertThat(SlotState.gates(SlotState.withPhase(state, SlotState.JOINING), false))
                .isFalse();
        assertThat(SlotState.gates(SlotState.withPhase(state, SlotState.FREE), false))
                .isFalse();
        assertThat(SlotState.isSubscription(0)).isFalse();
    }

    /** A publisher ends what gates, also before it has found its start; and its slot keeps both when it is free. */
    @Test
    void shouldTakeOneThatWasEndedBeforeItStartedForHealthy() {
        long state = active(SlowSubscriber.GATE_PUBLISHER) | SlotState.STARTING | SlotState.ENDED;
        SlotState.requirePossible(0, state);
        SlotState.requirePossible(0, SlotState.withPhase(state, SlotState.FREE));
    }

    @Test
    void shouldLetPoliciesOfLaterReleasesGate() {
        for (int code = 3; code <= Policy.HIGHEST_CODE; code++) {
            long state = SlotState.of(5, SlotState.ACTIVE, true, code, true);
            assertThat(SlotState.policyCode(state)).isEqualTo(code);
            assertThat(SlotState.policy(state)).isEqualTo(Policy.GATE);
            assertThat(SlotState.gates(state, false)).isTrue();
            SlotState.requirePossible(0, state);
            assertThat(state & ~(3L << 9 | 1L << 14)).isEqualTo(0x5_0912);
        }
        assertThat(SlotState.of(5, SlotState.ACTIVE, true, 5, true)).isEqualTo(0x5_4B12);
    }

    @Test
    void shouldLetKindsOfLaterReleasesGateWhateverElseTheySay() {
        for (int kind = 2; kind < 16; kind++)
            for (long rest : new long[] {0, SlotState.ENDED, 0xFF00}) {
                long state = 5L << 16 | (long) kind << 4 | SlotState.ACTIVE | rest;
                SlotState.requirePossible(0, state);
                assertThat(SlotState.isNewer(state)).isTrue();
                assertThat(SlotState.gates(state, false)).isTrue();
                assertThat(SlotState.gates(SlotState.withPhase(state, SlotState.JOINING), false))
                        .isFalse();
            }
        assertThatThrownBy(() -> SlotState.gates(5L << 16 | SlotState.ACTIVE, true))
                .isInstanceOf(CorruptSegmentException.class);
        assertThatThrownBy(() -> SlotState.requirePossible(0, 5L << 16 | SlotState.ACTIVE))
                .isInstanceOf(CorruptSegmentException.class);
    }

    @Test
    void shouldPinTheCodesThatAreStored() {
        assertThat(SlowSubscriber.values()).extracting(Policy::code).containsExactly(0, 2, 1); // never by their order
        assertThat(AckMode.values()).extracting(AckCode::of).containsExactly(0, 1, 2);
        for (AckMode mode : AckMode.values())
            assertThat(AckCode.mode(AckCode.of(mode))).isEqualTo(mode);
        for (SlowSubscriber slow : SlowSubscriber.values())
            assertThat(Policy.of(Policy.code(slow))).isEqualTo(Policy.of(slow));
        assertThat(AckCode.mode(3)).isEqualTo(AckMode.CLIENT);
        assertThat(AckCode.mode(-1)).isEqualTo(AckMode.CLIENT);
    }
}
