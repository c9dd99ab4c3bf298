package dev.belfry.api;

import java.net.URI;
import java.util.List;

/** Entry point: finds the transport for a URI's scheme and opens, deletes or lists queues. Any thread. */
public final class MessageQueues {
    private MessageQueues() {}

    /** {@code open(URI.create(uri), QueueConfig.defaults())}. */
    public static MessageQueue open(String uri) {
        return open(URI.create(uri), QueueConfig.defaults());
    }

    /** Opens or creates as {@code config.create()} says; each call gives a handle of its own. */
    public static MessageQueue open(URI uri, QueueConfig config) {
        throw new UnsupportedOperationException("sketch");
    }

    /** {@code delete(URI.create(uri))}. */
    public static boolean delete(String uri) {
        return delete(URI.create(uri));
    }

    /** Removes name, messages and named subscriptions; parameters are checked, then ignored. False if there was none. */
    public static boolean delete(URI uri) {
        throw new UnsupportedOperationException("sketch");
    }

    /** Every queue of this scheme that this process can see, damaged and foreign ones included; changes nothing. */
    public static List<QueueInfo> list(String scheme) {
        throw new UnsupportedOperationException("sketch");
    }

    /** Every transport found, usable or not. */
    public static List<ProviderInfo> providers() {
        throw new UnsupportedOperationException("sketch");
    }
}
