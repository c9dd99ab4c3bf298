package dev.belfry.opentelemetry;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.spi.ForwardingPublisher;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/** A span for each publish and offer, whose context the message carries. */
final class TracedPublisher extends ForwardingPublisher {
    private final MessagingSpans spans;

    TracedPublisher(Publisher out, MessagingSpans spans) {
        super(out);
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
            if (position < 0) MessagingSpans.rejected(span);
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
    public String toString() {
        return out + ", traced";
    }
}
