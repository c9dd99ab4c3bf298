package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The way of a message that is longer than the target takes.
 * @since 0.1
 */
public final class TooLong {
    /** Ends the bridge, with MessageTooLargeException. It stays before that message. */
    public static final TooLong STOP = new TooLong("STOP", null);

    /** Leaves the message out, and counts it. */
    public static final TooLong SKIP = new TooLong("SKIP", null);

    private final String name;
    final Supplier<MessageQueue> opener; // null: it goes nowhere

    private TooLong(String name, Supplier<MessageQueue> opener) {
        this.name = name;
        this.opener = opener;
    }

    /**
     * Publishes it into this queue, with its marks; at least once. One that is too long there, too, ends the bridge.
     */
    public static TooLong into(String uri) {
        Objects.requireNonNull(uri, "uri");
        return new TooLong("into(" + uri + ")", () -> MessageQueues.open(uri));
    }

    /** Opens that queue in one's own way, again after each failure; closes it. */
    public static TooLong into(Supplier<MessageQueue> opener) {
        return new TooLong("into(a queue)", Objects.requireNonNull(opener, "opener"));
    }

    @Override
    public String toString() {
        return name;
    }
}
