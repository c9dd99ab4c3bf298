package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.Waiting;
import dev.belfry.shm.Inside;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is seen of publishers that wait, by others and in the log. */
@Timeout(60)
@Tag("F80")
@WaitsForOthers
class WaitBoardTest {
    private final String name = "waits-" + ProcessHandle.current().pid();
    private final String uri = "shm:" + name + "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true";

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    private static List<Waiting> awaitWaiting(MessageQueue queue) {
        List<Waiting> waiting = new ArrayList<>();
        Patience.until(
                "a publisher is seen to wait",
                () -> waiting.addAll(queue.stats().waiting()));
        return waiting;
    }

    private static Waiting.Kind what(MessageQueue queue) {
        return awaitWaiting(queue).get(0).kind();
    }

    /** It is not said to be full, as that would be a reader's fault. */
    @Test
    void shouldTellWhichProcessHasTheGateLock() {
        PublisherOptions hurried =
                PublisherOptions.builder().timeout(Duration.ofMillis(1)).build();
        try (MessageQueue holding = MessageQueues.open(uri);
                MessageQueue waiting = MessageQueues.open(uri);
                Subscriber reader = holding.createSubscriber();
                Publisher publisher = waiting.createPublisher(hurried)) {
            while (publisher.offer(ByteBuffer.allocate(100), Duration.ZERO) != Publisher.REJECTED) {}
            FutexLock theirs = Inside.handle(holding).gateLock;
            assertThat(theirs.tryAcquire()).isTrue();
            try {
                assertThatThrownBy(() -> publisher.publish(new byte[100]))
                        .isInstanceOf(QueueFullException.class)
                        .hasMessageMatching("'shm:" + name + "' may have room, but pid "
                                + ProcessHandle.current().pid()
                                + " has kept the lock under which that is made for .* Try again\\.");
            } finally {
                theirs.release();
            }
            assertThatThrownBy(() -> publisher.publish(new byte[100])).hasMessageContaining(" is full ");
            assertThat(reader.receiveNoWait()).isNotNull();
        }
    }

    @Test
    void f80OneThatWaitsForALockIsWarnedOf() throws Exception {
        try (MessageQueue holding = MessageQueues.open(uri);
                MessageQueue waiting = MessageQueues.open(uri);
                Publisher holder = holding.createPublisher();
                Publisher publisher = waiting.createPublisher()) {
            CompletableFuture<Long> published;
            try (Claim claim = holder.claim(8)) {
                published = CompletableFuture.supplyAsync(() -> publisher.publish("x"));
                assertThat(awaitWaiting(holding)).hasSize(1);
                String warning = "'shm:" + name + "' is held by publisher pid "
                        + ProcessHandle.current().pid() + " for ";
                Patience.until("it is warned of", () -> log.text().contains(warning));
                assertThat(claim.buffer().remaining()).isEqualTo(8);
            }
            assertThat(published.join()).isEqualTo(1);
        }
        assertThat(log.text().lines().filter(line -> line.contains(name + "' is held by")))
                .as("once")
                .hasSize(1)
                .allMatch(line -> line.contains(". If it holds a claim "));
        assertThat(log.text().lines().filter(line -> line.contains(name + "': the wait for a lock is over, after ")))
                .as("once")
                .hasSize(1);
    }

    /** One entry stands for all of its publishers: for the one that waits longest, and in its end for the next. */
    @Test
    void f80TheLongestOfSeveralIsShown() throws Exception {
        try (MessageQueue queue = MessageQueues.open(uri);
                MessageQueue looking = MessageQueues.open(uri);
                Subscriber subscriber = looking.createSubscriber();
                Publisher publisher = queue.createPublisher()) {
            Publisher other = queue.createPublisher();
            CompletableFuture<Void> first = publishing(publisher);
            assertThat(what(looking)).isEqualTo(Waiting.Kind.ROOM);
            CompletableFuture<Void> second = publishing(other);
            assertThat(awaitWaiting(looking)).hasSize(1);
            while (!first.isDone() || !second.isDone()) subscriber.receive(Duration.ofMillis(1));
            assertThat(looking.stats().waiting()).isEmpty();
        }
    }

    private static CompletableFuture<Long> publishing(Publisher publisher, String text) {
        return CompletableFuture.supplyAsync(() -> publisher.publish(text));
    }

    private static CompletableFuture<Void> publishing(Publisher publisher) {
        return CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 20; i++) publisher.publish(ByteBuffer.allocate(500));
        });
    }

    /** Each try waits for a moment: it is seen as one wait that lasts, between two tries, too. */
    @Test
    void shouldShowOneLongWaitOfAPublisherWhoseTriesTimeOut() {
        try (MessageQueue holding = MessageQueues.open(uri);
                MessageQueue waiting = MessageQueues.open(uri);
                Publisher holder = holding.createPublisher();
                Publisher publisher = waiting.createPublisher(PublisherOptions.builder()
                        .timeout(Duration.ofMillis(100))
                        .build())) {
            try (Claim claim = holder.claim(8)) {
                String held = "is held by publisher pid";
                assertThatThrownBy(publishing(publisher, "x")::join).hasMessageContaining(held);
                List<Waiting> first = holding.stats().waiting();
                assertThat(first).hasSize(1);
                assertThatThrownBy(publishing(publisher, "x")::join).hasMessageContaining(held);
                assertThat(holding.stats().waiting()).isEqualTo(first);
                assertThat(claim.buffer().remaining()).isEqualTo(8);
            }
            assertThat(holding.stats().waiting()).as("nothing is in the way").isEmpty();
            publisher.publish("x");
        }
    }

    /** None of the tries is long enough to be logged, and the one that finds room at once has not waited. */
    @Test
    void shouldLogOneLongWaitForRoomWhoseTriesTimeOutAndItsEnd() {
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber subscriber = queue.createSubscriber();
                Publisher publisher = queue.createPublisher(PublisherOptions.builder()
                        .timeout(Duration.ofMillis(150))
                        .build())) {
            Patience.until("it is logged", () -> {
                try {
                    publisher.publish(ByteBuffer.allocate(500));
                } catch (QueueFullException full) {
                    assertThat(full).hasMessageContaining(name);
                }
                return log.text().contains("' is full (");
            });
            assertThatThrownBy(() -> publisher.publish(ByteBuffer.allocate(500)))
                    .isInstanceOf(QueueFullException.class);
            while (subscriber.lag() > 0) subscriber.receive();
            publisher.publish("x");
            Patience.until("its end is logged", () -> log.text()
                    .matches("(?s).*the wait for room is over, after [1-9].*")); // all of its seconds
        }
        assertThat(log.text().lines().filter(line -> line.contains(name)))
                .as(log.text())
                .hasSize(2);
    }

    /** A publisher that need not wait for long leaves no trace. */
    @Test
    void shouldShowNobodyWhoGoesOnAtOnce() {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < 1000; i++) publisher.publish(ByteBuffer.allocate(500));
            assertThat(queue.stats().waiting()).isEmpty();
            assertThat(queue.stats().counters()).containsEntry("lockWaits", 0L);
        }
    }

    /** One refused offer is not a wait that goes on until something is published. */
    @Test
    @Slow
    void shouldForgetAWaitThatNobodyTriesAgain() {
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber gate = queue.createSubscriber();
                Publisher publisher = queue.createPublisher()) {
            while (publisher.offer(ByteBuffer.allocate(100), Duration.ZERO) > 0) continue;
            assertThat(publisher.offer(ByteBuffer.allocate(100), Duration.ofMillis(50)))
                    .isNotPositive();
            assertThat(awaitWaiting(queue)).hasSize(1);
            Patience.until("it is forgotten", () -> queue.stats().waiting().isEmpty());
            assertThat(gate.lag()).isPositive();
        }
    }
}
