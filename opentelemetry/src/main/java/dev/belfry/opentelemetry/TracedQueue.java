package dev.belfry.opentelemetry;

import dev.belfry.api.Capability;
import dev.belfry.api.Codec;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.TypedPublisher;
import dev.belfry.spi.ForwardingQueue;
import io.opentelemetry.api.OpenTelemetry;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Any other queue; typed publishers and subscribers, requesters and repliers are made over what this makes. {@code
 * claims}: false: it does not tell of them.
 */
record TracedQueue(MessageQueue queue, MessagingSpans spans, boolean claims) implements ForwardingQueue {
    TracedQueue(MessageQueue queue, OpenTelemetry openTelemetry) {
        this(queue, new MessagingSpans(openTelemetry, queue.uri().getSchemeSpecificPart()), true);
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = queue.capabilities();
        return claims
                ? all
                : all.stream().filter(each -> each != Capability.CLAIM).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        return new TracedPublisher(queue.createPublisher(options), spans);
    }

    /** Without claims, which have no properties. */
    @Override
    public <T> TypedPublisher<T> createPublisher(Codec<T> codec, PublisherOptions options) {
        return claims
                ? new TracedQueue(queue, spans, false).createPublisher(codec, options)
                : ForwardingQueue.super.createPublisher(codec, options);
    }

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        return new TracedSubscriber(queue.createSubscriber(options), spans);
    }

    @Override
    public String toString() {
        return queue + ", traced";
    }
}
