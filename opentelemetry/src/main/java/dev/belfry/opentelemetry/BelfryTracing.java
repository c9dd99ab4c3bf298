package dev.belfry.opentelemetry;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageView;
import dev.belfry.spi.Capabilities;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.context.Context;
import java.util.Objects;

/**
 * Traces that go on from one process to the next: {@code new BelfryTracing(openTelemetry).wrap(queue)}. A message that
 * such a queue publishes has a span, and carries its W3C {@code traceparent} and {@code tracestate} as properties. A
 * message that it hands over has a span whose parent is that one. The propagators of OpenTelemetry do not matter, and
 * baggage is not carried.
 *
 * <p>Names and attributes of spans follow the OpenTelemetry conventions for messaging, which are in development: they
 * may change with a version of Belfry.
 * @since 0.1
 */
public final class BelfryTracing {
    private final OpenTelemetry openTelemetry;

    /** {@code openTelemetry} is kept and not closed. */
    public BelfryTracing(OpenTelemetry openTelemetry) {
        this.openTelemetry = Objects.requireNonNull(openTelemetry, "openTelemetry");
    }

    /**
     * The same queue, whose publishers and subscribers have spans; also those of a codec, and those of requesters and
     * repliers. Its close closes the queue. {@code queue} itself stays as it is.
     *
     * <p>A handler or listener runs in its message's span, which records what it throws. The span of {@code receive}
     * ends before that returns: go on by {@link #contextOf}. A message without a trace begins one, or belongs to the
     * span around the call. Claims and batches are left as they are, so their messages carry nothing; a typed publisher
     * uses an array instead of a claim. A message for whose properties there is no room goes without them.
     *
     * @throws dev.belfry.api.UnsupportedCapabilityException without PROPERTIES
     */
    public MessageQueue wrap(MessageQueue queue) {
        Capabilities.require(queue.uri().getScheme(), queue.capabilities(), Capability.PROPERTIES, "tracing");
        return new TracedQueue(queue, openTelemetry);
    }

    /** The current context with the span that published this message; unchanged if it carries none. */
    public static Context contextOf(MessageView message) {
        return TraceProperties.context(Objects.requireNonNull(message, "message"));
    }
}
