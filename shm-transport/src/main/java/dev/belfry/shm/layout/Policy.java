package dev.belfry.shm.layout;

import dev.belfry.api.SlowSubscriber;

/** The meaning of a policy for a subscription: each question that depends on it is asked here. */
public enum Policy {
    /** Publishers wait for it, for as long as it takes. */
    GATE(0, SlowSubscriber.GATE_PUBLISHER),
    /** The same where the queue has a {@code maxGateTime}, which ends it. */
    GATE_FOR_A_TIME(0, SlowSubscriber.GATE_PUBLISHER),
    DISCONNECT(1, SlowSubscriber.DISCONNECT),
    OVERRUN(2, SlowSubscriber.OVERRUN);

    /** There is no code above it. */
    public static final int HIGHEST_CODE = 7;

    private final int code;
    private final SlowSubscriber slow;

    Policy(int code, SlowSubscriber slow) {
        this.code = code;
        this.slow = slow;
    }

    /** By the code in a slot's state, or in the file {@code places}: one of a later release loses nothing here. */
    public static Policy of(int code) {
        return code == DISCONNECT.code ? DISCONNECT : code == OVERRUN.code ? OVERRUN : GATE;
    }

    /** Else it is a later release's. */
    public static boolean isKnown(int code) {
        return code <= OVERRUN.code;
    }

    public static int code(SlowSubscriber slow) {
        return of(slow).code;
    }

    public static Policy of(SlowSubscriber slow) {
        if (slow == SlowSubscriber.OVERRUN) return OVERRUN;
        return slow == SlowSubscriber.DISCONNECT ? DISCONNECT : GATE;
    }

    /** In a queue with this {@code maxGateTime}, 0: none. A slot's state does not know it. */
    public Policy within(long maxGateNanos) {
        return this == GATE && maxGateNanos != 0 ? GATE_FOR_A_TIME : this;
    }

    public SlowSubscriber slowSubscriber() {
        return slow;
    }

    /**
     * Does what it needs hold publishers up? {@code canGrow}: the ring may still grow. A wait for acknowledgements
     * waits for those that gate while it may.
     */
    public boolean gates(boolean canGrow) {
        return this != OVERRUN && (this != DISCONNECT || canGrow);
    }

    /** So it reads copies, and asks the gate afterwards. */
    public boolean mayBePassed() {
        return this != GATE;
    }

    /** Does it go on behind what is lost when it was passed? All others end. */
    public boolean jumps() {
        return this == OVERRUN;
    }

    /** Does its place keep what lies behind it, as far as that goes? Then it is stored under the gate lock. */
    public boolean keeps() {
        return this != OVERRUN;
    }

    /** For {@code LogPlace.after}: what the gate must not have passed while it walks from its acknowledged offset. */
    public long neededFrom(long acknowledged) {
        if (!mayBePassed()) return -1;
        return jumps() ? Long.MAX_VALUE : acknowledged;
    }
}
