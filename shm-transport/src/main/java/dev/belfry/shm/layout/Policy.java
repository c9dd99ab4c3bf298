package dev.belfry.shm.layout;

import dev.belfry.api.SlowSubscriber;

/** The meaning of a policy for a subscription: each question that depends on it is asked here. */
public enum Policy {
    /** Publishers wait for it, for as long as it takes. */
    GATE,
    /** The same where the queue has a {@code maxGateTime}, which ends it. */
    GATE_FOR_A_TIME,
    DISCONNECT,
    OVERRUN;

    /** There is no code above it. */
    public static final int HIGHEST_CODE = 7;

    private static final int GATES = 0;
    private static final int DISCONNECTS = 1;
    private static final int OVERRUNS = 2;

    /** By the code in a slot's state, or in the file {@code places}: one of a later release loses nothing here. */
    public static Policy of(int code) {
        return code == DISCONNECTS ? DISCONNECT : code == OVERRUNS ? OVERRUN : GATE;
    }

    /** Else it is a later release's. */
    public static boolean isKnown(int code) {
        return code <= OVERRUNS;
    }

    public static int code(SlowSubscriber slow) {
        return switch (slow) {
            case GATE_PUBLISHER -> GATES;
            case DISCONNECT -> DISCONNECTS;
            case OVERRUN -> OVERRUNS;
        };
    }

    public static Policy of(SlowSubscriber slow) {
        return switch (slow) {
            case GATE_PUBLISHER -> GATE;
            case DISCONNECT -> DISCONNECT;
            case OVERRUN -> OVERRUN;
        };
    }

    /** In a queue with this {@code maxGateTime}, 0: none. A slot's state does not know it. */
    public Policy within(long maxGateNanos) {
        return this == GATE && maxGateNanos != 0 ? GATE_FOR_A_TIME : this;
    }

    public SlowSubscriber slowSubscriber() {
        if (this == OVERRUN) return SlowSubscriber.OVERRUN;
        return this == DISCONNECT ? SlowSubscriber.DISCONNECT : SlowSubscriber.GATE_PUBLISHER;
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
    public long mustStay(long acknowledged) {
        if (!mayBePassed()) return -1;
        return jumps() ? Long.MAX_VALUE : acknowledged;
    }
}
