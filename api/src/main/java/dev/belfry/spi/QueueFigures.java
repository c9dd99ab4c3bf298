package dev.belfry.spi;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a transport tells of a queue, for a {@link QueueStats}. With one that is added later comes a
 * constructor without it.
 * @since 0.1
 */
public record QueueFigures(
        @Nullable UUID id,
        long oldestPosition,
        long newestPosition,
        long capacity,
        long maxCapacity,
        int publisherCount,
        List<SubscriberStats> subscribers,
        Map<String, Long> counters,
        List<Waiting> waiting) {
    public QueueFigures {
        subscribers = List.copyOf(subscribers);
        counters = Map.copyOf(counters);
        waiting = List.copyOf(waiting);
    }
}
