package dev.belfry.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/** Appends messages. Any thread; its publishes are serialised, and each thread's keep their order. */
public interface Publisher extends AutoCloseable {
    /** What {@code offer} returns for "not published". */
    long REJECTED = -1;

    default long publish(byte[] body) {
        return publish(ByteBuffer.wrap(Objects.requireNonNull(body, "body")));
    }

    /** As UTF-8: the counterpart of {@link MessageView#text()}. */
    default long publish(String text) {
        return publish(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    default long publish(ByteBuffer body) {
        return publish(body, MessageProperties.empty());
    }

    default long publish(byte[] body, MessageProperties properties) {
        return publish(ByteBuffer.wrap(Objects.requireNonNull(body, "body")), properties);
    }

    /** As UTF-8. */
    default long publish(String text, MessageProperties properties) {
        return publish(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8), properties);
    }

    /**
     * Returns the position once every subscriber can see it; if it throws, nothing was published
     * and the buffer is untouched. Only {@link QueueCorruptedException} and
     * {@link ConnectionLostException} leave open whether it was published.
     */
    long publish(ByteBuffer body, MessageProperties properties);

    default long offer(ByteBuffer body, Duration timeout) {
        return offer(body, MessageProperties.empty(), timeout);
    }

    /** As publish, but waits at most this long for space and lock, then returns REJECTED. */
    long offer(ByteBuffer body, MessageProperties properties, Duration timeout);

    /** Reserves {@code length} bytes to be filled in place; waits as publish does, other publishers wait for it. */
    Claim claim(int length);

    /** The longest body plus encoded properties; in shm: a quarter of maxCapacity. */
    int maxMessageLength();

    /**
     * True once {@code minSubscribers} (at least 1) that began at or before it have acknowledged
     * it, and no gating one is behind; false if the time passed first, or if closed meanwhile.
     */
    boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout);

    @Override
    void close();
}
