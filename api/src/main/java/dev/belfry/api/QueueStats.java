package dev.belfry.api;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot; each figure was right at some moment during the call. Positions are 0 while nothing was published. If
 * nothing is retained any more, because a claim that was given up took the room, the oldest is the newest + 1.
 * Implemented by transports. Later releases may add figures.
 * @since 0.1
 */
public interface QueueStats {
    /** Is new with each creation of a queue, or null without POSITIONS: compare positions only under one id. */
    @Nullable
    UUID id();

    long oldestPosition();

    long newestPosition();

    long capacity();

    long maxCapacity();

    int publisherCount();

    List<SubscriberStats> subscribers();

    /** The transport's own figures. */
    Map<String, Long> counters();

    /** The publishers that have waited for longer than a moment, each with the cause. */
    List<Waiting> waiting();
}
