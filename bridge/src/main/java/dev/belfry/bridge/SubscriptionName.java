package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Remote;
import java.util.function.BooleanSupplier;

/** The name of the subscription by which a bridge reads, if its program gives none. */
final class SubscriptionName {
    /** That of an endless bridge must not end with a replay between the same queues. */
    static final String REPLAY = "replay-to-";

    private static final int MOST = 128;

    private SubscriptionName() {}

    /**
     * A queue far away is named with its place. A subscription without one is from when queues of one name in two
     * clusters shared it: it goes on with the one that it has carried into.
     */
    static String of(String kind, MessageQueue source, MessageQueue target, BooleanSupplier isClosing) {
        String ofOneName = withoutPlace(kind, target);
        Remote far = Outages.remote(target);
        if (far == null) return ofOneName;
        String own = shortened(whole(kind, target) + "-" + far.place());
        if (isIn(source, own) || !isIn(source, ofOneName)) return own;
        String id = source.stats().id().toString();
        return new History(target, isClosing).lastOf(id) > 0 ? ofOneName : own;
    }

    static boolean isIn(MessageQueue source, String name) {
        return source.stats().subscribers().stream().anyMatch(s -> name.equals(s.name()));
    }

    static String withoutPlace(String kind, MessageQueue target) {
        return shortened(whole(kind, target));
    }

    private static String whole(String kind, MessageQueue target) {
        return kind + target.uri().getScheme() + "-" + target.uri().getSchemeSpecificPart();
    }

    private static String shortened(String name) {
        if (name.length() <= MOST) return name;
        String end = "-" + Integer.toHexString(name.hashCode());
        return name.substring(0, MOST - end.length()) + end;
    }
}
