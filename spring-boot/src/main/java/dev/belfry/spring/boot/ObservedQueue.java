package dev.belfry.spring.boot;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.ForwardingQueue;
import io.micrometer.observation.ObservationRegistry;
import java.util.EnumSet;
import java.util.Set;

/** From which the injected publishers are made. A typed one makes no claims, which have no properties. */
record ObservedQueue(String name, MessageQueue queue, ObservationRegistry registry) implements ForwardingQueue {
    static MessageQueue of(String name, MessageQueue queue, ObservationRegistry registry) {
        return registry.isNoop() ? queue : new ObservedQueue(name, queue, registry);
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.copyOf(queue.capabilities());
        all.remove(Capability.CLAIM);
        return all;
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        return new ObservedPublisher(queue.createPublisher(options), new ObservedPlace(name, queue.uri()), registry);
    }

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        return queue.createSubscriber(options);
    }
}
