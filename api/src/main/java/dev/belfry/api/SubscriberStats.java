package dev.belfry.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One subscription. Implemented by transports. Later releases may add figures.
 * @since 0.1
 */
public interface SubscriberStats {
    /** Is the name, or null for an anonymous one. */
    @Nullable
    String name();

    /** Is for display, and 0 if no process is attached. */
    long pid();

    /**
     * Says what {@link Subscriber#position} says. If no process is attached, it is the acknowledged one: messages that
     * come again after an attach are lag.
     */
    long position();

    /** The newest position minus this one is the number of messages not acknowledged. */
    long acknowledgedPosition();

    /** Says what {@link Subscriber#lag} says. */
    long lag();

    long lostCount();

    AckMode ackMode();

    SlowSubscriber slowSubscriber();

    boolean attached();

    /** The transport's own figures, such as {@code received} and {@code sleeps}. */
    Map<String, Long> counters();
}
