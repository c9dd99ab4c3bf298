package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * How a type becomes the body of a message, and back. One that keeps no state may be used by any
 * number of publishers and subscribers.
 *
 * <p>If it throws, nothing is published, or the message counts as not handed over, and the caller
 * gets a {@link CodecException}. The text of one that the codec itself throws is part of it.
 *
 * @see SizedCodec a codec that writes into the queue itself
 * @since 0.1
 */
public interface Codec<T> {
    /** The body, in an array that belongs to the caller. Any thread of a publisher may call it. */
    byte[] encode(T value);

    /**
     * The value; never null. The body is valid until the handler returns, and so is a value that
     * reads it later. {@code receive} and listeners hand over a body that stays valid.
     */
    T decode(ReadableBody body);

    /**
     * Makes the value of a message with these properties. A codec that reads some of them, such as the content type,
     * overrides this. Typed subscribers, repliers and {@link LatestValues} call this one. A codec around another one
     * must pass on both forms, each to the same form: otherwise the inner one does not see the properties.
     */
    default T decode(ReadableBody body, MessageProperties properties) {
        return decode(body);
    }

    /**
     * The text that each message carries in its property {@link TypedPublisher#CONTENT_TYPE}; null
     * = it has none, which is cheaper. Asked once. Nothing checks it at the other side but a codec
     * that wants to, in {@link #decode(ReadableBody, MessageProperties)}.
     */
    default @Nullable String contentType() {
        return null;
    }
}
