package dev.belfry.spi;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One transport, found by ServiceLoader. Its public no-argument constructor does nothing, loads nothing native. */
public interface MessageQueueProvider {
    String scheme();

    /** The artifact's name, for messages. */
    String name();

    String version();

    Set<Capability> capabilities();

    /** Names of URI parameters, {@code belfry.*} properties and attributes beyond QueueConfig's own; they arrive as attributes,
     * a String unless the program gave an object. All others are refused before open. */
    default Set<String> parameters() {
        return Set.of();
    }

    /** Why it cannot be used here ("futexes need Linux; this is Mac OS X"), or null. */
    default String unavailableReason() {
        return null;
    }

    /** {@code config} is merged from builder, URI and properties and checked; what is still not given is the default's. */
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

    /** With LIST, for a transport that needs parameters to know where: from properties and environment, as nobody gives others. */
    default List<QueueInfo> list(QueueConfig config) {
        return list();
    }

    /** For those who run the machine; empty if this transport has nothing to show them. */
    default Optional<QueueInspector> inspector() {
        return Optional.empty();
    }
}
