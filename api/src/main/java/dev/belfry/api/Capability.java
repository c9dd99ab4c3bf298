package dev.belfry.api;

/**
 * The features that a transport may support beyond publish, receive, poll and listeners. Constants are added with new
 * features: a switch needs a default, which means one that the program does not use.
 * @since 0.1
 */
public enum Capability {
    /**
     * Dense positions, lag, acknowledge(position). Without it publish returns a receipt, which only
     * awaitAcknowledged takes.
     */
    POSITIONS,
    /** OLDEST_RETAINED, and with POSITIONS at(position). */
    HISTORY,
    /** With HISTORY: seek. */
    SEEK,
    /** With HISTORY: time(time), where the messages have timestamps; and with SEEK, seek to it. */
    HISTORY_BY_TIME,
    /** Subscriptions can have names, and keep their place. */
    NAMED,
    /** A program can acknowledge by itself: AckMode.CLIENT, recover, redelivered. */
    CLIENT_ACK,
    /** A publisher can wait for acknowledgements: awaitAcknowledged. */
    AWAIT_ACK,
    /**
     * A full queue makes publishers wait for GATE_PUBLISHER subscribers; maxGateTime. Without it
     * GATE_PUBLISHER is accepted, and a slow reader holds nobody up.
     */
    GATING,
    /** PublisherOptions.timeout: a publish gives up after a time. Without it offer waits as publish does. */
    TIME_LIMITS,
    /** SlowSubscriber.OVERRUN: a reader that is too slow misses messages, and learns how many. */
    OVERRUN,
    /** SlowSubscriber.DISCONNECT: a reader that holds a full queue is ended. */
    DISCONNECT,
    /** MessageProperties beside the body. */
    PROPERTIES,
    /** Messages can be written in place: claim. */
    CLAIM,
    /** Several messages can be published at once: batch, tryBatch, sizeInBatch. */
    BATCH,
    /** A publisher can refuse all others: PublisherOptions.exclusive. */
    EXCLUSIVE,
    /** Its queues can be listed: MessageQueues.list. */
    LIST,
    /** A queue can be deleted: MessageQueues.delete. */
    DELETE,
    /** Several processes of one machine may open a queue. */
    CROSS_PROCESS,
    /** Processes of several machines may open a queue. */
    CROSS_HOST,
    /** Messages are there after a reboot, too. */
    PERSISTENT,
    /** A publisher learns what the disk has: durablePosition, awaitDurable. */
    AWAIT_DURABLE,
    /**
     * Knows all that have a queue open, in every process: stats shows them, awaitAcknowledged
     * counts the anonymous ones too, deleteOnLastClose, and a deleted queue goes on among them.
     * Without it stats shows the named subscriptions and what the handle itself has made,
     * awaitAcknowledged counts the named ones, and a deleted queue is at its end for everybody.
     */
    MEMBERS
}
