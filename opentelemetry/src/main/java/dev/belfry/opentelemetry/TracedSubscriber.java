package dev.belfry.opentelemetry;

import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.spi.ForwardingSubscriber;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.Objects;

/** A span for each message that it hands over, within which a handler or listener runs. */
final class TracedSubscriber extends ForwardingSubscriber {
    private final MessagingSpans spans;
    private Handing last; // so that the same handler makes an object once

    TracedSubscriber(Subscriber in, MessagingSpans spans) {
        super(in);
        this.spans = spans;
    }

    @Override
    public Message receive() {
        return received(in.receive());
    }

    @Override
    public Message receive(Duration timeout) {
        return received(in.receive(timeout));
    }

    @Override
    public Message receiveNoWait() {
        return received(in.receiveNoWait());
    }

    /** The wait is not part of the span, which would begin before the publish. */
    private Message received(Message message) {
        if (message != null) MessagingSpans.end(spans.receive(message, in.name()));
        return message;
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        Handing handing = last;
        if (handing == null || handing.handler != handler)
            last = handing = new Handing(Objects.requireNonNull(handler, "handler"));
        return in.poll(handing, limit, timeout);
    }

    private final class Handing implements MessageHandler {
        private final MessageHandler handler;

        Handing(MessageHandler handler) {
            this.handler = handler;
        }

        @Override
        public void onMessage(MessageView view) {
            process(view, handler::onMessage);
        }
    }

    @Override
    public void setListener(MessageListener listener) {
        Objects.requireNonNull(listener, "listener");
        in.setListener(message -> process(message, listener::onMessage));
    }

    private interface Step<M, E extends Exception> {
        void process(M message) throws E;
    }

    private <M extends MessageView, E extends Exception> void process(M message, Step<M, E> step) throws E {
        Span span = spans.process(message, in.name());
        Scope current = span.makeCurrent();
        try {
            step.process(message);
        } catch (Throwable failure) {
            MessagingSpans.failed(span, failure);
            throw failure;
        } finally {
            current.close();
            MessagingSpans.end(span);
        }
    }

    @Override
    public void acknowledge() {
        in.acknowledge();
    }

    @Override
    public void acknowledge(long position) {
        in.acknowledge(position);
    }

    @Override
    public void seek(StartAt start) {
        in.seek(start);
    }

    @Override
    public String toString() {
        return in + ", traced";
    }
}
