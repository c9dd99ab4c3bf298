package dev.belfry.spi;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One transport, found by ServiceLoader. Its public no-argument constructor does nothing and loads nothing native. */
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
    default String unavailableReason() {
        return null;
    }

    /**
     * {@code config} is merged from builder, URI and properties, and checked. A value that is still
     * not given has its default.
     */
    MessageQueue open(QueueUri uri, QueueConfig config);

    /** With DELETE. */
    default boolean delete(QueueUri uri) {
        return false;
    }

    /** With DELETE, for a transport that needs parameters to find the queue: merged as for open. */
    default boolean delete(QueueUri uri, QueueConfig config) {
        return delete(uri);
    }

    /** With LIST. */
    default List<QueueInfo> list() {
        return List.of();
    }

    /**
     * With LIST, for a transport that needs parameters to know where the queues are: they
     * come from properties and environment.
     */
    default List<QueueInfo> list(QueueConfig config) {
        return list();
    }

    /** For operators of the machine; empty if this transport has nothing to show. */
    default Optional<QueueInspector> inspector() {
        return Optional.empty();
    }
}
