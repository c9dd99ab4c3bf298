package dev.belfry.api;

/**
 * What a transport may support beyond publish, receive, poll and listeners. More constants may be
 * added: a switch over them needs a default.
 */
public enum Capability {
    /**
     * Dense positions, lag, acknowledge(position). Without it publish returns a receipt, which only
     * awaitAcknowledged takes.
     */
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
