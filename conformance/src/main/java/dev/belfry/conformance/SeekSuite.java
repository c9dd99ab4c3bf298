package dev.belfry.conformance;

import static dev.belfry.conformance.AcknowledgingSuite.client;
import static dev.belfry.conformance.FullAndSlowSuite.overrun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Units;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 56: a subscriber that goes on somewhere else. */
@WaitsForOthers
@Tag("SEEK")
@Tag("POSITIONS")
public abstract class SeekSuite extends ConformanceSuite {
    protected SeekSuite() {}

    /** Each message goes to and fro if the queue is on another host: one mode, then. */
    private List<SubscriberOptions.Builder> allModes() {
        if (has(Capability.CROSS_HOST)) return List.of(client());
        return List.of(options(), client(), options().ackMode(AckMode.NONE));
    }

    @Test
    void b56SeekGoesToAnyMessageThatIsThere() {
        for (SubscriberOptions.Builder mode : allModes()) {
            nextQueue();
            join(mode);
            publish(publisher, "message ", 20);
            oldest(queue); // keeps them
            assertThat(next(subscriber).text()).isEqualTo("message 1");
            for (long to : List.of(10L, 5L, 5L, 20L, 1L, 21L)) {
                subscriber.seek(StartAt.at(to));
                assertThat(subscriber.position()).isEqualTo(to - 1);
                assertThat(subscriber.lag()).isEqualTo(21 - to);
                if (to == 21) assertThat(subscriber.receiveNoWait()).isNull();
                else assertThat(next(subscriber).text()).isEqualTo("message " + to);
            }
            subscriber.seek(StartAt.OLDEST_RETAINED);
            assertThat(texts(subscriber, 2)).containsExactly("message 1", "message 2");
            subscriber.seek(StartAt.NOW);
            assertNothingComes(subscriber);
            publisher.publish("after");
            assertThat(next(subscriber).text()).isEqualTo("after");
        }
    }

    @Test
    @Tag("HISTORY_BY_TIME")
    void b56SeekGoesToATime() {
        for (SubscriberOptions.Builder mode : allModes()) {
            nextQueue();
            join(mode);
            oldest(queue); // keeps them
            StartAndHistorySuite.publishDated(queue, 3, 3);
            List<Message> all = drain(oldest(queue));
            for (int i : List.of(8, 0, 4, 3, 6)) {
                Instant time = Instant.ofEpochMilli(all.get(i).timestampMillis());
                subscriber.seek(StartAt.time(time));
                Message first = StartAndHistorySuite.firstFrom(time, all);
                assertThat(subscriber.position()).isEqualTo(first.position() - 1);
                assertThat(next(subscriber).text()).isEqualTo(first.text());
            }
            subscriber.seek(StartAt.time(Instant.EPOCH));
            assertThat(next(subscriber).position()).isOne();
            subscriber.seek(StartAt.time(Instant.now().plusSeconds(3600)));
            assertThat(subscriber.receiveNoWait()).isNull();
            publisher.publish("after");
            assertThat(next(subscriber).text()).isEqualTo("after");
        }
    }

    @Test
    @Tag("HISTORY_BY_TIME")
    void b56SeekToATimeThatCannotBeFoundChangesNothing() {
        if (fixture().findsUndated()) return;
        for (SubscriberOptions.Builder mode : List.of(options(), observing())) {
            nextQueue();
            join(mode);
            publish(publisher, "message ", 5);
            next(subscriber, 2);
            assertThatThrownBy(() -> subscriber.seek(StartAt.time(Instant.now())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(" has no timestamp, so time(");
            assertThat(next(subscriber).text()).isEqualTo("message 3");
            assertThat(subscriber.lostCount()).isZero();
        }
    }

    /** One that may be passed, where there are such. */
    private SubscriberOptions.Builder observing() {
        return has(Capability.OVERRUN) ? overrun() : options();
    }

    @Test
    void b56WhatIsPassedOverIsLostOnce() {
        join();
        publish(publisher, "message ", 20);
        next(subscriber, 2);
        subscriber.seek(StartAt.at(11));
        assertThat(subscriber.lostCount()).isEqualTo(8);
        subscriber.seek(StartAt.at(2));
        next(subscriber, 5);
        subscriber.seek(StartAt.at(16));
        assertThat(subscriber.lostCount()).as("3 to 10, and 11 to 15").isEqualTo(13);
        next(subscriber, 5);
        subscriber.seek(StartAt.at(1));
        next(subscriber, 20);
        assertThat(subscriber.lostCount()).isEqualTo(13);
    }

    @Test
    void b56SeekToWhatIsNotThereNamesTheLimitsAndChangesNothing() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(overrun().build());
        publish(queue.createPublisher(), "message ", many());
        overwritten();
        Message first = next(subscriber);
        long oldest = queue.stats().oldestPosition();
        long lost = subscriber.lostCount();
        assertThatThrownBy(() -> subscriber.seek(StartAt.at(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Units.number(oldest) + " (oldest of ")
                .hasMessageContaining("was 5");
        assertThatThrownBy(() -> subscriber.seek(StartAt.at(many() + 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Units.number(many() + 1));
        assertThat(next(subscriber).position()).isEqualTo(first.position() + 1);
        subscriber.seek(StartAt.at(oldest));
        assertThat(next(subscriber).position()).isEqualTo(oldest);
        assertThat(subscriber.lostCount()).isEqualTo(lost);
    }

    @Test
    @Tag("GATING")
    void b56SeekForwardFreesAndBackHolds() {
        for (SubscriberOptions.Builder mode : allModes()) {
            nextQueue();
            join(mode, FIXED);
            int room = fill(publisher, 100);
            Call<Long> waiting = call(() -> publisher.publish(bytes(100))).untilItWaits();
            subscriber.seek(StartAt.at(room / 2 + 1));
            waiting.result();
            fill(publisher, 100);
            long oldest = queue.stats().oldestPosition();
            subscriber.seek(StartAt.NOW); // needs nothing
            subscriber.seek(StartAt.OLDEST_RETAINED); // and all that is there again
            long held = subscriber.position() + 1;
            assertThat(held).isGreaterThanOrEqualTo(oldest);
            fill(publisher, 100);
            long last = queue.stats().newestPosition();
            assertThat(queue.stats().oldestPosition()).isEqualTo(held);
            for (long position = held; position <= last; position++)
                assertThat(next(subscriber).position()).isEqualTo(position);
        }
    }

    /** The handler's own call of seek holds, not that the handler then returns. */
    @Test
    void b56SeekInAHandlerHoldsAfterIt() {
        for (SubscriberOptions.Builder mode : allModes())
            for (boolean fails : List.of(false, true)) {
                nextQueue();
                join(mode);
                publish(publisher, "message ", 9);
                List<String> seen = new ArrayList<>();
                while (seen.size() < 10)
                    try {
                        int read = subscriber.poll(
                                view -> {
                                    seen.add(view.text().substring(8));
                                    if (seen.size() == 3) subscriber.seek(StartAt.at(2));
                                    if (seen.size() == 6) subscriber.seek(StartAt.at(6));
                                    if (fails && (seen.size() == 3 || seen.size() == 6))
                                        throw new IllegalStateException("after it");
                                },
                                100,
                                Patience.limit());
                        if (read == 0) break;
                    } catch (IllegalStateException afterIt) {
                        assertThat(fails).isTrue();
                    }
                assertThat(seen).containsExactly("1", "2", "3", "2", "3", "4", "6", "7", "8", "9");
            }
    }

    @Test
    void b56SeekInAListenerHoldsAfterIt() {
        join();
        publish(publisher, "message ", 6);
        List<String> heard = new CopyOnWriteArrayList<>();
        subscriber.setListener(message -> {
            heard.add(message.text().substring(8));
            if (heard.size() == 3) subscriber.seek(StartAt.at(2));
            if (heard.size() == 5) subscriber.seek(StartAt.at(6));
        });
        Patience.until("the last is heard", () -> heard.size() >= 6);
        assertThat(heard).containsExactly("1", "2", "3", "2", "3", "6");
        assertThatThrownBy(() -> subscriber.seek(StartAt.NOW))
                .as("it is the listener's")
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Tag("NAMED")
    void b56NamedSubscriptionGoesOnWhereItWasMovedTo() {
        MessageQueue queue = open();
        publish(queue.createPublisher(), "message ", 9);
        SubscriberOptions audit =
                options().name("audit").startAt(StartAt.OLDEST_RETAINED).build();
        for (long to : List.of(7L, 3L)) {
            Subscriber subscriber = queue.createSubscriber(audit);
            subscriber.receive(Duration.ZERO);
            subscriber.seek(StartAt.at(to));
            subscriber.close();
            Subscriber again = queue.createSubscriber(audit);
            assertThat(next(again).position()).isEqualTo(to);
            again.close();
        }
    }

    /** A message that was read keeps its mark, wherever the reader went meanwhile. */
    @Test
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    void b56WhatWasReadIsMarkedWhenItComesAgain() {
        for (boolean again : List.of(false, true)) {
            nextQueue();
            join(client().name("audit"));
            publish(publisher, "message ", 12);
            assertThat(subscriber.poll(view -> {}, 10, Patience.limit())).isEqualTo(10);
            subscriber.seek(StartAt.at(4));
            if (again) next(subscriber);
            subscriber.seek(StartAt.at(2));
            if (again)
                assertThat(subscriber.poll(
                                view -> assertThat(view.redelivered()).isTrue(), 3, Patience.limit()))
                        .isEqualTo(3);
            subscriber.seek(StartAt.at(2));
            subscriber.close();
            Subscriber next = queue.createSubscriber(client().name("audit").build());
            for (Message message : next(next, 11))
                assertThat(message.redelivered())
                        .as("message %d", message.position())
                        .isEqualTo(message.position() <= 10);
        }
    }

    @Test
    void b56WhatWasNeverGivenIsNotMarked() {
        MessageQueue queue = open();
        oldest(queue); // keeps them
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 5);
        Subscriber subscriber = queue.createSubscriber(client().build()); // after them
        subscriber.seek(StartAt.at(2));
        publish(publisher, "message ", 2);
        for (Message message : next(subscriber, 6))
            assertThat(message.redelivered()).as(message.text()).isFalse();
        subscriber.seek(StartAt.OLDEST_RETAINED);
        for (Message message : next(subscriber, 7))
            assertThat(message.redelivered())
                    .as("message %d", message.position())
                    .isEqualTo(message.position() > 1);
    }

    /** As a program does that keeps a checkpoint of its own. Other publishers write over what it has acknowledged. */
    @Test
    @Tag("GATING")
    @Tag("CLIENT_ACK")
    void b56WhatIsAcknowledgedAfterASeekBackIsPassedOverAndWhatComesNextStays() {
        for (long checkpoint : List.of(15L, 20L)) {
            nextQueue();
            MessageQueue queue = open(FIXED);
            Publisher publisher = open().createPublisher();
            publish(publisher, "message ", 20);
            Subscriber subscriber = queue.createSubscriber(client().build()); // after them
            subscriber.seek(StartAt.OLDEST_RETAINED);
            subscriber.acknowledge(checkpoint);
            publisher.publish("message 21");
            List<String> seen = new ArrayList<>();
            subscriber.poll(
                    view -> {
                        seen.add(view.text());
                        fill(publisher, 100);
                        assertThat(view.text()).isEqualTo(seen.get(0));
                    },
                    1,
                    Patience.limit());
            assertThat(seen).containsExactly("message " + (checkpoint + 1));
            assertThat(next(subscriber).position()).isEqualTo(checkpoint + 2);
        }
    }

    @Test
    @Tag("AWAIT_ACK")
    void b56WhatIsPassedOverIsNotAcknowledged() {
        join(counted());
        List<Long> positions = new ArrayList<>();
        for (int i = 0; i < 5; i++) positions.add(publisher.publish("message"));
        next(subscriber);
        subscriber.seek(StartAt.at(positions.get(4)));
        assertThat(publisher.awaitAcknowledged(positions.get(2), 1, Duration.ZERO))
                .isFalse();
        next(subscriber);
        assertThat(publisher.awaitAcknowledged(positions.get(4), 1, Patience.limit()))
                .isTrue();
        assertThat(publisher.awaitAcknowledged(positions.get(2), 1, Duration.ZERO))
                .isFalse();
        subscriber.seek(StartAt.at(positions.get(1)));
        next(subscriber, 4);
        Publisher any = publisher;
        assertThat(any.awaitAcknowledged(positions.get(2), 1, Patience.limit())).isTrue();
    }
}
