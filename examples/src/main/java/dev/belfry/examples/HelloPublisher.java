package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A: sends each message and waits until everybody has acknowledged it; then sends as fast as it can for two seconds. */
final class HelloPublisher {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int TICK_BYTES = 32;

    private final Speaker a;
    private final Publisher out;
    private final int subscribers;

    private HelloPublisher(Speaker a, Publisher out, int subscribers) {
        this.a = a;
        this.out = out;
        this.subscribers = subscribers;
    }

    static void run(String uri, int subscribers) {
        Speaker a = new Speaker("A");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            HelloPublisher publisher = new HelloPublisher(a, out, subscribers);
            for (String text : List.of("Hello", "World", "Dynamic", "Memory")) publisher.send(text);
            a.say(
                    "The ring has %,d bytes; now a message of 200,000",
                    queue.stats().capacity());
            publisher.send("Growth" + ".".repeat(199_994));
            publisher.burst();
            publisher.send("Goodbye");
        }
    }

    private void send(String text) {
        a.say("Sent: %s", HelloSubscriber.inShort(text)); // before: a subscriber is quicker than a second line here
        awaitAll(out.publish(text));
    }

    private void awaitAll(long position) {
        while (!out.awaitAcknowledged(position, subscribers, PATIENCE))
            a.say("Still waiting until %d subscriber(s) have acknowledged it", subscribers);
    }

    private void burst() {
        ByteBuffer tick = ByteBuffer.allocateDirect(TICK_BYTES);
        long began = System.nanoTime();
        long last = 0;
        long count = 0;
        while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(2)) {
            for (int i = 0; i < 1000; i++) last = out.publish(tick.clear());
            count += 1000;
        }
        awaitAll(last);
        double seconds = (System.nanoTime() - began) / 1e9;
        a.say("%,d messages to each of %d in %.1f s: %,.0f a second", count, subscribers, seconds, count / seconds);
    }
}
