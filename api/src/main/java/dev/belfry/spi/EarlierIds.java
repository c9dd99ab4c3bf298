package dev.belfry.spi;

import java.util.List;
import java.util.UUID;

/**
 * A queue that may have lost its newest messages and then has another id, as their positions are given again: {@code
 * queue.unwrap(EarlierIds.class)}. Its earlier ids tell which positions are still those of the same messages.
 */
public interface EarlierIds {
    /**
     * An id that the queue had.
     *
     * @param last the last position whose message it still has; 0: it has none
     */
    record Earlier(UUID id, long last) {}

    /** Without the present id, the oldest first. May lack the oldest ones. Any thread, at once. */
    List<Earlier> earlierIds();
}
