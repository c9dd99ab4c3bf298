package dev.belfry.api;

import java.util.Map;

/**
 * One subscription: name or null, process id for display (0 if detached), positions, policy. The
 * transport's own figures are in {@code counters}, such as {@code received} and {@code sleeps}.
 *
 * <p>{@code position} and {@code lag} are what {@link Subscriber#position} and {@link Subscriber#lag}
 * say. Of one that is not attached the position is what it has acknowledged: what comes again after an
 * attach is lag. What is not acknowledged is the newest position minus {@code acknowledgedPosition}.
 */
public record SubscriberStats(
        String name,
        long pid,
        long position,
        long acknowledgedPosition,
        long lag,
        long lostCount,
        AckMode ackMode,
        SlowSubscriber slowSubscriber,
        boolean attached,
        Map<String, Long> counters) {
    public SubscriberStats {
        counters = Map.copyOf(counters);
    }

    /** For a transport without counters of its own. */
    public SubscriberStats(
            String name,
            long pid,
            long position,
            long acknowledgedPosition,
            long lag,
            long lostCount,
            AckMode ackMode,
            SlowSubscriber slowSubscriber,
            boolean attached) {
        this(name, pid, position, acknowledgedPosition, lag, lostCount, ackMode, slowSubscriber, attached, Map.of());
    }
}
