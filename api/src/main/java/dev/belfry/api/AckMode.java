package dev.belfry.api;

/** Who says that a message is done with. */
public enum AckMode {
    /** receive as it returns, poll and listener once the handler has returned normally. */
    AUTO,
    /** The program, by acknowledge. */
    CLIENT,
    /** Nobody: reading is enough, it is not counted by awaitAcknowledged. Not for named subscriptions. */
    NONE
}
