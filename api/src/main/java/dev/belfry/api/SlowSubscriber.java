package dev.belfry.api;

/**
 * How a full queue treats this subscriber if it still needs the oldest message. Constants may be added: a switch needs
 * a default, which means GATE_PUBLISHER.
 * @since 0.1
 */
public enum SlowSubscriber {
    /** Nothing is lost: publishers wait (with a broker, the broker stores the messages). */
    GATE_PUBLISHER,
    /** The subscription jumps to the oldest retained message; lostCount grows by the gap. */
    OVERRUN,
    /** The subscription ends; its next call throws SubscriberDisconnectedException. */
    DISCONNECT
}
