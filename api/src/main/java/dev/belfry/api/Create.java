package dev.belfry.api;

/**
 * How open treats a queue that exists, or does not exist. Constants may be added: a switch needs a default, which means
 * CREATE_OR_OPEN.
 * @since 0.1
 */
public enum Create {
    /** Opens the queue, or creates it. The default. */
    CREATE_OR_OPEN,
    /** Creates the queue; a QueueExistsException if it exists. */
    CREATE_NEW,
    /** Opens the queue; a QueueNotFoundException if it does not exist. */
    OPEN_EXISTING
}
