package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.Inside;
import dev.belfry.shm.Quiet;
import dev.belfry.spi.QueueCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the queue itself knows of times, though no publish stores one. */
@ExtendWith(Quiet.Always.class)
class MomentsTest {
    private static final SubscriberOptions AUDIT =
            SubscriberOptions.builder().name("audit").build();

    private final String uri = "shm:moments-" + ProcessHandle.current().pid();
    private final MessageQueue queue = MessageQueues.open(uri);
    private final long began = System.currentTimeMillis();

    @AfterEach
    void close() {
        queue.close();
        MessageQueues.delete(uri);
    }

    private SubscriberStats audit() {
        return queue.stats().subscribers().get(0);
    }

    private long aloneSince() {
        return audit().counters().get(QueueCounter.ALONE_SINCE_MILLIS.key());
    }

    private long lastPublish() {
        return queue.stats().counters().get(QueueCounter.LAST_PUBLISH_MILLIS.key());
    }

    @Test
    void shouldKnowSinceWhenASubscriptionIsAlone() {
        for (int turn = 0; turn < 2; turn++) {
            var subscriber = queue.createSubscriber(AUDIT);
            assertThat(aloneSince()).as("turn %d", turn).isZero();
            subscriber.close();
            assertThat(aloneSince()).isBetween(began, System.currentTimeMillis());
        }
    }

    @Test
    void shouldNoteOneWhoseProcessDied() {
        MessageQueue dying = MessageQueues.open(uri);
        dying.createSubscriber(AUDIT);
        Inside.watch(queue);
        assertThat(audit().attached()).isTrue();
        handle(dying).abandon("as if it were killed", null);
        assertThat(audit().attached()).isFalse();
        assertThat(aloneSince()).as("nobody has noted it").isZero();
        Inside.watch(queue);
        long since = aloneSince();
        assertThat(since).isBetween(began, System.currentTimeMillis());
        Inside.watch(queue);
        assertThat(aloneSince()).isEqualTo(since);
        queue.createSubscriber(AUDIT);
        assertThat(aloneSince()).isZero();
        dying.close();
    }

    @Test
    void shouldKnowTheLastPublish() {
        assertThat(lastPublish()).isZero();
        try (Publisher publisher = queue.createPublisher()) {
            Inside.watch(queue);
            assertThat(lastPublish()).as("nothing was published").isZero();
            publisher.publish("message");
            Inside.watch(queue);
            assertThat(lastPublish()).isBetween(began, System.currentTimeMillis());
        }
    }

    @Test
    void shouldKnowTheLastPublishOfAProcessThatClosesAtOnce() throws InterruptedException {
        try (MessageQueue other = MessageQueues.open(uri);
                Publisher publisher = other.createPublisher()) {
            publisher.publish("message");
        }
        long last = lastPublish();
        assertThat(last).isBetween(began, System.currentTimeMillis());
        while (System.currentTimeMillis() == last) Thread.onSpinWait();
        Publisher silent = queue.createPublisher();
        Inside.watch(queue);
        silent.close();
        assertThat(lastPublish()).as("it published nothing").isEqualTo(last);
    }
}
