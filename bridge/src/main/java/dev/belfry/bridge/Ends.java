package dev.belfry.bridge;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Capabilities;
import dev.belfry.spi.ShellWords;
import java.util.List;

/**
 * The two queues of a bridge, each able to be what it is for, and not the same one. Nothing is read from them yet.
 *
 * @param subscription by which the bridge reads from the source
 * @param bridge how it is called in messages
 */
record Ends(
        MessageQueue source,
        MessageQueue target,
        String subscription,
        String bridge,
        Identity sourceId,
        Identity targetId)
        implements AutoCloseable {
    private static final List<Capability> OF_A_SOURCE =
            List.of(Capability.POSITIONS, Capability.HISTORY, Capability.NAMED, Capability.CLIENT_ACK);
    private static final List<Capability> OF_A_TARGET =
            List.of(Capability.POSITIONS, Capability.HISTORY, Capability.PROPERTIES);

    static Ends of(MessageQueue source, MessageQueue target, BridgeOptions options) {
        require(source, "a bridge from it", OF_A_SOURCE);
        require(target, "a bridge to it", OF_A_TARGET);
        String subscription = subscription(options, target);
        String bridge = "Bridge '" + subscription + "' from '" + source.uri() + "' to '" + target.uri() + "'";
        Ends ends = new Ends(source, target, subscription, bridge, Identity.of(source), Identity.of(target));
        if (ends.sourceId.id().equals(ends.targetId.id()))
            throw new IllegalArgumentException(bridge + " leads from a queue to itself; give it two");
        return ends;
    }

    /** Closes the target first, then the source. */
    @Override
    public void close() {
        try (source;
                target) {}
    }

    private static void require(MessageQueue queue, String wantedBy, List<Capability> all) {
        for (Capability one : all) Capabilities.require(queue.uri().getScheme(), queue.capabilities(), one, wantedBy);
    }

    private static String subscription(BridgeOptions options, MessageQueue target) {
        if (options.name() != null) return options.name();
        return SubscriptionName.of(options.extent().hasEnd() ? SubscriptionName.REPLAY : ShellWords.BRIDGE, target);
    }
}
