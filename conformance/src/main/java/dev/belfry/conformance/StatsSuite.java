package dev.belfry.conformance;

import static dev.belfry.conformance.AcknowledgingSuite.client;
import static dev.belfry.conformance.FullAndSlowSuite.overrun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 28: figures of a queue and its subscribers. */
@WaitsForOthers
public abstract class StatsSuite extends ConformanceSuite {
    protected StatsSuite() {}

    @Test
    @Tag("POSITIONS")
    @Tag("CLAIM")
    void b28OldestAndNewestCountWhatIsRetainedAfterAClaimWasGivenUp() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        int most = publisher.maxMessageLength();
        publisher.claim(most).close(); // of an empty queue
        assertThat(queue.stats().oldestPosition()).isZero();
        for (int i = 1; i <= 5; i++) {
            publisher.publish(bytes(most / 4 * 3));
            publisher.claim(most / 8 * 7).close();
            QueueStats stats = queue.stats();
            assertThat(stats.newestPosition()).isEqualTo(i);
            Subscriber all = queue.createSubscriber(
                    options().startAt(StartAt.OLDEST_RETAINED).build());
            assertThat(all.position()).isEqualTo(stats.oldestPosition() - 1);
            assertThat(drain(all)).hasSize((int) (stats.newestPosition() - stats.oldestPosition() + 1));
            all.close();
        }
    }

    @Test
    @Tag("POSITIONS")
    void b28FiguresOfTheQueueItself() {
        MessageQueue queue = open();
        QueueStats empty = queue.stats();
        assertThat(empty.id()).isNotNull();
        assertThat(empty.oldestPosition()).isZero();
        assertThat(empty.newestPosition()).isZero();
        publish(queue.createPublisher(), "message ", 15);
        QueueStats stats = open().stats();
        assertThat(stats.id()).isEqualTo(empty.id());
        assertThat(stats.oldestPosition()).isEqualTo(1);
        assertThat(stats.newestPosition()).isEqualTo(15);
    }

    @Test
    @Tag("POSITIONS")
    @Tag("MEMBERS")
    void b28FiguresAddUp() {
        MessageQueue queue = open();
        QueueStats empty = queue.stats();
        assertThat(empty.id()).isNotNull();
        assertThat(empty.oldestPosition()).isZero();
        assertThat(empty.newestPosition()).isZero();
        assertThat(empty.publisherCount()).isZero();
        assertThat(empty.subscribers()).isEmpty();
        Subscriber first = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 10);
        Subscriber second = open().createSubscriber();
        assertThat(first.position()).isZero();
        assertThat(first.lag()).isEqualTo(10);
        assertThat(second.position()).isEqualTo(10);
        assertThat(second.lag()).isZero();
        next(first, 4);
        assertThat(first.position()).isEqualTo(4);
        assertThat(first.lag()).isEqualTo(6);
        publish(publisher, "message ", 5);
        assertThat(first.lag()).isEqualTo(11);
        assertThat(second.lag()).isEqualTo(5);
        QueueStats stats = open().stats();
        assertThat(stats.id()).isEqualTo(empty.id());
        assertThat(stats.oldestPosition()).isEqualTo(1);
        assertThat(stats.newestPosition()).isEqualTo(15);
        assertThat(stats.publisherCount()).isEqualTo(1);
        assertThat(stats.subscribers()).extracting(SubscriberStats::position).containsExactlyInAnyOrder(4L, 10L);
        assertThat(stats.subscribers()).extracting(SubscriberStats::lag).containsExactlyInAnyOrder(11L, 5L);
        assertThat(stats.subscribers())
                .extracting(SubscriberStats::acknowledgedPosition)
                .containsExactlyInAnyOrder(4L, 10L);
        assertThat(stats.subscribers()).allSatisfy(s -> {
            assertThat(s.name()).isNull();
            assertThat(s.attached()).isTrue();
            assertThat(s.lostCount()).isZero();
            assertThat(s.pid()).isEqualTo(ProcessHandle.current().pid());
        });
        publisher.close();
        first.close();
        assertThat(queue.stats().publisherCount()).isZero();
        assertThat(queue.stats().subscribers().stream().filter(SubscriberStats::attached))
                .hasSize(1);
    }

    @Test
    @Tag("POSITIONS")
    @Tag("OVERRUN")
    void b28LostCountIsInTheFigures() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(overrun().build());
        publish(queue.createPublisher(), "message ", many());
        overwritten();
        next(subscriber);
        SubscriberStats stats = queue.stats().subscribers().get(0);
        assertThat(stats.lostCount()).isEqualTo(subscriber.lostCount()).isPositive();
        assertThat(stats.position()).isEqualTo(subscriber.position());
        assertThat(stats.lag()).isEqualTo(many() - subscriber.position());
        assertThat(queue.stats().oldestPosition()).isEqualTo(subscriber.position());
    }

    /** Also before it has read on, and if nothing is left to read: it stands where it stood. */
    @Test
    @Tag("POSITIONS")
    @Tag("OVERRUN")
    void b28FiguresAfterAnOverrunAreWhatTheSubscriberSays() {
        for (AfterOverrun where : AfterOverrun.values()) {
            nextQueue();
            MessageQueue queue = open(SMALL);
            AtomicReference<Subscriber> itself = new AtomicReference<>();
            List<List<Long>> told = new ArrayList<>();
            itself.set(queue.createSubscriber(overrun()
                    .afterOverrun(where)
                    .onOverrun(lost -> {
                        SubscriberStats stats = queue.stats().subscribers().get(0);
                        told.add(List.of(stats.position(), stats.lag(), stats.lostCount()));
                        told.add(List.of(itself.get().position(), itself.get().lag(), lost));
                    })
                    .build()));
            Publisher publisher = queue.createPublisher();
            publish(publisher, "message ", many());
            overwritten();
            next(itself.get());
            assertThat(told).hasSize(2);
            assertThat(told.get(0)).isEqualTo(told.get(1)).startsWith(0L, (long) many());
            assertSame(queue, itself.get());
            if (!has(Capability.CLAIM)) continue;
            int most = publisher.maxMessageLength();
            for (int i = 0; i < 16; i++) {
                publisher.publish(bytes(most / 4 * 3));
                publisher.claim(most - 100).close(); // it had the room of others
                itself.get().receiveNoWait();
                assertSame(queue, itself.get());
            }
            assertSame(queue, itself.get());
        }
    }

    private static void assertSame(MessageQueue queue, Subscriber subscriber) {
        SubscriberStats stats = queue.stats().subscribers().get(0);
        assertThat(stats.position()).isEqualTo(subscriber.position());
        assertThat(stats.lag()).isEqualTo(subscriber.lag());
        assertThat(stats.lostCount()).isEqualTo(subscriber.lostCount());
    }

    /** Other processes see what the subscriber says, and of one without a subscriber what comes again. */
    @Test
    @Tag("POSITIONS")
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    @Tag("SEEK")
    void b28LagIsTheSameForAll() {
        join(client().name("audit"));
        publish(publisher, "message ", 20);
        next(subscriber, 10);
        assertSameLag(10);
        subscriber.acknowledge(4);
        subscriber.recover();
        assertSameLag(16);
        next(subscriber, 2);
        assertSameLag(14);
        subscriber.seek(StartAt.at(3));
        assertSameLag(18);
        next(subscriber, 12);
        assertSameLag(6);
        subscriber.seek(StartAt.NOW);
        assertSameLag(0);
        subscriber.seek(StartAt.at(11));
        assertThatThrownBy(() -> subscriber.poll(
                        view -> {
                            if (view.position() == 13) throw new IllegalStateException();
                        },
                        5,
                        Patience.limit()))
                .isInstanceOf(IllegalStateException.class);
        assertSameLag(8);
        next(subscriber);
        assertSameLag(7);
        subscriber.close();
        assertThat(queue.stats().subscribers()).singleElement().satisfies(s -> assertThat(s.lag())
                .isEqualTo(10));
        subscriber = queue.createSubscriber(client().name("audit").build());
        assertSameLag(10);
        next(subscriber, 10);
        subscriber.recover();
        next(subscriber);
        subscriber.acknowledge(20);
        subscriber.close(); // where it stood is of no meaning to the next one
        subscriber = queue.createSubscriber(client().name("audit").build());
        assertSameLag(0);
    }

    private void assertSameLag(long lag) {
        assertThat(subscriber.lag()).isEqualTo(lag);
        Patience.until("others see it", () -> queue.stats().subscribers().get(0).lag() == lag);
    }

    @Test
    @Tag("POSITIONS")
    @Tag("NAMED")
    void b28NamedSubscriptionIsShownWhileDetached() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(options().name("audit").build());
        publish(queue.createPublisher(), "message ", 7);
        next(subscriber, 3);
        assertThat(queue.stats().subscribers().get(0).attached()).isTrue();
        subscriber.close();
        assertThat(queue.stats().subscribers()).singleElement().satisfies(s -> {
            assertThat(s.name()).isEqualTo("audit");
            assertThat(s.attached()).isFalse();
            assertThat(s.pid()).isZero();
            assertThat(s.acknowledgedPosition()).isEqualTo(3);
        });
        queue.unsubscribe("audit");
        assertThat(queue.stats().subscribers()).isEmpty();
    }
}
