package dev.belfry.spring.boot;

import dev.belfry.api.Message;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The context of one call of a listener. A bean {@code GlobalObservationConvention<BelfryReceiverContext>} gives its
 * observations other names and keys.
 * @since 0.1
 */
public final class BelfryReceiverContext extends ReceiverContext<Message> {
    private final ObservedPlace queue;
    private final String subscription;

    BelfryReceiverContext(ObservedPlace queue, String subscription, Message message) {
        super((carrier, key) -> carrier.properties().get(key) instanceof String text ? text : null, Kind.CONSUMER);
        this.queue = queue;
        this.subscription = subscription;
        setCarrier(message);
        setRemoteServiceName("belfry");
    }

    /** Tells the queue's URI, such as {@code shm:orders}. */
    public URI queue() {
        return queue.uri();
    }

    /** Its name below {@code belfry.queues}, or that of its bean. */
    public String name() {
        return queue.name();
    }

    ObservedPlace place() {
        return queue;
    }

    /** Its name; null: it has none. */
    public @Nullable String subscription() {
        return subscription;
    }
}
