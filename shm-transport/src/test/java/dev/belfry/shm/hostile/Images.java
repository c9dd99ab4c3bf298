package dev.belfry.shm.hostile;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Whole segments as the product leaves them, for the fuzzer to damage. Taken while the queue is
 * open an image is what a kill at that moment leaves.
 */
final class Images {
    static final String NAMED = "audit";

    private final String name;
    private final List<byte[]> all = new ArrayList<>();

    private Images(String name) {
        this.name = name;
    }

    static Path file(String queue) {
        return Path.of("/dev/shm/belfry." + queue);
    }

    /** {@code name}: of a queue that nobody else uses. */
    static List<byte[]> build(String name) {
        Images images = new Images(name);
        images.take("", queue -> {});
        images.take("", queue -> publish(queue, 8, 40)); // history
        images.take("", queue -> publish(queue, 200, 48)); // wrapped
        images.take("&maxGateTime=1ms", queue -> publish(queue, 100, 100));
        images.take("&allowGating=false&deleteOnLastClose=true", queue -> publish(queue, 5, 8));
        images.take("&maxCapacity=16k", Images::growTwice);
        images.take("&maxCapacity=16k", queue -> {
            try (Subscriber audit = named(queue, NAMED, SlowSubscriber.GATE_PUBLISHER)) {
                publish(queue, 30, 64);
                for (int i = 0; i < 10; i++) audit.receiveNoWait();
                audit.acknowledge();
            }
            publish(queue, 5, 8); // after one that is detached
        });
        images.take(
                "",
                queue -> { // each policy, full: whoever publishes must ask about all of them
                    named(queue, NAMED, SlowSubscriber.DISCONNECT);
                    named(queue, "jumper", SlowSubscriber.OVERRUN);
                    queue.createSubscriber(StartAt.OLDEST_RETAINED);
                    fill(queue);
                });
        images.take(
                "",
                queue -> { // a claim in flight, and a sleeper's bit
                    publish(queue, 3, 16);
                    Claim claim = queue.createPublisher().claim(100);
                    claim.buffer().putLong(42);
                    images.take(queue);
                    claim.close();
                });
        images.take("", queue -> {
            Publisher publisher = queue.createPublisher(
                    PublisherOptions.builder().exclusive(true).timestamps(true).build());
            for (int i = 0; i < 10; i++)
                publisher.publish(
                        ByteBuffer.allocate(20),
                        MessageProperties.builder()
                                .put("price", 7L)
                                .put("text", "abc")
                                .build());
        });
        return images.all;
    }

    private void take(String parameters, Consumer<MessageQueue> use) {
        try (MessageQueue queue = MessageQueues.open("shm:" + name + "?capacity=4k&slots=4"
                + (parameters.contains("maxCapacity") ? "" : "&maxCapacity=4k") + parameters)) {
            use.accept(queue);
            take(queue);
        } finally {
            MessageQueues.delete("shm:" + name);
        }
    }

    private void take(MessageQueue queue) {
        try {
            all.add(Files.readAllBytes(file(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(queue.uri().toString(), e);
        }
    }

    private static void publish(MessageQueue queue, int messages, int length) {
        try (Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < messages; i++) publisher.offer(ByteBuffer.allocate(length + i % 5), Duration.ZERO);
        }
    }

    private static void fill(MessageQueue queue) {
        try (Publisher publisher = queue.createPublisher()) {
            while (publisher.offer(ByteBuffer.allocate(60), Duration.ZERO) != Publisher.REJECTED) {}
        }
    }

    private static void growTwice(MessageQueue queue) {
        queue.createSubscriber(StartAt.OLDEST_RETAINED);
        publish(queue, 90, 100);
    }

    private static Subscriber named(MessageQueue queue, String name, SlowSubscriber policy) {
        return queue.createSubscriber(SubscriberOptions.builder()
                .name(name)
                .ackMode(AckMode.CLIENT)
                .slowSubscriber(policy)
                .build());
    }
}
