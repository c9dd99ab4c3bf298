package dev.belfry.spi;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import java.time.Duration;
import java.util.Objects;

/** A publisher over another one, for what adds something to each publish and offer. All else goes to the other one. */
public abstract class ForwardingPublisher implements Publisher {
    protected final Publisher out;

    protected ForwardingPublisher(Publisher out) {
        this.out = Objects.requireNonNull(out, "out");
    }

    @Override
    public Claim claim(int length) {
        return out.claim(length);
    }

    @Override
    public Batch batch(int bytes) {
        return out.batch(bytes);
    }

    @Override
    public Batch tryBatch(int bytes, Duration timeout) {
        return out.tryBatch(bytes, timeout);
    }

    @Override
    public int sizeInBatch(int length, MessageProperties properties) {
        return out.sizeInBatch(length, properties);
    }

    @Override
    public int maxMessageLength() {
        return out.maxMessageLength();
    }

    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        return out.awaitAcknowledged(position, minSubscribers, timeout);
    }

    @Override
    public long durablePosition() {
        return out.durablePosition();
    }

    @Override
    public boolean awaitDurable(long position, Duration timeout) {
        return out.awaitDurable(position, timeout);
    }

    @Override
    public void close() {
        out.close();
    }
}
