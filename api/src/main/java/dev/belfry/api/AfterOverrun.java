package dev.belfry.api;

/**
 * Where a subscriber with OVERRUN goes on when the message that it needed was overwritten. Constants may be added: a
 * switch needs a default, which means OLDEST.
 * @since 0.1
 */
public enum AfterOverrun {
    /** At the oldest message that is retained: it loses the fewest, and stays far behind. */
    OLDEST,
    /** At the newest message. If publishers are too fast to find that one, at the next one. */
    NEWEST
}
