package dev.belfry.shm.layout;

import dev.belfry.api.SlowSubscriber;

/**
 * A slot's state, all in one word, so that no reader sees the flags of one subscription together
 * with the phase of another.
 *
 * <pre>
 *   bits  0-3   phase: FREE, JOINING, ACTIVE, DETACHED
 *   bits  4-7   kind: 1 subscriber; others are of later releases: they gate, and nothing else of them is known
 *   bit   8     named      bit 11 acknowledging     bit 12 starting     bit 13 ended
 *   bits 9-10 and, above them, 14    policy: 0 gates, 1 disconnects, 2 overruns; 3 to 7, of later releases, gate
 *   bit  15     reserved: kept, and cleared by the next owner
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
    private static final long KIND = 0xF0;
    private static final int POLICY_SHIFT = 9;
    private static final int POLICY = 3;
    private static final int POLICY_TOP_SHIFT = 14;
    private static final int POLICY_TOP = 4;
    private static final long RESERVED = 1L << 15;
    private static final int INCARNATION_SHIFT = 16;
    private static final long INCARNATION = -1L << INCARNATION_SHIFT;

    private SlotState() {}

    public static int phase(long state) {
        return (int) (state & PHASE);
    }

    public static long withPhase(long state, int phase) {
        return state & ~PHASE | phase;
    }

    /** A subscriber's state. */
    public static long of(long incarnation, int phase, boolean named, SlowSubscriber policy, boolean acknowledging) {
        return of(incarnation, phase, named, Policy.code(policy), acknowledging);
    }

    /** The same, with the code of a policy, perhaps a later release's. */
    public static long of(long incarnation, int phase, boolean named, int policy, boolean acknowledging) {
        return incarnation << INCARNATION_SHIFT
                | phase
                | SUBSCRIBER
                | (named ? NAMED : 0)
                | (long) (policy & POLICY) << POLICY_SHIFT
                | ((policy & POLICY_TOP) != 0 ? 1L << POLICY_TOP_SHIFT : 0)
                | (acknowledging ? ACKNOWLEDGING : 0);
    }

    public static long incarnation(long state) {
        return state >>> INCARNATION_SHIFT;
    }

    public static boolean sameIncarnation(long a, long b) {
        return ((a ^ b) & INCARNATION) == 0;
    }

    public static Policy policy(long state) {
        return Policy.of(policyCode(state));
    }

    public static int policyCode(long state) {
        return (int) (state >>> POLICY_SHIFT) & POLICY | (has(state, 1L << POLICY_TOP_SHIFT) ? POLICY_TOP : 0);
    }

    /** Only a later release knows its kind: it gates as long as its phase says, and nothing changes it here. */
    public static boolean isNewer(long state) {
        return (state & KIND) > SUBSCRIBER;
    }

    /** A bit that this release never sets. */
    public static boolean hasReserved(long state) {
        return has(state, RESERVED);
    }

    public static boolean has(long state, long flag) {
        return (state & flag) != 0;
    }

    /** A state that no participant ever stores is damage. */
    public static void requirePossible(int slot, long state) {
        boolean right = phase(state) <= DETACHED
                && (state & KIND) != 0
                && (isNewer(state)
                        || (phase(state) != DETACHED || has(state, NAMED))
                                && (!has(state, ENDED) || !policy(state).jumps()));
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
        if (!isSubscription(state) || has(state, ENDED) && !isNewer(state)) return false;
        if ((state & KIND) == 0) throw new CorruptSegmentException("slot of no kind");
        return isNewer(state) || policy(state).gates(canGrow);
    }
}
