package dev.belfry.api;

/** One subscription: name or null, process id for display (0 if detached), positions, policy. */
public record SubscriberStats(
        String name,
        long pid,
        long position,
        long acknowledgedPosition,
        long lag,
        long lostCount,
        AckMode ackMode,
        SlowSubscriber slowSubscriber,
        boolean attached) {}
