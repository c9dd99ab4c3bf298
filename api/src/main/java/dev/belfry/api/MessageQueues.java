package dev.belfry.api;

import dev.belfry.spi.Capabilities;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The entry point: finds the transport for a URI's scheme, and opens, deletes or lists queues. Any thread may call it.
 * @since 0.1
 */
public final class MessageQueues {
    private MessageQueues() {}

    /** Does the same as {@code open(URI.create(uri), QueueConfig.defaults())}. */
    public static MessageQueue open(String uri) {
        return open(Objects.requireNonNull(uri, "uri"), QueueConfig.defaults());
    }

    /** Opens or creates as {@code config.create()} says. Each call returns a new handle. */
    public static MessageQueue open(URI uri, QueueConfig config) {
        return open(Objects.requireNonNull(uri, "uri").toString(), config);
    }

    private static MessageQueue open(String text, QueueConfig config) {
        Objects.requireNonNull(config, "config");
        QueueUri uri = QueueUri.parse(text);
        String shown = QueueUri.shown(text);
        MessageQueueProvider provider = Providers.visible().usable(uri.scheme(), shown);
        QueueConfig merged = ConfigMerge.merge(shown, uri, config, provider.parameters());
        Capabilities.require(uri.scheme(), provider.capabilities(), merged);
        MessageProperties.empty(); // its first use: one that fails, as at the end of the stack, loses the class
        return provider.open(uri, merged);
    }

    /** Does the same as {@code delete(URI.create(uri))}. */
    public static boolean delete(String uri) {
        Objects.requireNonNull(uri, "uri");
        QueueUri parsed = QueueUri.parse(uri);
        String shown = QueueUri.shown(uri);
        MessageQueueProvider provider = Providers.visible().usable(parsed.scheme(), shown);
        QueueConfig merged = ConfigMerge.merge(shown, parsed, QueueConfig.defaults(), provider.parameters());
        Capabilities.require(parsed.scheme(), provider.capabilities(), Capability.DELETE, "delete");
        return provider.delete(parsed, merged);
    }

    /**
     * Removes name, messages and named subscriptions. All parameters are checked, but only those
     * count that say where the queue is. False if there was no such queue.
     */
    public static boolean delete(URI uri) {
        return delete(Objects.requireNonNull(uri, "uri").toString());
    }

    /**
     * Every queue of this scheme, such as "shm", that this process can see, including damaged and foreign ones. Changes
     * nothing.
     */
    public static List<QueueInfo> list(String scheme) {
        String lower = Objects.requireNonNull(scheme, "scheme")
                .toLowerCase(Locale.ROOT)
                .replaceFirst(":$", "");
        MessageQueueProvider provider = Providers.visible().usable(lower, scheme);
        Capabilities.require(lower, provider.capabilities(), Capability.LIST, "list");
        QueueUri all = new QueueUri(lower, "all", Map.of());
        QueueConfig merged = ConfigMerge.merge(lower + ":", all, QueueConfig.defaults(), provider.parameters());
        return List.copyOf(provider.list(merged));
    }

    /** Every transport that was found, usable or not. */
    public static List<ProviderInfo> providers() {
        return Providers.visible().infos();
    }
}
