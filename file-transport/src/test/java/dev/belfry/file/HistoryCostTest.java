package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Unwatched;
import dev.belfry.testing.Patience;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often the files are read, counted on a simulated disk. */
@Timeout(60)
class HistoryCostTest {
    private static final int MESSAGES = 100;
    private static final int TURNS = 10;
    private final Disk disk = new Disk(new Random(5));
    private final Lives lives = new Lives(disk, true, Lives.RING);

    @AfterEach
    void close() {
        if (lives.queue != null) lives.queue.close();
        lives.forgetLivePart();
    }

    @Test
    void shouldReadThePiecesOfTheFilesOnceThoughEachMessageIsAcknowledged() {
        lives.open();
        Subscriber reader = lives.queue.createSubscriber(SubscriberOptions.builder()
                .name("reader")
                .ackMode(AckMode.CLIENT)
                .build());
        Publisher publisher = lives.queue.createPublisher();
        for (int i = 1; i <= MESSAGES; i++) publisher.publish("message " + i + "x".repeat(80));
        long before = disk.reads();
        for (int i = 1; i <= MESSAGES; i++) {
            Message message = reader.receive(Duration.ofSeconds(20));
            assertThat(message.position()).isEqualTo(i);
            reader.acknowledge(i);
        }
        assertThat(lives.queue.stats().subscribers().get(0).acknowledgedPosition())
                .isEqualTo(MESSAGES);
        // A piece is as long as the log, and lies in three files: once for what is received, once for what is
        // acknowledged.
        assertThat(disk.reads() - before).isBetween(1L, 12L);
    }

    /** Twice a second in each process that has it open. */
    @Test
    void shouldAskForLittleWhenNothingHappens() {
        lives.open();
        Publisher publisher = lives.queue.createPublisher();
        for (int i = 1; i <= MESSAGES; i++) publisher.publish("message " + i + "x".repeat(80));
        Runnable turn = Unwatched.tick(lives.queue, 0);
        for (int i = 0; i < 3; i++) turn.run(); // it keeps what has happened
        long reads = disk.reads();
        long calls = disk.calls();
        for (int i = 0; i < TURNS; i++) turn.run();
        assertThat(disk.reads() - reads).isLessThanOrEqualTo(4 * TURNS);
        assertThat(disk.calls() - calls).isLessThanOrEqualTo(20 * TURNS);
    }

    private static long directBytes() {
        System.gc();
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** The reader itself keeps room for two of its length; what finds the places of acknowledgements does not. */
    @Test
    void shouldKeepNoRoomForALongMessageThatIsAcknowledged() {
        try (LiveDisk live = new LiveDisk(false, false, 16 << 20, 64 << 20)) {
            live.open(1, files -> files);
            MessageQueue queue = live.handles.get(0);
            Subscriber reader = queue.createSubscriber(SubscriberOptions.builder()
                    .name("reader")
                    .ackMode(AckMode.CLIENT)
                    .build());
            Publisher publisher = queue.createPublisher();
            publisher.publish(new byte[2 << 20]);
            for (int i = 0; i < 200; i++) publisher.publish(new byte[100_000]);
            long before = directBytes();
            long reads = live.disk.reads();
            for (int i = 0; i < 2; i++) {
                assertThat(reader.receive(Patience.limit())).isNotNull();
                reader.acknowledge();
            }
            assertThat(live.disk.reads()).as("it is below the ring").isGreaterThan(reads);
            Patience.until("one of the two is gone", () -> directBytes() - before < 6 << 20);
        }
    }
}
