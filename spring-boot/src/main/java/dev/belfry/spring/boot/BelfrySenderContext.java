package dev.belfry.spring.boot;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/**
 * The context of one message that is published. A bean {@code GlobalObservationConvention<BelfrySenderContext>} gives
 * its observations other names and keys. The carrier becomes properties of the message.
 * @since 0.1
 */
public final class BelfrySenderContext extends SenderContext<Map<String, String>> {
    private final ObservedPlace queue;
    private long position; // 0: not known

    BelfrySenderContext(ObservedPlace queue) {
        super((carrier, key, value) -> carrier.put(key, value), Kind.PRODUCER);
        this.queue = queue;
        setCarrier(new HashMap<>());
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

    /** The position of the message, once it is published; else 0. */
    public long position() {
        return position;
    }

    void published(long at) {
        position = at;
    }
}
