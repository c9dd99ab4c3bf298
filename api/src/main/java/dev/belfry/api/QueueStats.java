package dev.belfry.api;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A snapshot; each figure was right at some moment during the call. {@code id} is new with each creation of a queue,
 * and null without POSITIONS: compare positions only under one id. Positions are 0 while nothing was published. If
 * nothing is retained any more, because a claim that was given up took the room, the oldest is the newest + 1. The
 * transport's own figures are in {@code counters}. {@code waiting} has the publishers that have waited for longer than
 * a moment, each with the cause.
 */
public record QueueStats(
        UUID id,
        long oldestPosition,
        long newestPosition,
        long capacity,
        long maxCapacity,
        int publishers,
        List<SubscriberStats> subscribers,
        Map<String, Long> counters,
        List<Waiting> waiting) {
    public QueueStats {
        subscribers = List.copyOf(subscribers);
        counters = Map.copyOf(counters);
        waiting = List.copyOf(waiting);
    }

    /** For a transport that does not know which publishers wait. */
    public QueueStats(
            UUID id,
            long oldestPosition,
            long newestPosition,
            long capacity,
            long maxCapacity,
            int publishers,
            List<SubscriberStats> subscribers,
            Map<String, Long> counters) {
        this(id, oldestPosition, newestPosition, capacity, maxCapacity, publishers, subscribers, counters, List.of());
    }
}
