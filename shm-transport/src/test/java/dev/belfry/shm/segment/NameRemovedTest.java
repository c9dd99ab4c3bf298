package dev.belfry.shm.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody removes a queue's name while it is in use: all its members go on, and each says so, once. */
@Tag("F40")
@Timeout(60)
@WaitsForOthers
class NameRemovedTest {
    private static final String REMOVED = "its name was removed from /dev/shm while it is in use";

    private final String name = "removed-" + ProcessHandle.current().pid();
    private final String uri = "shm:" + name + "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true";

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    private long said() {
        return log.text()
                .lines()
                .filter(line -> line.contains(name + ": " + REMOVED))
                .count();
    }

    private void awaitSaid(int times) {
        Patience.until("it has said it " + times + " times", () -> said() >= times);
    }

    @Test
    void f40WhoPublishesNoticesAndSaysItOnce() throws Exception {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Publisher another = queue.createPublisher()) {
            Files.delete(Path.of("/dev/shm/belfry." + name));
            awaitSaid(1);
            assertThat(log.text()).contains("the next process that opens that name gets another queue");
            Thread.sleep(1_200);
            assertThat(said()).as("in all").isOne();
            assertThat(publisher.publish("goes on")).isEqualTo(1);
            assertThat(another.publish("too")).isEqualTo(2);
        }
    }

    @Test
    void f40WhoWaitsForMessagesNoticesAndHearsWhoIsLeft() throws Exception {
        try (MessageQueue listening = MessageQueues.open(uri);
                MessageQueue speaking = MessageQueues.open(uri)) {
            Subscriber subscriber = listening.createSubscriber();
            CompletableFuture<String> waiting =
                    CompletableFuture.supplyAsync(() -> subscriber.receive().text());
            assertThat(MessageQueues.delete(uri)).isTrue();
            try (MessageQueue fresh = MessageQueues.open(uri)) {
                assertThat(fresh.stats().id()).isNotEqualTo(listening.stats().id());
                awaitSaid(1); // nobody publishes: no watch
                assertThat(log.text()).contains("another queue has that name now");
            }
            QueueHealth.Report health = new QueueHealth(listening, 100, Duration.ofSeconds(30)).check();
            assertThat(health.status()).isEqualTo(QueueHealth.Status.LAGGING);
            assertThat(health.reasons())
                    .isEqualTo(List.of(listening.uri()
                            + ": its name was removed: a process that opens it now gets another queue"));
            try (Publisher publisher = speaking.createPublisher()) {
                publisher.publish("still here");
                assertThat(waiting.join()).isEqualTo("still here");
            }
        }
    }

    /** The last one to close removes the name itself. */
    @Test
    void f40NobodySaysItOfAnOrderlyEnd() throws Exception {
        for (int i = 0; i < 12; i++)
            try (MessageQueue queue = MessageQueues.open(uri);
                    Publisher publisher = queue.createPublisher()) {
                publisher.publish("x");
                Thread.sleep(50);
            }
        assertThat(said()).isZero();
    }
}
