package dev.belfry.opentelemetry;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;

/** A program that reads three messages in one of three ways, fails at each "bad" once, and prints its spans. */
final class Reader {
    private Reader() {}

    /** {@code arguments}: the way, and the queue's URI. */
    public static void main(String[] arguments) {
        try (Spans spans = new Spans();
                MessageQueue queue = new BelfryTracing(spans.telemetry()).wrap(MessageQueues.open(arguments[1]));
                Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                        .name("reader")
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build())) {
            if (arguments[0].equals("listener")) in.setListener(message -> work(spans, message));
            if (arguments[0].equals("poll")) poll(spans, in);
            if (arguments[0].equals("receive")) receive(spans, in);
            int expected = arguments[0].equals("receive") ? 6 : 7;
            Patience.until("all spans have ended", () -> spans.ended().size() >= expected);
            spans.ended().forEach(Reader::print);
        }
    }

    private static void poll(Spans spans, Subscriber in) {
        int polled = 0;
        while (polled < 3)
            try {
                polled += in.poll(view -> work(spans, view), 1, Duration.ofSeconds(30));
            } catch (IllegalArgumentException itIsBad) {
                continue;
            }
    }

    private static void receive(Spans spans, Subscriber in) {
        for (int i = 0; i < 3; i++) {
            Message message = in.receive(Duration.ofSeconds(30));
            Scope scope = BelfryTracing.contextOf(message).makeCurrent();
            spans.begin("work").end();
            scope.close();
        }
    }

    private static void work(Spans spans, MessageView message) {
        if (message.text().equals("bad") && !message.redelivered()) throw new IllegalArgumentException("bad, said it");
        Span work = spans.begin("work");
        work.end();
    }

    private static void print(SpanData span) {
        String position = span.getAttributes().get(AttributeKey.stringKey("messaging.message.id"));
        StringBuilder line = new StringBuilder();
        line.append(span.getName().split(" ")[0]).append(' ').append(span.getKind());
        line.append(' ').append(span.getTraceId()).append(' ').append(span.getParentSpanId());
        line.append(' ').append(span.getSpanId()).append(' ').append(position);
        line.append(' ').append(span.getStatus().getStatusCode());
        for (EventData event : span.getEvents()) {
            line.append(' ').append(event.getName()).append(' ');
            line.append(event.getAttributes().get(AttributeKey.stringKey("exception.message")));
        }
        System.out.println(line);
    }
}
