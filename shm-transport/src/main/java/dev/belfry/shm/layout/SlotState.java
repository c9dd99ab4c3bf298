package dev.belfry.shm.layout;

import dev.belfry.api.SlowSubscriber;

/**
 * A slot's state, all in one word, so that no reader sees the flags of one subscription together
 * with the phase of another.
 *
 * <pre>
 *   bits  0-3   phase: FREE, JOINING, ACTIVE, DETACHED
 *   bits  4-7   kind: 1 subscriber, others are refused
 *   bit   8     named      bits 9-10  policy      bit 11 acknowledging     bit 12 starting     bit 13 ended
 *   bits 16-63  incarnation
 * </pre>
 */
public final class SlotState {
    public static final int FREE = 0;
    public static final int JOINING = 1;
    public static final int ACTIVE = 2;
    public static final int DETACHED = 3;

    public static final long SUBSCRIBER = 1L << 4;
    public static final long NAMED = 1L << 8;
    public static final long ACKNOWLEDGING = 1L << 11;
    public static final long STARTING = 1L << 12;
    public static final long ENDED = 1L << 13;

    private static final long PHASE = 0xF;
    private static final long NEVER = 3L << 14;
    private static final long KIND = 0xF0;
    private static final int POLICY_SHIFT = 9;
    private static final long POLICY = 3L << POLICY_SHIFT;
    private static final int INCARNATION_SHIFT = 16;
    private static final long INCARNATION = -1L << INCARNATION_SHIFT;
    private static final Policy[] POLICIES = {Policy.GATE, Policy.DISCONNECT, Policy.OVERRUN}; // by their codes

    private SlotState() {}

    public static int phase(long state) {
        return (int) (state & PHASE);
    }

    public static long withPhase(long state, int phase) {
        return state & ~PHASE | phase;
    }

    /** A subscriber's state. */
    public static long of(long incarnation, int phase, boolean named, SlowSubscriber policy, boolean acknowledging) {
        long policyCode = policy == SlowSubscriber.GATE_PUBLISHER ? 0 : policy == SlowSubscriber.DISCONNECT ? 1 : 2;
        return incarnation << INCARNATION_SHIFT
                | phase
                | SUBSCRIBER
                | (named ? NAMED : 0)
                | policyCode << POLICY_SHIFT
                | (acknowledging ? ACKNOWLEDGING : 0);
    }

    public static long incarnation(long state) {
        return state >>> INCARNATION_SHIFT;
    }

    public static boolean sameIncarnation(long a, long b) {
        return ((a ^ b) & INCARNATION) == 0;
    }

    public static Policy policy(long state) {
        int code = (int) ((state & POLICY) >>> POLICY_SHIFT);
        if (code >= POLICIES.length) throw new CorruptSegmentException("slot with policy " + code);
        return POLICIES[code];
    }

    public static boolean has(long state, long flag) {
        return (state & flag) != 0;
    }

    /** A state that no participant ever stores is damage. */
    public static void requirePossible(int slot, long state) {
        boolean right = phase(state) <= DETACHED
                && (state & KIND) == SUBSCRIBER
                && (state & NEVER) == 0
                && (phase(state) != DETACHED || has(state, NAMED))
                && (!has(state, ENDED) || !policy(state).jumps())
                && policy(state) != null;
        if (!right && state != 0) // 0: never used
        throw new CorruptSegmentException("slot " + slot + " with state " + Long.toHexString(state));
    }

    /** A subscription, attached or not, that has ended its start. */
    public static boolean isSubscription(long state) {
        int phase = phase(state);
        return phase == ACTIVE || phase == DETACHED;
    }

    /** Whether it holds the gate; {@code canGrow} says whether the ring may still grow. */
    public static boolean gates(long state, boolean canGrow) {
        if (!isSubscription(state) || has(state, ENDED)) return false;
        if ((state & KIND) != SUBSCRIBER)
            throw new CorruptSegmentException("slot of unknown kind " + ((state & KIND) >>> 4));
        return policy(state).gates(canGrow);
    }
}
