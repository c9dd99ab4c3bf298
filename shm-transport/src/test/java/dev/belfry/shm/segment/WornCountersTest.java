package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A queue that has run for so long that its counters come to where numbers end: set there by hand,
 * it goes on as if nothing were.
 */
@Timeout(60)
@Tag("F29")
@WaitsForOthers
@Slow
class WornCountersTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int CAPACITY = 4096;
    private static final int LEAVERS = 1032;
    private static final int HANDLES = 4096;
    private static int queues;

    private final String name = "worn-" + ProcessHandle.current().pid() + "-" + ++queues;
    private final QueueConfig config =
            QueueConfig.builder().capacity(CAPACITY).maxCapacity(4 * CAPACITY).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private MessageQueue open() {
        Handle handle = Opening.open(Machine.real(), name, config, QueueSettings.of(config), 3);
        return newQueue(URI.create("shm:" + name), handle);
    }

    @AfterEach
    void delete() {
        threads.shutdownNow();
        Leaving.delete(Machine.real(), name);
    }

    /** As if so many messages and bytes had gone through it. */
    private static void wear(Segment segment, long messages, long bytes) {
        SegmentHeader header = segment.header;
        segment.table.baseRelease(0, bytes);
        header.countRelease(messages);
        header.tailRelease(bytes);
        header.gatePosRelease(messages + 1);
        header.gateRelease(bytes);
        header.limit(bytes + CAPACITY);
        segment.writable.putFirstWord(RecordHeader.empty(messages + 1));
    }

    @ParameterizedTest
    @CsvSource({
        "0x7FFFFD, 0x7FFFF8", // 2^23: a stamp's half
        "0xFFFFFD, 0xFFFFF8", // 2^24: a whole one
        "0x7FFFFFFD, 0x7FFFFFF8", // 2^31
        "0xFFFFFFFD, 0xFFFFFFF8", // 2^32
        "0x1FFFFFFFFFFFFD, 0x1FFFFFFFFFFFF8", // 2^53: doubles end
        "0x3FFFFFFFFFFFFFFD, 0x3FFFFFFFFFFFFFF8", // 2^62: 150 years of a thousand million a second
    })
    void f29PositionsAndOffsetsGoOn(String messages, String bytes) throws Exception {
        long before = Long.decode(messages);
        try (MessageQueue queue = open()) {
            wear(handle(queue).segment, before, Long.decode(bytes));
        }
        goesOn(before);
    }

    /**
     * Two subscribers, laps, a publisher that waits for room, a growth, history, acknowledgements,
     * and a subscription found again.
     */
    private void goesOn(long before) throws Exception {
        long last;
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber anonymous = queue.createSubscriber()) {
            Subscriber audit = queue.createSubscriber(SubscriberOptions.builder()
                    .name("audit")
                    .ackMode(AckMode.CLIENT)
                    .build());
            assertThat(queue.stats().newestPosition()).isEqualTo(before);
            last = before;
            for (int i = 0; i < 100; i++) { // several laps, the counters' own limit among the first
                assertThat(publisher.publish(body(last + 1))).isEqualTo(++last);
                expect(anonymous, last);
                expect(audit, last);
                audit.acknowledge();
            }
            assertThat(publisher.awaitAcknowledged(last, 1, Duration.ZERO)).isTrue();
            long full = last;
            for (boolean went = true; went || queue.stats().capacity() < 4 * CAPACITY; ) {
                went = publisher.offer(ByteBuffer.wrap(body(full + 1)), Duration.ofMillis(5)) != Publisher.REJECTED;
                if (went) full++;
            }
            byte[] late = body(full + 1);
            long waitedBefore = waited(queue);
            CompletableFuture<Long> waits = CompletableFuture.supplyAsync(() -> publisher.publish(late), threads);
            while (waited(queue) == waitedBefore) Thread.onSpinWait(); // asleep, and once more
            while (last < full) {
                expect(anonymous, ++last);
                expect(audit, last);
                audit.acknowledge(last);
            }
            assertThat(waits.get(Patience.limit().toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(++last);
            expect(anonymous, last);
            expect(audit, last);
            audit.acknowledge(last - 1);
            long oldest = queue.stats().oldestPosition();
            audit.close();
            try (Subscriber history = queue.createSubscriber(StartAt.at(oldest))) {
                for (long p = oldest; p <= last; p++) expect(history, p);
            }
        }
        try (MessageQueue queue = open();
                Subscriber audit = queue.createSubscriber(SubscriberOptions.builder()
                        .name("audit")
                        .ackMode(AckMode.CLIENT)
                        .build())) {
            expect(audit, last);
        }
    }

    private static long waited(MessageQueue queue) {
        return handle(queue).segment.header.counter(SegmentHeader.Counter.FULL_WAIT_NANOS);
    }

    private static byte[] body(long position) {
        return ByteBuffer.allocate(300).putLong(0, position).array();
    }

    private static void expect(Subscriber subscriber, long position) {
        Message message = subscriber.receive(SOON);
        assertThat(message).as("message %s", position).isNotNull();
        assertThat(message.position()).isEqualTo(position);
        assertThat(ByteBuffer.wrap(message.bytes()).getLong(0)).isEqualTo(position);
    }

    /** Waiting publishers, and the order in which subscribers left, are counted too. */
    @ParameterizedTest
    @ValueSource(ints = {0x7FFFFFFC, 0xFFFFFFFC})
    void f29TheEventCountWraps(int word) throws Exception {
        try (MessageQueue queue = open()) {
            handle(queue).segment.header.bytes().putIntRelease(SegmentHeader.ROOM, word);
        }
        goesOn(0);
    }

    /**
     * Incarnations of slots and handles have 48 bits, which centuries of joining do not use up; 20
     * of a handle's go into a lock word.
     */
    @ParameterizedTest
    @ValueSource(longs = {(1L << 20) - 2, (1L << 31) - 2, (1L << 32) - 2, (1L << 47) - 2})
    void f29IncarnationsGoOn(long incarnation) throws Exception {
        try (MessageQueue queue = open()) {
            Segment segment = handle(queue).segment;
            segment.header.bytes().putLongRelease(LEAVERS, incarnation << 15 | 0x7FFE);
            Slots slots = segment.slots;
            for (int j = 0; j < slots.count(); j++) {
                slots.stateRelease(j, incarnation << 16 | SlotState.SUBSCRIBER);
                slots.semInc(j, incarnation);
            }
            for (int h = 1; h < segment.handles.count(); h++)
                segment.header.bytes().putLongRelease(HANDLES + 64L * h, incarnation << 16);
            for (int i = 0; i < 6; i++) { // each comes and goes across the limit
                try (MessageQueue other = open();
                        Publisher publisher = other.createPublisher();
                        Subscriber one = queue.createSubscriber();
                        Subscriber two = other.createSubscriber()) {
                    long position = publisher.publish(body(i + 1));
                    expect(one, position);
                    expect(two, position);
                    assertThat(queue.stats().publisherCount()).isEqualTo(1);
                    assertThat(queue.stats().subscribers()).hasSize(2);
                }
            }
        }
        goesOn(6);
    }
}
