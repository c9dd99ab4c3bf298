package dev.belfry.api;

import dev.belfry.spi.SubscriberFigures;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One subscription. Later releases may add figures.
 * @since 0.1
 */
public final class SubscriberStats {
    private final SubscriberFigures figures;

    /** Called by transports: users get theirs from {@link QueueStats#subscribers}. */
    public SubscriberStats(SubscriberFigures figures) {
        this.figures = Objects.requireNonNull(figures, "figures");
    }

    /** Is the name, or null for an anonymous one. */
    public @Nullable String name() {
        return figures.name();
    }

    /** Is for display, and 0 if no process is attached. */
    public long pid() {
        return figures.pid();
    }

    /**
     * Says what {@link Subscriber#position} says. If no process is attached, it is the acknowledged one: messages that
     * come again after an attach are lag.
     */
    public long position() {
        return figures.position();
    }

    /** The newest position minus this one is the number of messages not acknowledged. */
    public long acknowledgedPosition() {
        return figures.acknowledgedPosition();
    }

    /** Says what {@link Subscriber#lag} says. */
    public long lag() {
        return figures.lag();
    }

    public long lostCount() {
        return figures.lostCount();
    }

    public AckMode ackMode() {
        return figures.ackMode();
    }

    public SlowSubscriber slowSubscriber() {
        return figures.slowSubscriber();
    }

    public boolean attached() {
        return figures.attached();
    }

    /** The transport's own figures, such as {@code received} and {@code sleeps}. */
    public Map<String, Long> counters() {
        return figures.counters();
    }

    @Override
    public String toString() {
        return figures.toString();
    }
}
