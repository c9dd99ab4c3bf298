package dev.belfry.api;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A snapshot, each figure right at some moment during the call. {@code id} is new with each
 * creation of a queue: positions compare only under one id; null without POSITIONS. The positions
 * are 0 while nothing was published; where nothing is retained any more, since a claim that was
 * given up took the room, the oldest is the newest + 1. The transport's own figures are in
 * {@code counters}. {@code waiting}: the publishers that have waited for longer than a moment, and
 * because of whom.
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

    /** Of a transport that does not know who waits. */
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
