package dev.belfry.opentelemetry;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.spi.PropertiesCodec;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Collection;
import java.util.List;

/** A context as properties of a message, and back. */
final class TraceProperties {
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final Collection<String> NAMES = W3C.fields();
    private static final TextMapGetter<MessageProperties> GETTER = TraceProperties::text;

    private TraceProperties() {}

    /** {@code room}: for properties; if that is too little they go without a trace, or with its ids alone. */
    static MessageProperties with(MessageProperties properties, Context context, int room) {
        MessageProperties.Builder builder = MessageProperties.builder();
        W3C.inject(context, builder, (all, name, value) -> all.put(name, value));
        MessageProperties trace = builder.build();
        int most = Math.min(room, PropertiesCodec.MAX_ENCODED_LENGTH);
        if (trace.names().isEmpty()) return properties;
        MessageProperties own =
                properties.names().stream().anyMatch(NAMES::contains) ? without(properties) : properties;
        for (MessageProperties some : List.of(trace, ids(trace)))
            if (some.encodedLength() + own.encodedLength() <= most) return both(some, own);
        return own;
    }

    /** Removes the trace of another message, which is sent on. */
    private static MessageProperties without(MessageProperties properties) {
        MessageProperties.Builder builder = MessageProperties.builder();
        for (String name : properties.names())
            if (!NAMES.contains(name)) builder.putReceived(name, properties.get(name));
        return builder.build();
    }

    private static MessageProperties ids(MessageProperties trace) {
        return MessageProperties.builder()
                .put("traceparent", (String) trace.get("traceparent"))
                .build();
    }

    private static MessageProperties both(MessageProperties trace, MessageProperties own) {
        if (own.names().isEmpty()) return trace;
        MessageProperties.Builder builder = MessageProperties.builder();
        for (MessageProperties some : List.of(trace, own))
            for (String name : some.names()) builder.putReceived(name, some.get(name));
        return builder.build();
    }

    static Context context(MessageView message) {
        Context current = Context.current();
        MessageProperties properties;
        try {
            properties = message.properties();
        } catch (RuntimeException unreadable) { // which is for the handler to find
            return current;
        }
        return W3C.extract(current, properties, GETTER);
    }

    /** Another program's may be of any type. */
    private static String text(MessageProperties properties, String name) {
        return properties.get(name) instanceof String text ? text : null;
    }
}
