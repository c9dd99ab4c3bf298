package dev.belfry.spi;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/**
 * A publisher over one primitive, for a transport that copies messages. It checks arguments and refuses what the
 * transport has not declared. Override the methods of declared capabilities. Using this class is optional.
 * @since 0.1
 */
public abstract class PublisherSupport implements Publisher {
    private final QueueSupport queue;
    private final Duration timeout;
    private final boolean timestamps;
    private volatile boolean closed;

    protected PublisherSupport(QueueSupport queue, PublisherOptions options) {
        this.queue = Objects.requireNonNull(queue, "queue");
        this.timeout = options.timeout();
        this.timestamps = options.timestamps();
    }

    /**
     * Makes the message visible to every subscriber, and returns what publish returns. The message has no position: a
     * transport with POSITIONS creates another message with one. Any thread may call it, many at once.
     *
     * @param deadline as {@link Deadlines} counts: for how long it may wait for room
     * @return a negative number if there was none in time; a transport that always has room never waits
     */
    protected abstract long append(Message message, long deadline);

    /** Says why {@link #append} found no room. */
    protected QueueFullException full() {
        return Errors.full(queue.uri().toString(), queue.stats().capacity(), "");
    }

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        long position = offer(body, properties, timeout);
        if (position < 0) throw full();
        return position;
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration patience) {
        Objects.requireNonNull(body, "body");
        long length = (long) body.remaining()
                + Objects.requireNonNull(properties, "properties").encodedLength();
        long deadline = Deadlines.after(Objects.requireNonNull(patience, "timeout"));
        checkOpen();
        if (!properties.names().isEmpty()) queue.require(Capability.PROPERTIES, "properties");
        if (length > maxMessageLength()) throw Errors.tooLarge(length, maxMessageLength());
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        long time = timestamps ? System.currentTimeMillis() : 0;
        long position = append(new HeapMessage(0, time, copy, properties, false), deadline);
        if (position >= 0) body.position(body.limit());
        return position;
    }

    @Override
    public Claim claim(int length) {
        checkOpen();
        queue.require(Capability.CLAIM, "claim");
        throw new AbstractMethodError("claim, which was declared");
    }

    /** The largest length of an array. */
    @Override
    public int maxMessageLength() {
        return Integer.MAX_VALUE - 8;
    }

    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        Checks.awaitAcknowledged(position, minSubscribers);
        Objects.requireNonNull(timeout, "timeout");
        checkOpen();
        queue.require(Capability.AWAIT_ACK, "awaitAcknowledged");
        throw new AbstractMethodError("awaitAcknowledged, which was declared");
    }

    @Override
    public void close() {
        closed = true;
        queue.forget(this);
    }

    @Override
    public String toString() {
        return "Publisher of '" + queue.uri() + "'" + (closed ? ", closed" : "");
    }

    /** A publish that waits calls it: throws if this publisher was closed meanwhile. */
    protected final void checkOpen() {
        if (closed) throw Errors.closed("Publisher of '" + queue.uri() + "'");
    }
}
