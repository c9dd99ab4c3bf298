package dev.belfry.api;

/**
 * How a message is marked as done. Constants may be added: a switch needs a default, which means CLIENT: it
 * acknowledges, in its own way.
 * @since 0.1
 */
public enum AckMode {
    /** {@code receive} does it on return, {@code poll} and a listener do it once the handler has returned normally. */
    AUTO,
    /** The program does it, by {@code acknowledge}. */
    CLIENT,
    /**
     * Nothing does: reading is enough. The subscription does not count for awaitAcknowledged. Not
     * for named subscriptions.
     */
    NONE
}
