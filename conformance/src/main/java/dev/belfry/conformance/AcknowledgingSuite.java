package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 22, 25: when a message is done, and what awaitAcknowledged tells. */
@WaitsForOthers
public abstract class AcknowledgingSuite extends ConformanceSuite {
    protected AcknowledgingSuite() {}

    @Test
    @Tag("AWAIT_ACK")
    void b22AutoAcknowledgesWhatReceiveReturned() {
        join(counted());
        long first = publisher.publish("first");
        long second = publisher.publish("second");
        assertThat(acknowledged(publisher, first)).isFalse();
        next(subscriber);
        assertThat(publisher.awaitAcknowledged(first, 1, Patience.limit())).isTrue();
        assertThat(acknowledged(publisher, second)).isFalse();
    }

    @Test
    @Tag("AWAIT_ACK")
    void b22AutoAcknowledgesWhatAHandlerHasFinished() {
        join(counted());
        long position = publisher.publish("message");
        assertThat(subscriber.poll(
                        v -> assertThat(acknowledged(publisher, position))
                                .as("inside the handler")
                                .isFalse(),
                        1,
                        Patience.limit()))
                .isOne();
        assertThat(publisher.awaitAcknowledged(position, 1, Patience.limit())).isTrue();
    }

    @Test
    @Tag("AWAIT_ACK")
    void b22AutoAcknowledgesWhatAListenerHasFinished() {
        join(counted());
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        subscriber.setListener(m -> {
            inside.countDown();
            await(goOn);
        });
        long position = publisher.publish("message");
        await(inside);
        assertThat(acknowledged(publisher, position)).isFalse();
        goOn.countDown();
        assertThat(publisher.awaitAcknowledged(position, 1, Patience.limit())).isTrue();
    }

    @Test
    @Tag("CLIENT_ACK")
    @Tag("AWAIT_ACK")
    @Tag("POSITIONS")
    void b22ClientAcknowledgesCumulatively() {
        join(counted().ackMode(AckMode.CLIENT));
        publish(publisher, "message ", 10);
        next(subscriber, 6);
        assertThat(acknowledged(publisher, 1)).isFalse();
        subscriber.acknowledge(4);
        assertThat(publisher.awaitAcknowledged(1, 1, Patience.limit())).isTrue();
        assertThat(publisher.awaitAcknowledged(4, 1, Patience.limit())).isTrue();
        assertThat(acknowledged(publisher, 5)).isFalse();
        subscriber.acknowledge(2); // never goes back
        assertThat(acknowledged(publisher, 4)).isTrue();
        assertThatThrownBy(() -> subscriber.acknowledge(7)).isInstanceOf(IllegalArgumentException.class);
        assertThat(acknowledged(publisher, 5)).isFalse();
        subscriber.acknowledge();
        assertThat(publisher.awaitAcknowledged(6, 1, Patience.limit())).isTrue();
        assertThat(acknowledged(publisher, 7)).isFalse();
    }

    @Test
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    @Tag("GATING")
    void b22ClientMayAcknowledgeFromAnotherThread() {
        join(client(), FIXED);
        int taken = fill(publisher, 100);
        assertThat(drain(subscriber)).hasSize(taken);
        Call<Object> reading = call(() -> subscriber.receive(Patience.limit())); // inside, all the while
        reading.untilItWaits();
        Call<Long> publishing =
                call(() -> publisher.publish("after the acknowledge")).untilItWaits();
        run(() -> subscriber.acknowledge(taken)).result();
        publishing.result();
        assertThat(((Message) reading.result()).text()).isEqualTo("after the acknowledge");
    }

    @Test
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    @Tag("GATING")
    void b22ClientMayAcknowledgeAllFromAnotherThread() {
        join(client(), FIXED);
        int taken = fill(publisher, 100);
        assertThat(drain(subscriber)).hasSize(taken);
        Call<Object> reading = call(() -> subscriber.receive(Patience.limit())); // inside, all the while
        reading.untilItWaits();
        run(subscriber::acknowledge).result();
        run(() -> publisher.publish("after the acknowledge")).result();
        assertThat(((Message) reading.result()).text()).isEqualTo("after the acknowledge");
    }

    @Test
    @Tag("CLIENT_ACK")
    void b22HandlerMayAcknowledge() {
        join(client());
        publish(publisher, "message ", 5);
        for (int n = 0; n < 5; )
            n += subscriber.poll(
                    v -> {
                        if (v.position() == 2) subscriber.acknowledge();
                        if (v.position() == 4) subscriber.acknowledge(3);
                    },
                    5 - n,
                    Patience.limit());
        subscriber.recover();
        assertThat(texts(subscriber, 2)).containsExactly("message 4", "message 5");
    }

    @Test
    @Tag("AWAIT_ACK")
    @Tag("GATING")
    void b22NoneFreesByReadingAndIsNotCounted() {
        join(options().ackMode(AckMode.NONE), FIXED);
        int taken = fill(publisher, 100);
        assertThat(drain(subscriber)).hasSize(taken);
        long position = publisher.publish("room again");
        next(subscriber);
        subscriber.acknowledge(); // does nothing
        assertThat(publisher.awaitAcknowledged(position, 1, SHORT)).isFalse();
        fill(publisher, 100);
        for (int n = 0; n < taken; ) n += subscriber.poll(v -> {}, 1_000, Patience.limit());
        publisher.publish("and again");
    }

    @Test
    @Tag("NAMED")
    void b22NoneDoesNotGoWithAName() {
        MessageQueue queue = open();
        assertThatThrownBy(() -> queue.createSubscriber(
                        options().name("audit").ackMode(AckMode.NONE).build()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("CLIENT_ACK")
    void b22RecoverGoesBackToTheFirstUnacknowledged() {
        join(client());
        publish(publisher, "message ", 6);
        List<Message> first = next(subscriber, 2);
        assertThat(first).noneMatch(Message::redelivered);
        subscriber.acknowledge();
        assertThat(texts(subscriber, 2)).containsExactly("message 3", "message 4");
        subscriber.recover();
        List<Message> again = next(subscriber, 4);
        assertThat(again).extracting(Message::text).containsExactly("message 3", "message 4", "message 5", "message 6");
        assertThat(again).extracting(Message::redelivered).containsExactly(true, true, false, false);
        subscriber.acknowledge();
        subscriber.recover();
        assertNothingComes(subscriber);
    }

    /** For example by a pool that got it before recover: it is done, so it does not come again. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("GATING")
    void b22WhatIsAcknowledgedBehindRecoverDoesNotComeAgain() {
        join(client(), FIXED);
        publish(publisher, "message ", 10);
        List<Message> first = next(subscriber, 10);
        subscriber.recover();
        run(() -> subscriber.acknowledge(first.get(9).position())).result();
        fill(publisher, 42); // over what was acknowledged
        assertThat(next(subscriber).position()).isEqualTo(first.get(9).position() + 1);
        assertThat(subscriber.lostCount()).isZero();
    }

    @Test
    void b22RecoverDoesNothingInAutoMode() {
        join();
        publish(publisher, "message ", 3);
        next(subscriber);
        subscriber.recover();
        subscriber.acknowledge();
        assertThat(texts(subscriber, 2)).containsExactly("message 2", "message 3");
    }

    @Test
    @Tag("AWAIT_ACK")
    void b25TrueOnceEnoughHaveAcknowledged() {
        MessageQueue queue = open();
        Subscriber first = queue.createSubscriber(counted().build());
        Subscriber second = open().createSubscriber(counted().build());
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("message");
        next(first);
        assertThat(publisher.awaitAcknowledged(position, 1, SHORT))
                .as("a gating one is behind")
                .isFalse();
        Call<Boolean> waiting =
                call(() -> publisher.awaitAcknowledged(position, 2, LONG_TIME)).untilItWaits();
        next(second);
        assertThat(waiting.result()).isTrue();
        assertThat(acknowledged(publisher, position)).isTrue();
        assertThat(publisher.awaitAcknowledged(position, 3, Duration.ZERO)).isFalse();
        for (int bad : List.of(0, -1))
            assertThatThrownBy(() -> publisher.awaitAcknowledged(position, bad, Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("AWAIT_ACK")
    void b25FalseOnTimeoutAndWithoutReaders() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        long unheard = publisher.publish("nobody listens");
        assertThat(publisher.awaitAcknowledged(unheard, 1, SHORT)).isFalse();
        queue.createSubscriber(counted().build());
        long unread = publisher.publish("nobody reads");
        assertThat(publisher.awaitAcknowledged(unread, 1, SHORT)).isFalse();
        assertThat(publisher.awaitAcknowledged(unread, 1, Duration.ZERO)).isFalse();
        assertThat(publisher.awaitAcknowledged(unread, 1, Duration.ofDays(-1))).isFalse();
    }

    @Test
    @Tag("AWAIT_ACK")
    void b25ReaderThatHasLeftSinceCountsIfItHadAcknowledged() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Subscriber reader = queue.createSubscriber(counted().build());
        long position = publisher.publish("taken");
        next(reader);
        reader.close();
        assertThat(publisher.awaitAcknowledged(position, 1, Patience.limit())).isTrue();
        Subscriber idler = queue.createSubscriber(counted().build());
        long missed = publisher.publish("left alone");
        assertThat(acknowledged(publisher, missed)).isFalse();
        idler.close();
        assertThat(publisher.awaitAcknowledged(missed, 1, SHORT)).isFalse();
    }

    @Test
    @Tag("AWAIT_ACK")
    void b25ReaderThatHasComeSinceDoesNotCount() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        long before = publisher.publish("before");
        Subscriber subscriber = queue.createSubscriber(counted().build());
        long after = publisher.publish("after");
        next(subscriber);
        assertThat(publisher.awaitAcknowledged(after, 1, Patience.limit())).isTrue();
        assertThat(publisher.awaitAcknowledged(before, 1, SHORT)).isFalse();
        if (!has(Capability.HISTORY)) return;
        next(
                queue.createSubscriber(
                        counted().startAt(StartAt.OLDEST_RETAINED).build()),
                2); // began at it, though it came later
        assertThat(publisher.awaitAcknowledged(before, 1, Patience.limit())).isTrue();
        assertThat(publisher.awaitAcknowledged(after, 2, Patience.limit())).isTrue();
    }

    @Test
    @Tag("AWAIT_ACK")
    @Tag("OVERRUN")
    @Tag("POSITIONS")
    void b25ReaderThatJumpedOverItDoesNotCount() {
        join(counted().slowSubscriber(SlowSubscriber.OVERRUN), SMALL);
        publish(publisher, "message ", many());
        overwritten();
        drain(subscriber);
        assertThat(publisher.awaitAcknowledged(1, 1, SHORT)).isFalse();
        Subscriber steady = queue.createSubscriber(
                counted().slowSubscriber(SlowSubscriber.OVERRUN).build());
        long position = publisher.publish("for both");
        next(steady);
        assertThat(publisher.awaitAcknowledged(position, 1, Patience.limit()))
                .as("a subscriber with OVERRUN holds up no other")
                .isTrue();
    }

    @Test
    @Tag("AWAIT_ACK")
    @Tag("NAMED")
    void b25DetachedNamedSubscriptionIsBehind() {
        MessageQueue queue = open();
        queue.createSubscriber(options().name("audit").build()).close();
        Subscriber subscriber = queue.createSubscriber(counted().build());
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("message");
        next(subscriber);
        assertThat(publisher.awaitAcknowledged(position, 1, SHORT)).isFalse();
        next(queue.createSubscriber(options().name("audit").build()));
        assertThat(publisher.awaitAcknowledged(position, 2, Patience.limit())).isTrue();
    }

    static boolean acknowledged(Publisher publisher, long position) {
        return publisher.awaitAcknowledged(position, 1, Duration.ZERO);
    }

    static SubscriberOptions.Builder client() {
        return options().ackMode(AckMode.CLIENT);
    }
}
