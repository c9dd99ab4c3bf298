package dev.belfry.api;

import dev.belfry.spi.Capabilities;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Appends messages. Any thread may use it. Publishes are serialised, and those of each thread keep their order.
 * @since 0.1
 */
public interface Publisher extends AutoCloseable {
    /**
     * The result of {@code offer} if the message was not published. So is any other negative number, which later
     * releases may return: ask for {@code < 0}.
     */
    long REJECTED = -1;

    /** Publishes without properties, as {@link #publish(ByteBuffer, MessageProperties)} does with them. */
    default long publish(byte[] body) {
        return publish(ByteBuffer.wrap(Objects.requireNonNull(body, "body")));
    }

    /** Publishes a text as UTF-8: the counterpart of {@link MessageView#text()}. */
    default long publish(String text) {
        return publish(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /** Publishes without properties, as {@link #publish(ByteBuffer, MessageProperties)} does with them. */
    default long publish(ByteBuffer body) {
        return publish(body, MessageProperties.empty());
    }

    /** Publishes these bytes, as {@link #publish(ByteBuffer, MessageProperties)}. */
    default long publish(byte[] body, MessageProperties properties) {
        return publish(ByteBuffer.wrap(Objects.requireNonNull(body, "body")), properties);
    }

    /** Publishes a text as UTF-8. */
    default long publish(String text, MessageProperties properties) {
        return publish(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8), properties);
    }

    /**
     * Returns the position once every subscriber can see the message. If it throws, nothing was
     * published and the buffer is unchanged. Only after {@link QueueCorruptedException} and
     * {@link ConnectionLostException} is it unknown whether the message was published, and after an Error of the JVM,
     * such as a StackOverflowError in a thread that is nearly out of stack.
     *
     * <p>Waits while the queue is full. In a handler or listener that reads this very queue it may
     * be that only the return of that call can free space: then an IllegalStateException says so.
     */
    long publish(ByteBuffer body, MessageProperties properties);

    /** Offers without properties, as {@link #offer(ByteBuffer, MessageProperties, Duration)} does with them. */
    default long offer(ByteBuffer body, Duration timeout) {
        return offer(body, MessageProperties.empty(), timeout);
    }

    /** As publish, but waits at most this long for space and lock. Then it returns a negative number: REJECTED. */
    long offer(ByteBuffer body, MessageProperties properties, Duration timeout);

    /**
     * Reserves {@code length} bytes, to be filled in place. Waits as publish does. Other publishers
     * wait until the claim is committed or closed.
     */
    Claim claim(int length);

    /**
     * Begins a batch of messages that take at most {@code bytes} together, as {@link #sizeInBatch}
     * counts them: 0 to maxMessageLength. Waits for all of that room as publish does for a message
     * of this length, so that nothing in the batch waits. Other publishers wait for it. With BATCH.
     */
    default Batch batch(int bytes) {
        throw Capabilities.refused(Capability.BATCH, "batch");
    }

    /** As batch, but waits at most this long for space and lock. Null if the time passed first. With BATCH. */
    default @Nullable Batch tryBatch(int bytes, Duration timeout) {
        throw Capabilities.refused(Capability.BATCH, "tryBatch");
    }

    /** Counts without properties, as {@link #sizeInBatch(int, MessageProperties)} does with them. */
    default int sizeInBatch(int length) {
        return sizeInBatch(length, MessageProperties.empty());
    }

    /**
     * How many of a batch's bytes a message takes: body of {@code length}, properties, header and padding. With BATCH.
     */
    default int sizeInBatch(int length, MessageProperties properties) {
        throw Capabilities.refused(Capability.BATCH, "sizeInBatch");
    }

    /** The longest body plus encoded properties. In {@code shm:} a quarter of maxCapacity. */
    int maxMessageLength();

    /**
     * True once {@code minSubscribers} (at least 1) that began at or before the message have
     * acknowledged it, and no gating subscriber is still to do so. One that was overrun began where
     * it went on. False if the time passed first, or if the publisher was closed meanwhile.
     */
    boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout);

    /** The newest message that is known to outlive the machine; later ones may do so as well. With AWAIT_DURABLE. */
    default long durablePosition() {
        throw Capabilities.refused(Capability.AWAIT_DURABLE, "durablePosition");
    }

    /**
     * True once this message, which is published, and all before it are known to outlive the machine; false if the time
     * passed first, or if the publisher was closed meanwhile. With AWAIT_DURABLE.
     *
     * @throws JournalFailedException if the disk refuses that
     */
    default boolean awaitDurable(long position, Duration timeout) {
        throw Capabilities.refused(Capability.AWAIT_DURABLE, "awaitDurable");
    }

    @Override
    void close();
}
