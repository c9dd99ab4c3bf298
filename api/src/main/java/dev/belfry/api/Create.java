package dev.belfry.api;

/** How open treats what is there already. */
public enum Create {
    CREATE_OR_OPEN,
    /** QueueExistsException if there is one. */
    CREATE_NEW,
    /** QueueNotFoundException if there is none. */
    OPEN_EXISTING
}
