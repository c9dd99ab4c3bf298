package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One message after the other: when the call returns, it is in the target. */
class PlainOutlet implements Outlet {
    final Publisher publisher;
    final Progress progress;
    private final boolean canRefuse;

    /** {@code canRefuse}: its offer keeps to the time. */
    PlainOutlet(Publisher publisher, boolean canRefuse, Progress progress) {
        this.publisher = publisher;
        this.canRefuse = canRefuse;
        this.progress = progress;
    }

    @Override
    public boolean send(ByteBuffer body, MessageProperties properties, long sourcePosition, Duration timeout) {
        int length = body.remaining();
        long position = canRefuse ? publisher.offer(body, properties, timeout) : publisher.publish(body, properties);
        if (position < 0) return false;
        progress.countForwarded(properties, length, position);
        return true;
    }

    @Override
    public boolean isBusy() {
        return false;
    }

    @Override
    public long settled(long read) {
        return read;
    }

    @Override
    public boolean flush(Duration timeout) {
        return true;
    }

    @Override
    public int maxMessageLength() {
        return publisher.maxMessageLength();
    }

    @Override
    public void close() {
        publisher.close();
    }
}
