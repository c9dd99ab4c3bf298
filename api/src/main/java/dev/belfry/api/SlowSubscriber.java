package dev.belfry.api;

/** What happens when the queue is full and this subscriber still needs the oldest message. */
public enum SlowSubscriber {
    /** Nothing is lost: publishers wait (or, behind a broker, the broker stores). */
    GATE_PUBLISHER,
    /** It jumps to the oldest retained message; lostCount grows by the gap. */
    OVERRUN,
    /** Its subscription ends; its next call throws SubscriberDisconnectedException. */
    DISCONNECT
}
