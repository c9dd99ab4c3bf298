package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Remote;

/** The name of the subscription by which a bridge reads, if its program gives none. */
final class SubscriptionName {
    /** That of an endless bridge must not end with a replay between the same queues. */
    static final String REPLAY = "replay-to-";

    private static final int MOST = 128;

    private SubscriptionName() {}

    /** A queue far away is named with its place. */
    static String of(String kind, MessageQueue target) {
        Remote far = Outages.remote(target);
        return shortened(kind + target.uri().getScheme() + "-" + target.uri().getSchemeSpecificPart()
                + (far == null ? "" : "-" + far.place()));
    }

    static boolean isIn(MessageQueue source, String name) {
        return source.stats().subscribers().stream().anyMatch(s -> name.equals(s.name()));
    }

    private static String shortened(String name) {
        if (name.length() <= MOST) return name;
        String end = "-" + Integer.toHexString(name.hashCode());
        return name.substring(0, MOST - end.length()) + end;
    }
}
