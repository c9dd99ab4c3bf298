package dev.belfry.opentelemetry;

import dev.belfry.api.MessageView;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spans of one queue, by version 1.45 of the conventions for messaging. The parts that may
 * still change there are in this class alone: names, kinds and attributes.
 */
final class MessagingSpans {
    private static final Logger LOG = LoggerFactory.getLogger(MessagingSpans.class);
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> SUBSCRIPTION =
            AttributeKey.stringKey("messaging.destination.subscription.name");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> TYPE = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> POSITION = AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<Long> SIZE = AttributeKey.longKey("messaging.message.body.size");
    private static final AttributeKey<Boolean> REDELIVERED = AttributeKey.booleanKey("messaging.belfry.redelivered");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private final Tracer tracer;
    private final String queue;

    /** {@code queue}: its plain name. */
    MessagingSpans(OpenTelemetry openTelemetry, String queue) {
        this.tracer = openTelemetry.getTracer("dev.belfry.opentelemetry");
        this.queue = queue;
    }

    Span publish(int length) {
        return started(begin("publish", "send", SpanKind.PRODUCER, length));
    }

    static void published(Span span, long position) {
        if (position > 0) span.setAttribute(POSITION, Long.toString(position));
    }

    /** Marks the span of an offer for which the time has passed. */
    static void rejected(Span span) {
        span.setAttribute(ERROR, "rejected").setStatus(StatusCode.ERROR, "no room in time, so nothing was published");
    }

    /** {@code subscription}: its name, or null. */
    Span receive(MessageView message, String subscription) {
        return of(message, subscription, begin("receive", "receive", SpanKind.CLIENT, message.length()));
    }

    Span process(MessageView message, String subscription) {
        return of(message, subscription, begin("process", "process", SpanKind.CONSUMER, message.length()));
    }

    static void failed(Span span, Throwable failure) {
        span.recordException(failure)
                .setAttribute(ERROR, failure.getClass().getName())
                .setStatus(StatusCode.ERROR);
    }

    private SpanBuilder begin(String operation, String type, SpanKind kind, int length) {
        return tracer.spanBuilder(operation + " " + queue)
                .setSpanKind(kind)
                .setAttribute(SYSTEM, "belfry")
                .setAttribute(DESTINATION, queue)
                .setAttribute(OPERATION, operation)
                .setAttribute(TYPE, type)
                .setAttribute(SIZE, (long) length);
    }

    private static Span of(MessageView message, String subscription, SpanBuilder span) {
        Context context = TraceProperties.context(message);
        span.setParent(context);
        SpanContext around = Span.current().getSpanContext();
        if (around.isValid() && Span.fromContext(context).getSpanContext() != around) span.addLink(around);
        if (message.position() > 0) span.setAttribute(POSITION, Long.toString(message.position()));
        if (subscription != null) span.setAttribute(SUBSCRIPTION, subscription);
        if (message.redelivered()) span.setAttribute(REDELIVERED, true);
        return started(span);
    }

    /** A processor of the program that throws costs the span, and no message: an Error of it, too. */
    private static Span started(SpanBuilder span) {
        try {
            return span.startSpan();
        } catch (Throwable e) {
            LOG.warn("A message has no span: a processor of spans has thrown", e);
            return Span.getInvalid();
        }
    }

    static void end(Span span) {
        try {
            span.end();
        } catch (Throwable e) {
            LOG.warn("A span did not end: a processor of spans has thrown", e);
        }
    }
}
