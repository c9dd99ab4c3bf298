package dev.belfry.spring;

import dev.belfry.api.Message;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.net.URI;

/**
 * Each call of a method as an observation of Micrometer: Boot makes timers of them, and spans. The
 * publisher's {@code traceparent} is read from the message's properties.
 */
final class Observed {
    static final String NAME = "belfry.message.process";

    private final ObservationRegistry registry;
    private final String queue;
    private final KeyValues keys;

    /** Names the queue as its meters do. {@code name}: of the subscription, or null. */
    Observed(ObservationRegistry registry, URI queue, String name) {
        this.registry = registry;
        this.queue = queue.getSchemeSpecificPart();
        keys = KeyValues.of(
                "messaging.system",
                "belfry",
                "messaging.operation.type",
                "process",
                "messaging.belfry.transport",
                queue.getScheme(),
                "messaging.destination.name",
                this.queue,
                "messaging.destination.subscription.name",
                name == null ? "none" : name);
    }

    /** What it throws is thrown here, too, and part of the observation. */
    void call(Message message, Observation.CheckedRunnable<Exception> method) throws Exception {
        if (registry.isNoop()) {
            method.run();
            return;
        }
        ReceiverContext<Message> context = new ReceiverContext<>(
                (carrier, key) -> carrier.properties().get(key) instanceof String text ? text : null, Kind.CONSUMER);
        context.setCarrier(message);
        context.setRemoteServiceName("belfry");
        Observation.createNotStarted(NAME, () -> context, registry)
                .contextualName(queue + " process")
                .lowCardinalityKeyValues(keys)
                .highCardinalityKeyValue("messaging.message.id", Long.toString(message.position()))
                .observeChecked(method);
    }
}
