package dev.belfry.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Several messages that become visible together, or never, however the process may end. It belongs to
 * the thread that began it, and other publishers wait for it: add and commit at once. Its messages get
 * positions without a gap. With timestamps they all carry the time at which the batch began. After
 * commit it is only closed. A closed one is not touched any more: a publisher may use the object again.
 * @since 0.1
 */
public interface Batch extends AutoCloseable {
    /** The most messages that one batch may have, however short they are. */
    int MAX_MESSAGES = 1 << 20;

    /** Adds without properties, as {@link #add(ByteBuffer, MessageProperties)} does with them. */
    default void add(byte[] body) {
        add(ByteBuffer.wrap(Objects.requireNonNull(body, "body")));
    }

    /** Adds a text as UTF-8. */
    default void add(String text) {
        add(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /** Adds without properties, as {@link #add(ByteBuffer, MessageProperties)} does with them. */
    default void add(ByteBuffer body) {
        add(body, MessageProperties.empty());
    }

    /** Adds these bytes, as {@link #add(ByteBuffer, MessageProperties)}. */
    default void add(byte[] body, MessageProperties properties) {
        add(ByteBuffer.wrap(Objects.requireNonNull(body, "body")), properties);
    }

    /** Adds a text as UTF-8. */
    default void add(String text, MessageProperties properties) {
        add(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8), properties);
    }

    /**
     * Adds a message: a copy of the bytes between the buffer's position and limit. The position moves to
     * the limit, whatever becomes of the batch. If it throws, batch and buffer are as they were.
     *
     * @throws IllegalStateException if it does not fit; ask {@link #fits} where that may be
     */
    void add(ByteBuffer body, MessageProperties properties);

    /**
     * Adds a message of {@code length} bytes, to be filled in place before anything else is added. The
     * body is as that of a {@link Claim}, and may be the same object each time: used late, it writes into the
     * message that was claimed last.
     *
     * @throws IllegalStateException if it does not fit
     */
    WritableBody claim(int length);

    /** Cuts the message that was claimed last to its first {@code length} bytes, before anything else is added. */
    void shorten(int length);

    /** Whether a message with a body of this length could be added now. */
    default boolean fits(int length) {
        return fits(length, MessageProperties.empty());
    }

    /** Whether a message with such a body and these properties could be added now. */
    boolean fits(int length, MessageProperties properties);

    /** How many messages it has. Before commit. */
    int count();

    /**
     * Publishes all of it, and returns the position of its last message. The first has that position, less
     * {@link #count()}, plus 1. An empty batch publishes nothing, and returns the newest position. If
     * commit throws, nothing was published; only the exceptions that publish names leave that in doubt.
     */
    long commit();

    /** Gives all of it up unless committed: then nothing was published. */
    @Override
    void close();
}
