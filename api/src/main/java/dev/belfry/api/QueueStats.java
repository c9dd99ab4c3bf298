package dev.belfry.api;

import dev.belfry.spi.QueueFigures;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot; each figure was right at some moment during the call. Positions are 0 while nothing was published. If
 * nothing is retained any more, because a claim that was given up took the room, the oldest is the newest + 1. Later
 * releases may add figures.
 * @since 0.1
 */
public final class QueueStats {
    private final QueueFigures figures;

    /** Called by transports: users get theirs from {@link MessageQueue#stats}. */
    public QueueStats(QueueFigures figures) {
        this.figures = Objects.requireNonNull(figures, "figures");
    }

    /** Is new with each creation of a queue, or null without POSITIONS: compare positions only under one id. */
    public @Nullable UUID id() {
        return figures.id();
    }

    public long oldestPosition() {
        return figures.oldestPosition();
    }

    public long newestPosition() {
        return figures.newestPosition();
    }

    public long capacity() {
        return figures.capacity();
    }

    public long maxCapacity() {
        return figures.maxCapacity();
    }

    public int publisherCount() {
        return figures.publisherCount();
    }

    public List<SubscriberStats> subscribers() {
        return figures.subscribers();
    }

    /** The transport's own figures. */
    public Map<String, Long> counters() {
        return figures.counters();
    }

    /** The publishers that have waited for longer than a moment, each with the cause. */
    public List<Waiting> waiting() {
        return figures.waiting();
    }

    @Override
    public String toString() {
        return figures.toString();
    }
}
