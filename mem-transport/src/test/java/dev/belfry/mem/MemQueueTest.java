package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class MemQueueTest extends MemTest {
    private String name() {
        return uri.substring(4);
    }

    @Test
    void shouldLiveUntilDeleted() {
        UUID id;
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher().publish("kept");
            id = queue.stats().id();
        }
        MessageQueue again = open("");
        assertThat(again.stats().id()).isEqualTo(id);
        assertThat(again.createSubscriber(StartAt.OLDEST_RETAINED).receive(NOW).text())
                .isEqualTo("kept");
        assertThat(MessageQueues.delete(uri)).isTrue();
        assertThat(MessageQueues.delete(uri)).isFalse();
        assertThat(open("").stats().id()).isNotEqualTo(id);
    }

    @Test
    void shouldLeaveTheOldQueueToThoseAttachedWhenDeleted() {
        MessageQueue old = open("");
        Subscriber oldSubscriber = old.createSubscriber();
        MessageQueues.delete(uri);
        MessageQueue fresh = open("");
        Subscriber freshSubscriber = fresh.createSubscriber();
        old.createPublisher().publish("old");
        assertThat(fresh.createPublisher().publish("new")).isEqualTo(1);
        assertThat(oldSubscriber.receive(NOW).text()).isEqualTo("old");
        assertThat(freshSubscriber.receive(NOW).text()).isEqualTo("new");
    }

    @Test
    void shouldDeleteWithTheLastHandleAndNotItsSuccessor() {
        MessageQueue first = open("deleteOnLastClose=true");
        MessageQueue second = open("");
        first.close();
        first.close();
        assertThat(names()).contains(uri);
        second.close();
        assertThat(names()).doesNotContain(uri);
        MessageQueue third = open("deleteOnLastClose=true");
        MessageQueues.delete(uri);
        open("");
        third.close();
        assertThat(names()).as("the new one of the same name").contains(uri);
    }

    private static List<String> names() {
        return MessageQueues.list("mem").stream()
                .peek(info -> assertThat(info.id()).isNotNull())
                .peek(info -> assertThat(info.problem()).isNull())
                .map(QueueInfo::uri)
                .map(URI::toString)
                .toList();
    }

    @Test
    void shouldFollowTheCreateMode() {
        assertThatThrownBy(() -> open("create=open_existing"))
                .isInstanceOf(QueueNotFoundException.class)
                .hasMessage("No queue '" + name()
                        + "' in this JVM. mem: queues are not seen by other processes; use shm: for that.");
        open("create=create_new");
        open("create=open_existing");
        assertThatThrownBy(() -> open("create=create_new"))
                .isInstanceOf(QueueExistsException.class)
                .hasMessage("There is a queue '" + name()
                        + "' in this JVM already. Delete it first, or open it with CREATE_OR_OPEN.");
    }

    @Test
    void shouldLetStoredValuesWinUnlessAskedExplicitly() {
        open("");
        assertThat(open("").stats().capacity()).isEqualTo(1 << 20);
        assertThatThrownBy(() -> open("capacity=4m"))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageStartingWith(
                        "capacity 4 MiB requested, existing queue 'mem:" + name() + "' has 1 MiB. Leave capacity out");
        open("capacity=1m&mode=rw-rw----&group=any"); // modes mean nothing here
    }

    @Test
    void shouldReportStats() {
        MessageQueue queue = fixed();
        assertThat(queue.stats().newestPosition()).isZero();
        assertThat(queue.stats().oldestPosition()).isZero();
        Publisher publisher = queue.createPublisher();
        Subscriber audit =
                queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        assertThat(fill(publisher)).isEqualTo(FIXED_HOLDS);
        audit.receive(NOW);
        publisher.publish(body());
        QueueStats stats = queue.stats();
        assertThat(stats.oldestPosition()).isEqualTo(2);
        assertThat(stats.newestPosition()).isEqualTo(FIXED_HOLDS + 1);
        assertThat(stats.publisherCount()).isEqualTo(1);
        assertThat(stats.counters()).containsEntry("bytes", FIXED_HOLDS * 120L).containsEntry("fullWaits", 1L);
        assertThat(stats.subscribers()).hasSize(1);
        assertThat(stats.subscribers().get(0).name()).isEqualTo("audit");
        assertThat(stats.subscribers().get(0).pid())
                .isEqualTo(ProcessHandle.current().pid());
        assertThat(stats.subscribers().get(0).acknowledgedPosition()).isEqualTo(1);
        assertThat(stats.subscribers().get(0).lag()).isEqualTo(FIXED_HOLDS).isEqualTo(audit.lag());
        audit.close();
        assertThat(queue.stats().subscribers().get(0).attached()).isFalse();
        assertThat(queue.stats().subscribers().get(0).pid()).isZero();
    }

    @Test
    void shouldCloseItsChildrenAndRefuseEverythingElse() throws Exception {
        MessageQueue queue = open("");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        Call<Object> waiting = start(subscriber::receive, "receive");
        waiting.awaitWaiting();
        queue.close();
        queue.close();
        assertThat(waiting.get()).isNull();
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(QueueClosedException.class)
                .hasMessage("Publisher of '" + uri + "' is closed. Open or create it again.");
        assertThatThrownBy(subscriber::receiveNoWait).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(queue::createPublisher)
                .isInstanceOf(QueueClosedException.class)
                .hasMessage("Queue '" + uri + "' is closed. Open or create it again.");
        assertThatThrownBy(queue::createSubscriber).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(queue::stats).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(() -> queue.unsubscribe("x")).isInstanceOf(QueueClosedException.class);
        assertThat(queue.uri()).isEqualTo(URI.create(uri));
        assertThat(queue.capabilities()).isNotEmpty();
        assertThat(publisher.maxMessageLength()).isEqualTo(16 << 20);
        assertThat(subscriber.lag()).isZero();
    }

    @Test
    void shouldUnwrapItselfOnly() {
        MessageQueue queue = open("");
        assertThat(queue.unwrap(MessageQueue.class)).isSameAs(queue);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.unwrap(String.class))
                .withMessage("'" + uri + "' has no java.lang.String to unwrap");
    }

    @Test
    void shouldNameTheParameterWhenItIsNull() {
        MessageQueue queue = open("");
        assertThatNullPointerException()
                .isThrownBy(() -> queue.createPublisher((PublisherOptions) null))
                .withMessage("options");
        assertThatNullPointerException()
                .isThrownBy(() -> queue.createSubscriber((SubscriberOptions) null))
                .withMessage("options");
        assertThatNullPointerException()
                .isThrownBy(() -> queue.createSubscriber((StartAt) null))
                .withMessage("startAt");
        assertThatNullPointerException()
                .isThrownBy(() -> queue.unsubscribe(null))
                .withMessage("name");
        assertThatNullPointerException().isThrownBy(() -> queue.unwrap(null)).withMessage("type");
        Publisher publisher = queue.createPublisher();
        assertThatNullPointerException()
                .isThrownBy(() -> publisher.publish(body(), null))
                .withMessage("properties");
        assertThatNullPointerException()
                .isThrownBy(() -> publisher.offer(null, NOW))
                .withMessage("body");
        assertThatNullPointerException()
                .isThrownBy(() -> publisher.offer(body(), null))
                .withMessage("timeout");
        assertThatNullPointerException()
                .isThrownBy(() -> publisher.awaitAcknowledged(1, 1, null))
                .withMessage("timeout");
        assertThatNullPointerException()
                .isThrownBy(() -> MessageQueues.open(URI.create(uri), (QueueConfig) null))
                .withMessage("config");
    }
}
