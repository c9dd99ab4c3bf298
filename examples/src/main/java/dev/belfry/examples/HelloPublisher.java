package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A: sends each message and waits until all subscribers have acknowledged it; then sends as fast as
 * it can for two seconds.
 */
final class HelloPublisher {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Speaker a;
    private final MessageQueue queue;
    private final Publisher out;
    private final int subscribers;
    private final ByteBuffer tick = ByteBuffer.allocateDirect(32);

    private HelloPublisher(Speaker a, MessageQueue queue, Publisher out, int subscribers) {
        this.a = a;
        this.queue = queue;
        this.out = out;
        this.subscribers = subscribers;
    }

    static void run(String uri, int subscribers) throws IOException, InterruptedException {
        Speaker a = Speaker.narrating("A");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            new HelloPublisher(a, queue, out, subscribers).run();
        }
    }

    private void run() throws IOException, InterruptedException {
        for (String text : List.of("Hello", "World", "Dynamic", "Memory")) send(text);
        for (int length : List.of(6_000, 200_000)) {
            if (SharedObjects.has(queue))
                a.say(
                        "The ring has %,d bytes; now a message of %,d",
                        queue.stats().capacity(), length);
            send("Growth" + ".".repeat(length - 6));
        }
        List<String> figures = new ArrayList<>(List.of(burst(Duration.ofSeconds(2))));
        if (SharedObjects.has(queue)) figures.add(systemCalls(Duration.ofMillis(500)));
        else if (queue.uri().getScheme().equals("kafka"))
            figures.add("Each of them was sent after the broker had confirmed the one before");
        send("Goodbye");
        for (String figure : figures) a.say("%s", figure);
    }

    private void send(String text) {
        a.say("Sent: %s", HelloSubscriber.inShort(text)); // before: a subscriber is quicker than a second line here
        awaitAll(out.publish(text));
    }

    private void awaitAll(long position) {
        while (!out.awaitAcknowledged(position, subscribers, PATIENCE))
            a.say("Still waiting until %d subscriber(s) have acknowledged it", subscribers);
    }

    private String burst(Duration time) {
        long began = System.nanoTime();
        long count = sendFor(time);
        double seconds = (System.nanoTime() - began) / 1e9;
        return String.format(
                Locale.ROOT,
                "%,d messages to each of %d in %.1f s: %,.0f a second",
                count,
                subscribers,
                seconds,
                count / seconds);
    }

    private String systemCalls(Duration time) throws IOException, InterruptedException {
        try (SystemCalls calls = new SystemCalls()) {
            return "System calls while sending: " + calls.in(sendFor(time));
        }
    }

    /** Returns the number of messages, once all subscribers have acknowledged them. */
    private long sendFor(Duration time) {
        long last = 0;
        long count = 0;
        for (long began = System.nanoTime(); System.nanoTime() - began < time.toNanos(); count += 100)
            for (int i = 0; i < 100; i++) last = out.publish(tick.clear());
        awaitAll(last);
        return count;
    }
}
