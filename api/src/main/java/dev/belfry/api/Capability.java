package dev.belfry.api;

/** What a transport may be able to do beyond publish, receive, poll and listen. May grow: switch with a default. */
public enum Capability {
    /** Dense positions, lag, acknowledge(position); without it publish returns a receipt for awaitAcknowledged only. */
    POSITIONS,
    /** OLDEST_RETAINED, and with POSITIONS at(position). */
    HISTORY,
    /** Named subscriptions. */
    NAMED,
    /** AckMode.CLIENT, recover, redelivered. */
    CLIENT_ACK,
    /** awaitAcknowledged. */
    AWAIT_ACK,
    /** A full queue makes publishers wait for GATE_PUBLISHER subscribers; offer, timeouts, maxGateTime. */
    GATING,
    OVERRUN,
    DISCONNECT,
    PROPERTIES,
    /** claim. */
    CLAIM,
    /** batch, tryBatch, sizeInBatch. */
    BATCH,
    /** PublisherOptions.exclusive. */
    EXCLUSIVE,
    /** MessageQueues.list. */
    LIST,
    /** MessageQueues.delete. */
    DELETE,
    CROSS_PROCESS,
    CROSS_HOST,
    /** Survives a reboot. */
    PERSISTENT
}
