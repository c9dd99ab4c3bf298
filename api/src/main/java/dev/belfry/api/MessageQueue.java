package dev.belfry.api;

import java.net.URI;
import java.util.Objects;
import java.util.Set;

/**
 * A handle on one queue. Every subscriber gets every message, all in the same order. Any thread may use it.
 * @since 0.1
 */
public interface MessageQueue extends AutoCloseable {
    /** Scheme and name, without parameters. */
    URI uri();

    /**
     * The features that this transport supports. A request for anything else throws
     * UnsupportedCapabilityException and changes nothing. A queue over another one names only those that it passes on
     * itself: of one that a later release adds it inherits methods that refuse.
     */
    Set<Capability> capabilities();

    /** Creates one with the default options: it waits for ever while the queue is full. */
    default Publisher createPublisher() {
        return createPublisher(PublisherOptions.defaults());
    }

    /**
     * A publisher with these options. It is closed with this handle, or before.
     *
     * @throws InUseException if one of the two publishers wants to be the only one
     */
    Publisher createPublisher(PublisherOptions options);

    /** A publisher of values that the codec encodes, with the default options. */
    default <T> TypedPublisher<T> createPublisher(Codec<T> codec) {
        return createPublisher(codec, PublisherOptions.defaults());
    }

    /** A publisher of values that the codec encodes. */
    default <T> TypedPublisher<T> createPublisher(Codec<T> codec, PublisherOptions options) {
        Objects.requireNonNull(codec, "codec");
        Publisher publisher = createPublisher(options);
        try {
            return new TypedPublisher<>(uri().toString(), capabilities(), publisher, codec);
        } catch (Throwable e) { // of the codec
            publisher.close();
            throw e;
        }
    }

    /** At {@code StartAt.NOW}: gets the messages that are published after this returns. */
    default Subscriber createSubscriber() {
        return createSubscriber(SubscriberOptions.defaults());
    }

    /** Anonymous, with the default options but for where it begins. */
    default Subscriber createSubscriber(StartAt startAt) {
        return createSubscriber(SubscriberOptions.builder().startAt(startAt).build());
    }

    /**
     * A subscriber with these options. It is closed with this handle, or before.
     *
     * @throws InUseException if another subscriber is attached to the subscription of that name
     */
    Subscriber createSubscriber(SubscriberOptions options);

    /** Begins at {@code StartAt.NOW}: with what is published after this returns. */
    default <T> TypedSubscriber<T> createSubscriber(Codec<T> codec) {
        return createSubscriber(codec, SubscriberOptions.defaults());
    }

    /** A subscriber to values that the codec decodes. */
    default <T> TypedSubscriber<T> createSubscriber(Codec<T> codec, SubscriberOptions options) {
        Objects.requireNonNull(codec, "codec");
        return new TypedSubscriber<>(uri().toString(), createSubscriber(options), codec);
    }

    /**
     * Ends a named subscription for ever. False if there is none; an InUseException while a process is attached to it.
     */
    boolean unsubscribe(String name);

    /** The queue as it is now. Its figures need not be of one instant. */
    QueueStats stats();

    /**
     * The transport's own object of that type (queue, connection factory, engine); an
     * IllegalArgumentException if there is none.
     */
    <T> T unwrap(Class<T> type);

    /** Closes its publishers and subscribers first. Idempotent. Deletes nothing (but see deleteOnLastClose). */
    @Override
    void close();
}
