package dev.belfry.api;

import java.util.Map;

/**
 * One subscription: name or null, process id for display (0 if detached), positions, policy. The transport's own
 * figures are in {@code counters}, such as {@code received} and {@code sleeps}.
 *
 * <p>{@code position} and {@code lag} are what {@link Subscriber#position} and {@link Subscriber#lag} say. If no
 * process is attached, the position is the acknowledged one: messages that come again after an attach are lag. The
 * newest position minus {@code acknowledgedPosition} is the number not acknowledged.
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
