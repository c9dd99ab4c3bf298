package dev.belfry.spi;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One transport, found by ServiceLoader. Its public no-argument constructor does nothing and loads nothing native.
 * @since 0.1
 */
public interface MessageQueueProvider {
    String scheme();

    /** The artifact's name, for messages. */
    String name();

    String version();

    Set<Capability> capabilities();

    /**
     * Names of URI parameters, {@code belfry.*} properties and attributes that QueueConfig does not have. They arrive
     * as attributes, a String unless the program gave an object. All others are refused before open.
     */
    default Set<String> parameters() {
        return Set.of();
    }

    /** Why it cannot be used here ("futexes need Linux; this is Mac OS X"), or null. */
    default @Nullable String unavailableReason() {
        return null;
    }

    /**
     * {@code config} is merged from builder, URI and properties, and checked. A value that is still
     * not given has its default.
     */
    MessageQueue open(QueueUri uri, QueueConfig config);

    /** With DELETE. {@code config}, merged as for open, is for a transport that needs parameters to find the queue. */
    default boolean delete(QueueUri uri, QueueConfig config) {
        return false;
    }

    /** With LIST. {@code config} comes from properties and environment, and says where the queues are, as in delete. */
    default List<QueueInfo> list(QueueConfig config) {
        return List.of();
    }

    /** For operators of the machine; empty if this transport has nothing to show. */
    default Optional<QueueInspector> inspector() {
        return Optional.empty();
    }
}
