package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import dev.belfry.testing.Yardstick;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A refused call leaves the ring alone. Damage is reported to every waiting thread, and none waits for ever. */
@Timeout(300)
@WaitsForOthers
class RefusalsAndDamageTest {
    private static final AtomicLong NUMBERS = new AtomicLong();
    private final String name = "refusals-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
    private final List<MessageQueue> queues = new ArrayList<>();
    // Not the common pool: on two cores it has one thread.
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private MessageQueue open(String parameters) {
        MessageQueue queue = MessageQueues.open("shm:" + name + "?deleteOnLastClose=true" + parameters);
        queues.add(queue);
        return queue;
    }

    @AfterEach
    void close() {
        queues.forEach(MessageQueue::close);
        threads.shutdownNow();
        MessageQueues.delete("shm:" + name); // a member that found it damaged leaves it for inspection
        assertThat(Path.of("/dev/shm/belfry." + name)).doesNotExist();
    }

    /** As a bad neighbour would. */
    private MappedByteBuffer segment() throws Exception {
        Path file = Path.of("/dev/shm/belfry." + name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            return bytes;
        }
    }

    @Test
    void shouldLeaveTheRingAloneWhenAPublishIsRefused() throws Exception {
        MessageQueue queue = open("&capacity=1m&maxCapacity=1m");
        Publisher patient = queue.createPublisher();
        Publisher impatient = queue.createPublisher(
                PublisherOptions.builder().timeout(Duration.ZERO).build());
        Subscriber subscriber = queue.createSubscriber();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong published = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        CompletableFuture<Void> both = CompletableFuture.allOf(
                CompletableFuture.runAsync(
                        () -> {
                            while (!stop.get()) {
                                patient.publish(new byte[64]);
                                published.incrementAndGet();
                            }
                        },
                        threads),
                CompletableFuture.runAsync(
                        () -> {
                            while (!stop.get()) {
                                try {
                                    impatient.publish(new byte[64]);
                                    published.incrementAndGet();
                                } catch (QueueFullException full) {
                                    refused.incrementAndGet();
                                }
                            }
                        },
                        threads));
        long received = 0;
        while (refused.get() < 5_000 || received < 1_000_000)
            received += subscriber.poll(m -> {}, 100, Duration.ofMillis(200));
        stop.set(true);
        while (!both.isDone() || received < published.get())
            received += subscriber.poll(m -> {}, 1000, Duration.ofMillis(50));
        both.get();
        assertThat(received).isEqualTo(published.get()).isEqualTo(queue.stats().newestPosition());
    }

    @Test
    void shouldTellAWaitingReceiverWhenAnotherThreadFindsDamage() throws Exception {
        MessageQueue queue = open("");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Message> waiting = CompletableFuture.supplyAsync(
                () -> {
                    begun.countDown();
                    return subscriber.receive();
                },
                threads);
        begun.await();
        segment().putInt(400, 77); // the current region
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageContaining("current region 77")
                .hasMessageContaining("belfry doctor --deep " + name);
        assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(QueueCorruptedException.class);
        assertThatThrownBy(queue::stats).isInstanceOf(QueueCorruptedException.class);
        assertThatThrownBy(() -> publisher.awaitAcknowledged(1, 1, Duration.ofSeconds(1)))
                .isInstanceOf(QueueCorruptedException.class);
        segment().putInt(400, 0);
    }

    @Test
    void shouldShowAHandlerNoZerosWhenAnotherThreadFindsDamage() throws Exception {
        MessageQueue queue = open("");
        Subscriber subscriber = queue.createSubscriber();
        queue.createPublisher().publish("message", MessageProperties.empty());
        segment().putLong(392, -5); // the count
        assertThatThrownBy(() -> subscriber.poll(
                        v -> {
                            assertThat(v.text()).isEqualTo("message");
                            assertThatThrownBy(() -> CompletableFuture.supplyAsync(queue::stats, threads)
                                            .join())
                                    .hasCauseInstanceOf(QueueCorruptedException.class);
                            for (ThrowingCallable read :
                                    new ThrowingCallable[] {v::text, v::bytes, v::properties, v::copy})
                                assertThatThrownBy(read).isInstanceOf(QueueCorruptedException.class);
                        },
                        2))
                .isInstanceOf(QueueCorruptedException.class);
        assertThatThrownBy(subscriber::lag).isInstanceOf(QueueCorruptedException.class);
        subscriber.close();
        assertThatThrownBy(subscriber::lag).isInstanceOf(QueueCorruptedException.class);
        segment().putLong(392, 1);
    }

    @Test
    @Tag("F32")
    void shouldRefuseARingFullOfHopsInsteadOfFollowingThem() throws Exception {
        MessageQueue queue = open("&capacity=4k&maxCapacity=4k");
        Subscriber subscriber = queue.createSubscriber();
        MappedByteBuffer segment = segment();
        int ring = (int) segment.getLong(56);
        for (int i = 0; i < 4096; i += 8) segment.putLong(ring + i, 8L | 2L << 32 | 1L << 40);
        assertThatThrownBy(() -> subscriber.receive(Duration.ofSeconds(1))).isInstanceOf(QueueCorruptedException.class);
    }

    @Test
    @Tag("F32")
    void shouldRefuseARingFullOfRecordsToSkip() throws Exception {
        MessageQueue queue = open("&capacity=4k&maxCapacity=4k");
        Subscriber subscriber = queue.createSubscriber();
        MappedByteBuffer segment = segment();
        int ring = (int) segment.getLong(56);
        for (int i = 0; i < 4096; i += 8) segment.putLong(ring + i, 8L | 9L << 32 | 1L << 40);
        assertThatThrownBy(() -> subscriber.receive(Duration.ofSeconds(1))).isInstanceOf(QueueCorruptedException.class);
    }

    @Test
    void shouldJoinAtAPositionFarBehindTheGateWhileItMoves() {
        MessageQueue queue = open("&capacity=64m&maxCapacity=64m&maxGateTime=60s");
        Publisher publisher = queue.createPublisher();
        byte[] small = new byte[8];
        for (int i = 0; i < 4_200_000; i++) publisher.publish(small); // the ring has wrapped
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> traffic = CompletableFuture.runAsync(
                () -> {
                    while (!stop.get()) publisher.offer(ByteBuffer.wrap(small), Duration.ofMillis(20));
                },
                threads);
        for (int i = 0; i < 3; i++) {
            long at = queue.stats().newestPosition() - 1000;
            try (Subscriber subscriber = queue.createSubscriber(StartAt.at(at))) {
                assertThat(subscriber.receive(Duration.ofSeconds(60)).position())
                        .isEqualTo(at);
            }
        }
        stop.set(true);
        traffic.join();
    }

    @Slow
    @Test
    void shouldNeverCallAPublishedMessageUnknownWhenItIsClosedMeanwhile() throws Exception {
        for (int i = 0; i < 100; i++) {
            MessageQueue queue = open("");
            Publisher publisher = queue.createPublisher();
            AtomicLong published = new AtomicLong();
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(
                    () -> {
                        while (true) published.set(publisher.publish(new byte[32]));
                    },
                    threads);
            while (published.get() < 100) Thread.onSpinWait();
            queue.close();
            assertThatThrownBy(traffic::get).hasCauseInstanceOf(QueueClosedException.class);
        }
    }

    @Test
    void shouldEndAllWhoHoldTheGateWhenMaxGateTimeIsOver() {
        endsAllWhoHoldTheGate(() -> {});
    }

    /**
     * At the same time: one after the other they would take six seconds. That one decision ends two
     * is in {@code RoomTest}.
     */
    @Luck
    @Seeded(4)
    void shouldEndAllWhoHoldTheGateAtOnce() {
        try (Yardstick yardstick = new Yardstick()) {
            endsAllWhoHoldTheGate(yardstick::begin);
            assertThat(yardstick.took()).isLessThan(Duration.ofMillis(4500));
        }
    }

    private void endsAllWhoHoldTheGate(Runnable beforeItWaits) {
        MessageQueue queue = open("&capacity=4k&maxCapacity=4k&maxGateTime=1500ms");
        for (int i = 0; i < 4; i++) queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        while (publisher.offer(ByteBuffer.wrap(new byte[100]), Duration.ZERO) != Publisher.REJECTED) {}
        beforeItWaits.run();
        publisher.publish(new byte[100]);
        assertThat(queue.stats().counters()).containsEntry("ended", 4L);
    }

    @Test
    void shouldGrowBeforeItRefusesWhoHasLittleTime() {
        MessageQueue queue = open("&capacity=4k&maxCapacity=1m");
        queue.createSubscriber(SubscriberOptions.defaults());
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 200; i++)
            assertThat(publisher.offer(ByteBuffer.wrap(new byte[500]), Duration.ofNanos(200_000)))
                    .isPositive();
        assertThat(queue.stats().capacity()).isGreaterThan(32_000);
    }
}
