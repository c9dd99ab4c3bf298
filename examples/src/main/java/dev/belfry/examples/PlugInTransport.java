package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.ProviderInfo;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import java.time.Duration;

/**
 * The same API over a transport of your own: {@link FanTransport}, which ServiceLoader found, for
 * its scheme is {@code fan}.
 */
public final class PlugInTransport {
    private PlugInTransport() {}

    public static void main(String[] args) {
        Speaker main = new Speaker("main");
        for (ProviderInfo found : MessageQueues.providers()) main.say("Found %s: %s", found.scheme(), found.name());
        try (MessageQueue queue = MessageQueues.open("fan:greetings");
                Publisher out = queue.createPublisher();
                Subscriber b1 = queue.createSubscriber();
                Subscriber b2 = queue.createSubscriber()) {
            out.publish("Hello over fan:");
            main.say("B1 received: %s", b1.receive(Duration.ofSeconds(1)).text());
            main.say("B2 received: %s", b2.receive(Duration.ofSeconds(1)).text());
        }
    }
}
