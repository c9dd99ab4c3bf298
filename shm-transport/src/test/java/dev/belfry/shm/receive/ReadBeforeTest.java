package dev.belfry.shm.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Slow;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The mark of what was read, in the slot: no move of the reading position lowers it. A process may
 * die at any moment, and what it had read is marked when it comes again.
 */
@Timeout(60)
class ReadBeforeTest {
    private static final SubscriberOptions AUDIT = SubscriberOptions.builder()
            .name("audit")
            .startAt(StartAt.OLDEST_RETAINED)
            .ackMode(AckMode.CLIENT)
            .build();

    /** What a subscriber may do after it has read ten of twenty messages in a batch. */
    private static final List<Consumer<Subscriber>> MOVES = List.of(
            Subscriber::recover,
            s -> s.seek(StartAt.at(3)),
            s -> s.seek(StartAt.OLDEST_RETAINED),
            Subscriber::receiveNoWait,
            s -> s.poll(view -> {}, 2),
            s -> s.poll(view -> s.seek(StartAt.at(2)), 2),
            s -> s.acknowledge(s.position()));

    private final String uri =
            "shm:read-before-" + ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime(), 36);

    @AfterEach
    void remove() {
        MessageQueues.delete(URI.create(uri));
    }

    @Test
    @Slow
    void shouldKeepTheMarkInEachOrderOfMoves() {
        for (Consumer<Subscriber> first : MOVES)
            for (Consumer<Subscriber> second : MOVES) keepsTheMark(List.of(first, second));
    }

    /** A batch there reads what was never given, which has no mark. */
    @Test
    void shouldKeepTheMarkBeforeItsStart() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            Publisher publisher = queue.createPublisher();
            for (int i = 0; i < 10; i++) publisher.publish("before");
            Subscriber subscriber = queue.createSubscriber(
                    SubscriberOptions.builder().name("audit").build());
            for (int i = 0; i < 10; i++) publisher.publish("message");
            assertThat(subscriber.poll(view -> {}, 5)).isEqualTo(5);
            subscriber.seek(StartAt.at(3));
            assertThat(subscriber.poll(view -> assertThat(view.redelivered()).isFalse(), 2))
                    .isEqualTo(2);
            assertThat(received(queue)).isEqualTo(5);
            subscriber.close();
        }
    }

    /** The larger of the mark and what is acknowledged, from its first message on, as any process sees it. */
    private static long received(MessageQueue queue) {
        return queue.stats().subscribers().get(0).counters().get("received");
    }

    private void keepsTheMark(List<Consumer<Subscriber>> moves) {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            Publisher publisher = queue.createPublisher();
            long before = queue.stats().newestPosition();
            Subscriber subscriber = queue.createSubscriber(AUDIT);
            for (int i = 0; i < 20; i++) publisher.publish("message");
            assertThat(subscriber.poll(view -> {}, 10)).isEqualTo(10);
            for (Consumer<Subscriber> move : moves) {
                move.accept(subscriber);
                assertThat(received(queue)).isGreaterThanOrEqualTo(10);
            }
            subscriber.close();
            try (Subscriber again = queue.createSubscriber(AUDIT)) {
                for (Message m; (m = again.receive(Duration.ZERO)) != null && m.position() <= before + 10; )
                    assertThat(m.redelivered()).as("message %d", m.position()).isTrue();
            }
            queue.unsubscribe("audit");
        }
        MessageQueues.delete(URI.create(uri));
    }
}
