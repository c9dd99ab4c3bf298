package dev.belfry.opentelemetry;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/** A span for each publish and offer, whose context the message carries. */
final class TracedPublisher implements Publisher {
    private final Publisher out;
    private final MessagingSpans spans;

    TracedPublisher(Publisher out, MessagingSpans spans) {
        this.out = out;
        this.spans = spans;
    }

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        return traced(body, properties, null);
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        return traced(body, properties, Objects.requireNonNull(timeout, "timeout"));
    }

    /** {@code timeout}: null for a publish. */
    private long traced(ByteBuffer body, MessageProperties properties, Duration timeout) {
        int length = Objects.requireNonNull(body, "body").remaining();
        Objects.requireNonNull(properties, "properties");
        Span span = spans.publish(length);
        try {
            Context context = Context.current().with(span);
            MessageProperties all = TraceProperties.with(properties, context, out.maxMessageLength() - length);
            long position = timeout == null ? out.publish(body, all) : out.offer(body, all, timeout);
            if (position == REJECTED) MessagingSpans.rejected(span);
            else MessagingSpans.published(span, position);
            return position;
        } catch (Throwable failure) {
            MessagingSpans.failed(span, failure);
            throw failure;
        } finally {
            MessagingSpans.end(span);
        }
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

    @Override
    public String toString() {
        return out + ", traced";
    }
}
