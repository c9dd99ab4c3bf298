package dev.belfry.spi;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The figures that a transport tells of a queue. With one that is added later comes a constructor without it.
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
        List<Waiting> waiting)
        implements QueueStats {
    public QueueFigures {
        subscribers = List.copyOf(subscribers);
        counters = Map.copyOf(counters);
        waiting = List.copyOf(waiting);
    }

    /** Calls it by the name that users know. */
    @Override
    public String toString() {
        return "QueueStats[id " + id + ", positions " + oldestPosition + " to " + newestPosition + ", capacity "
                + Units.size(capacity) + " of at most " + Units.size(maxCapacity) + ", " + publisherCount
                + " publisher(s), subscribers " + subscribers + ", waiting " + waiting + ", counters " + counters + "]";
    }
}
