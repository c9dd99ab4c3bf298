package dev.belfry.api;

import dev.belfry.spi.QueueUri;
import java.net.URI;
import java.util.Objects;
import java.util.Set;

/**
 * The fate of a message at which a listener has thrown for the last time, after maxRedeliveries. Something that is not
 * the message's fault stops the listener in any case: the JVM's memory is at its end, or the thread was interrupted.
 * Types may be added: a switch needs a default, which means {@link #stop}.
 * @since 0.1
 */
public sealed interface OnFailure {
    /** A property of a moved message: the queue that it came from, as {@code shm:prices}. */
    String ORIGIN = "belfry_failed_origin";

    /** A property of a moved message, a long: its position there. */
    String POSITION = "belfry_failed_position";

    /** A property of a moved message: the name of the subscriber at which it failed, if it has one. */
    String SUBSCRIBER = "belfry_failed_subscriber";

    /**
     * A property of a moved message: what its listener threw, at most 1,000 characters. Left out where it does not fit.
     */
    String REASON = "belfry_failed_reason";

    /** Names all properties that are added to a moved message. */
    Set<String> ADDED = Set.of(ORIGIN, POSITION, SUBSCRIBER, REASON);

    /** The subscriber is closed; the message stays. The default. */
    static OnFailure stop() {
        return new Stop();
    }

    /** The message counts as delivered, and the next one comes. */
    static OnFailure skip() {
        return new Skip();
    }

    /** Does the same as {@code moveTo(URI.create(uri), QueueConfig.defaults())}. */
    static OnFailure moveTo(String uri) {
        return new MoveTo(uri, QueueConfig.defaults());
    }

    /**
     * The message is published to another queue, of any transport, with its properties and those
     * above, as far as they fit. Then it counts as delivered. If the process dies in between, it is moved once more.
     * If that queue is full, this waits; if it refuses the message, the subscriber is closed.
     * Two listeners that move to the queues of each other pass a message on for ever.
     */
    static OnFailure moveTo(URI uri, QueueConfig config) {
        return new MoveTo(Objects.requireNonNull(uri, "uri").toString(), config);
    }

    /** Is returned by {@link #stop}, for a switch. */
    record Stop() implements OnFailure {}

    /** Is returned by {@link #skip}, for a switch. */
    record Skip() implements OnFailure {}

    /** As {@link #moveTo}. {@code setListener} opens the queue; it is closed with the subscriber. */
    record MoveTo(String uri, QueueConfig config) implements OnFailure {
        public MoveTo {
            QueueUri.parse(uri);
            Objects.requireNonNull(config, "config");
        }

        /** Shows the URI, without its parameters if one of them is a secret. */
        @Override
        public String toString() {
            return "moveTo(" + QueueUri.shown(uri) + ")";
        }
    }
}
