package dev.belfry.api;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * A publisher of values of one type. Any thread may use it. Details that a method does not name are
 * as in {@link Publisher}. A codec that fails publishes nothing, and throws {@link CodecException}.
 * @since 0.1
 */
public final class TypedPublisher<T> implements AutoCloseable {
    /** The property that has the codec's {@link Codec#contentType}; properties that are given win over it. */
    public static final String CONTENT_TYPE = "contentType";

    private final Publisher publisher;
    private final Encoding<T> encoding;
    private final MessageProperties none;
    private final String contentType;

    /** Texts of errors name {@code queue}. {@code can}: what its transport can. */
    TypedPublisher(String queue, Set<Capability> can, Publisher publisher, Codec<T> codec) {
        this.publisher = publisher;
        encoding = new Encoding<>(queue, can.contains(Capability.CLAIM), codec);
        contentType = can.contains(Capability.PROPERTIES) ? codec.contentType() : null;
        none = contentType == null
                ? MessageProperties.empty()
                : MessageProperties.builder().put(CONTENT_TYPE, contentType).build();
    }

    /**
     * Encodes the value and publishes it, as {@link Publisher#publish(ByteBuffer, MessageProperties)}. Returns its
     * position.
     */
    public long publish(T value) {
        return encoding.publish(publisher, Objects.requireNonNull(value, "value"), none);
    }

    /** Sends the value with properties beside it. */
    public long publish(T value, MessageProperties properties) {
        Objects.requireNonNull(value, "value");
        return encoding.publish(publisher, value, with(Objects.requireNonNull(properties, "properties")));
    }

    /**
     * Publishes, but waits at most this long. Then it returns a negative number, such as {@link Publisher#REJECTED}.
     */
    public long offer(T value, Duration timeout) {
        return encoding.offer(publisher, Objects.requireNonNull(value, "value"), none, timeout);
    }

    /** Sends the value with properties beside it. */
    public long offer(T value, MessageProperties properties, Duration timeout) {
        Objects.requireNonNull(value, "value");
        return encoding.offer(publisher, value, with(Objects.requireNonNull(properties, "properties")), timeout);
    }

    private MessageProperties with(MessageProperties properties) {
        if (contentType == null || properties.get(CONTENT_TYPE) != null) return properties;
        if (properties.names().isEmpty()) return none;
        MessageProperties.Builder all = MessageProperties.builder();
        for (String name : properties.names()) all.putReceived(name, properties.get(name));
        return all.put(CONTENT_TYPE, contentType).build();
    }

    /** Waits as {@link Publisher#awaitAcknowledged} does. */
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        return publisher.awaitAcknowledged(position, minSubscribers, timeout);
    }

    /** The one that it publishes by: for claims, batches and bodies of another kind. */
    public Publisher publisher() {
        return publisher;
    }

    @Override
    public void close() {
        publisher.close();
    }

    @Override
    public String toString() {
        return publisher + ", by " + encoding;
    }
}
