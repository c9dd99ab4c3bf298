package dev.belfry.kafka;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** {@code kafka:} for the kit, with a real broker. */
@WaitsForOthers
abstract class KafkaFixture implements TransportFixture {
    private static MessageQueue kept;

    /**
     * The property is for what has no URI parameters: delete and list. The handle keeps this JVM's
     * connection, which each test would make anew.
     */
    @BeforeAll
    static void startBroker() {
        System.setProperty("belfry.bootstrap", Broker.shared().bootstrap());
        kept = MessageQueues.open("kafka:kept");
    }

    @AfterAll
    static void forget() {
        kept.close();
        System.clearProperty("belfry.bootstrap");
    }

    @Override
    public String scheme() {
        return "kafka";
    }

    @Override
    public String parameters() {
        return "bootstrap=" + Broker.shared().bootstrap();
    }

    @Override
    public boolean findsUndated() {
        return true; // each record of a topic has a time
    }

    @Override
    public void overwrite(URI queue) {
        Brokers.keep(queue, 100);
    }
}
