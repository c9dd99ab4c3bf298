package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Batch;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 27: a queue that grows keeps order and content. */
@WaitsForOthers
public abstract class GrowthSuite extends ConformanceSuite {
    protected GrowthSuite() {}

    @Test
    @Tag("GATING")
    void b27GrowthKeepsOrderContentAndViews() {
        MessageQueue queue = open("capacity=4k&maxCapacity=8m");
        Subscriber holding = queue.createSubscriber();
        Subscriber reading = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        int count = LONG ? 5_000 : 1_000;
        publisher.publish(new Payload(0, 1).bytes(200));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch grown = new CountDownLatch(1);
        Call<Integer> handling = call(() -> holding.poll(
                v -> {
                    byte[] before = v.bytes();
                    ByteBuffer buffer = v.buffer();
                    inside.countDown();
                    await(grown);
                    assertThat(v.bytes()).isEqualTo(before);
                    assertThat(buffer).isEqualTo(ByteBuffer.wrap(before));
                    assertThat(Payload.of(v.bytes())).isEqualTo(new Payload(0, 1));
                },
                1,
                Patience.limit()));
        await(inside);
        Call<Void> readingAlong = run(() -> checkPayloads(reading, 1, count));
        for (int i = 2; i <= count; i++) publisher.publish(new Payload(0, i).bytes(i % 100 == 0 ? 20_000 : i % 700));
        grown.countDown();
        handling.result();
        checkPayloads(holding, 2, count);
        readingAlong.result();
        QueueStats stats = queue.stats();
        assertThat(stats.capacity()).isLessThanOrEqualTo(stats.maxCapacity());
    }

    @Test
    @Tag("GATING")
    void b27GrowthUnderLoadFromSeveralPublishers() {
        MessageQueue queue = open("capacity=4k&maxCapacity=4m");
        int each = LONG ? 50_000 : 3_000;
        List<Subscriber> subscribers = List.of(queue.createSubscriber(), open().createSubscriber());
        List<Call<Void>> publishing = new ArrayList<>();
        for (int p = 0; p < 3; p++) {
            int own = p;
            Publisher publisher = open().createPublisher(timeout(Patience.limit()));
            publishing.add(run(() -> {
                for (int i = 1; i <= each; i++) publisher.publish(new Payload(own, i).bytes());
            }));
        }
        List<Call<Void>> reading = subscribers.stream()
                .map(s -> run(() -> {
                    long[] last = new long[3];
                    for (int i = 0; i < 3 * each; i++) {
                        Payload payload = Payload.of(next(s).bytes());
                        assertThat(payload.serial()).isEqualTo(++last[payload.publisher()]);
                        if (i % 500 == 0) Patience.pause(2); // back-pressure
                    }
                }))
                .toList();
        publishing.forEach(Call::result);
        reading.forEach(Call::result);
    }

    @Test
    void b27MessageThatDoesNotFitGrowsTheQueueAtOnce() {
        MessageQueue queue = open("capacity=4k&maxCapacity=1m");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 8; i++) publisher.publish(new Payload(0, i).bytes(1_000 << i % 8));
        checkPayloads(subscriber, 1, 8);
    }

    @Test
    @Tag("GATING")
    void b27CallersWithoutTimeGrowTheQueueToItsMost() {
        MessageQueue queue = open("capacity=64k&maxCapacity=4m");
        queue.createSubscriber(); // reads nothing
        Publisher publisher = queue.createPublisher(timeout(Duration.ZERO));
        int length = 1_000;
        for (int i = 1; i <= 700; i++) {
            publisher.publish(bytes(length));
            assertThat(publisher.offer(bytes(length), Duration.ZERO)).isNotEqualTo(Publisher.REJECTED);
            try (Batch batch = publisher.tryBatch(2 * length, Duration.ZERO)) {
                assertThat(batch).as("batch %d", i).isNotNull();
                batch.add(bytes(length));
                batch.commit();
            }
        }
        int more = 0;
        while (publisher.offer(bytes(length), Duration.ZERO) != Publisher.REJECTED) more++;
        assertThat(2_100 + more).as("messages of 1,000 bytes in 4 MiB").isGreaterThan(3_500);
    }

    private static void checkPayloads(Subscriber subscriber, long first, long last) {
        for (long i = first; i <= last; i++) {
            Message message = next(subscriber);
            assertThat(Payload.of(message.bytes()).serial()).isEqualTo(i);
        }
    }
}
