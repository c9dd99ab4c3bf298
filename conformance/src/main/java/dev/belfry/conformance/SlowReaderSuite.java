package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.disconnect;
import static dev.belfry.conformance.FullAndSlowSuite.overrun;
import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 18, 19: what slow readers may lose, and how they learn it. */
@WaitsForOthers
public abstract class SlowReaderSuite extends ConformanceSuite {
    protected SlowReaderSuite() {}

    @Test
    @Tag("OVERRUN")
    void b18OverrunReaderJumpsToTheOldestAndCountsWhatItLost() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(overrun().build());
        Publisher publisher = queue.createPublisher();
        int count = many();
        publish(publisher, "message ", count);
        overwritten();
        long oldest = has(Capability.POSITIONS) ? queue.stats().oldestPosition() : 0;
        Message first = next(subscriber);
        List<Message> rest = drain(subscriber);
        if (has(Capability.POSITIONS)) {
            assertThat(first.position()).isEqualTo(oldest).isGreaterThan(1);
            assertThat(first.text()).isEqualTo("message " + oldest);
            assertThat(subscriber.lostCount()).isEqualTo(oldest - 1);
            assertThat(subscriber.lag()).isZero();
        }
        assertThat(subscriber.lostCount() + 1 + rest.size()).isEqualTo(count);
    }

    @Test
    @Tag("OVERRUN")
    @Tag("POSITIONS")
    void b18LostAndReceivedMakeUpWhatWasPublished() {
        MessageQueue queue = open(SMALL);
        List<SubscriberOptions> kinds = new ArrayList<>();
        kinds.add(overrun().build());
        kinds.add(SubscriberOptions.observer(StartAt.NOW));
        if (has(Capability.CLIENT_ACK))
            kinds.add(overrun().ackMode(AckMode.CLIENT).build());
        int count = (LONG ? 2_000_000 : 20_000) / (has(Capability.CROSS_HOST) ? 10 : 1); // each goes to and fro there
        AtomicBoolean published = new AtomicBoolean();
        List<Call<Void>> readers = new ArrayList<>();
        for (SubscriberOptions kind : kinds) {
            Subscriber receiving = queue.createSubscriber(kind);
            readers.add(run(() -> readSlowly(receiving, count, published, false)));
            Subscriber polling = queue.createSubscriber(kind);
            readers.add(run(() -> readSlowly(polling, count, published, true)));
        }
        Publisher publisher = queue.createPublisher();
        for (long i = 1; i <= count; i++) publisher.publish(new Payload(0, i).bytes());
        published.set(true);
        readers.forEach(Call::result);
    }

    @Test
    @Tag("OVERRUN")
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b18RecoverAfterAJumpSaysWhereItGoesOn() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber =
                queue.createSubscriber(overrun().ackMode(AckMode.CLIENT).build());
        Publisher publisher = queue.createPublisher();
        int count = many();
        publish(publisher, "before ", 3);
        next(subscriber, 3);
        publish(publisher, "message ", count);
        overwritten();
        for (int again = 0; again < 2; again++) { // the second time it has jumped already
            subscriber.recover();
            long oldest = queue.stats().oldestPosition();
            assertThat(subscriber.position()).isEqualTo(oldest - 1);
            assertThat(subscriber.lag()).isEqualTo(count + 3 - (oldest - 1));
        }
        Message first = next(subscriber);
        assertThat(first.position()).isEqualTo(queue.stats().oldestPosition());
        assertThat(subscriber.lostCount()).isEqualTo(first.position() - 4);
    }

    @Test
    @Tag("OVERRUN")
    @Tag("POSITIONS")
    void b18OverrunReaderGoesOnAtTheNewestIfItIsToldTo() {
        MessageQueue queue = open(SMALL);
        SubscriberOptions newest = overrun().afterOverrun(AfterOverrun.NEWEST).build();
        Subscriber subscriber = queue.createSubscriber(newest);
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", many());
        overwritten();
        assertThat(next(subscriber).text()).isEqualTo("message " + many());
        assertThat(subscriber.lostCount()).isEqualTo(many() - 1);
        assertThat(subscriber.lag()).isZero();
        publisher.publish("after");
        assertThat(next(subscriber).text()).isEqualTo("after");
    }

    @Test
    @Tag("OVERRUN")
    @Tag("POSITIONS")
    @Tag("CLAIM")
    void b18OverrunThatLeavesNothingCountsTheNewestAsWell() {
        for (AfterOverrun where : AfterOverrun.values()) {
            nextQueue();
            MessageQueue queue = open(SMALL);
            Subscriber subscriber =
                    queue.createSubscriber(overrun().afterOverrun(where).build());
            Publisher publisher = queue.createPublisher();
            int most = publisher.maxMessageLength();
            int given = 0;
            for (int published = 1; published <= 16; published++) { // which of them leave none is the host's affair
                publisher.publish(bytes(most / 4 * 3));
                publisher.claim(most - 100).close(); // it had the room of others
                given += drain(subscriber).size();
                assertThat(subscriber.lostCount()).as("%s", where).isEqualTo(published - given);
            }
        }
    }

    @Test
    @Tag("OVERRUN")
    void b18OverrunIsToldBeforeTheNextMessage() {
        for (int way = 0; way < 3; way++) {
            nextQueue();
            List<Object> told = new CopyOnWriteArrayList<>();
            MessageQueue queue = open(SMALL);
            Subscriber subscriber =
                    queue.createSubscriber(overrun().onOverrun(told::add).build());
            publish(queue.createPublisher(), "message ", many());
            overwritten();
            switch (way) {
                case 0 -> told.add(next(subscriber).text());
                case 1 -> subscriber.poll(view -> told.add(view.text()), 1, Patience.limit());
                default -> subscriber.setListener(message -> told.add(message.text()));
            }
            Patience.until("it is told", () -> told.size() >= 2);
            assertThat(told.get(0)).isEqualTo(subscriber.lostCount());
            assertThat(told.get(1)).isEqualTo("message " + (subscriber.lostCount() + 1));
        }
    }

    @Test
    @Tag("OVERRUN")
    @Tag("NAMED")
    @Tag("POSITIONS")
    void b18OverrunWhileNoProcessWasAttachedIsTold() {
        for (AfterOverrun where : AfterOverrun.values()) {
            nextQueue();
            List<Long> told = new CopyOnWriteArrayList<>();
            MessageQueue queue = open(SMALL);
            SubscriberOptions audit = overrun()
                    .name("audit")
                    .afterOverrun(where)
                    .onOverrun(told::add)
                    .build();
            queue.createSubscriber(audit).close();
            publish(queue.createPublisher(), "message ", many());
            overwritten();
            Subscriber subscriber = queue.createSubscriber(audit);
            Message first = next(subscriber);
            if (where == AfterOverrun.NEWEST) assertThat(first.position()).isEqualTo(many());
            assertThat(subscriber.lostCount()).isEqualTo(first.position() - 1);
            assertThat(told).containsExactly(subscriber.lostCount());
        }
    }

    @Test
    @Tag("OVERRUN")
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b18OverrunOfOneThatWasGivenAllGoesOnAtTheNewestAsWell() {
        MessageQueue queue = open(SMALL);
        SubscriberOptions newest = overrun()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .afterOverrun(AfterOverrun.NEWEST)
                .build();
        Publisher publisher = queue.createPublisher();
        try (Subscriber subscriber = queue.createSubscriber(newest)) {
            for (int i = 1; i <= many(); i++) {
                publish(publisher, "message ", 1);
                next(subscriber);
            }
        }
        overwritten();
        Subscriber again = queue.createSubscriber(newest);
        assertThat(next(again).position()).isEqualTo(many());
        assertThat(again.lostCount()).isZero();
    }

    @Test
    @Tag("OVERRUN")
    @Tag("NAMED")
    @Tag("GATING")
    @Tag("POSITIONS")
    void b18OverrunIsToldBeforeTheNextMessageToOneThatGatesNow() {
        List<Object> told = new ArrayList<>();
        MessageQueue queue = open(SMALL);
        queue.createSubscriber(overrun().name("audit").build()).close();
        publish(queue.createPublisher(), "message ", many());
        overwritten();
        Subscriber subscriber = queue.createSubscriber(
                options().name("audit").onOverrun(told::add).build());
        subscriber.poll(view -> told.add("message"), 2, Patience.limit());
        assertThat(told).containsExactly(subscriber.lostCount(), "message", "message");
    }

    @Test
    @Tag("OVERRUN")
    void b18OnOverrunThatThrowsKeepsNoMessageBack() {
        MessageQueue queue = open(SMALL);
        RuntimeException silent = new RuntimeException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new IllegalStateException("it has no text either");
            }
        };
        Subscriber subscriber = queue.createSubscriber(overrun()
                .onOverrun(lost -> {
                    throw silent;
                })
                .build());
        publish(queue.createPublisher(), "message ", many());
        overwritten();
        Message first = next(subscriber);
        assertThat(first.text()).isEqualTo("message " + (subscriber.lostCount() + 1));
    }

    @Test
    @Tag("OVERRUN")
    void b18OnOverrunMayCloseItsSubscriber() {
        AtomicReference<Subscriber> itself = new AtomicReference<>();
        MessageQueue queue = open(SMALL);
        Publisher publisher = queue.createPublisher();
        SubscriberOptions closing =
                overrun().onOverrun(lost -> itself.get().close()).build();
        for (boolean polls : List.of(true, false)) {
            itself.set(queue.createSubscriber(closing));
            publish(publisher, "message ", many());
            overwritten();
            List<String> got = new ArrayList<>();
            if (polls) assertThat(itself.get().poll(m -> got.add(m.text()), 5)).isZero();
            else assertThat(itself.get().receiveNoWait()).isNull();
            assertThat(got).isEmpty();
        }
    }

    @Test
    @Tag("OVERRUN")
    @Tag("SEEK")
    void b18OnOverrunMaySeek() {
        AtomicReference<Subscriber> itself = new AtomicReference<>();
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(
                overrun().onOverrun(lost -> itself.get().seek(StartAt.NOW)).build());
        itself.set(subscriber);
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", many());
        overwritten();
        assertThat(subscriber.receiveNoWait()).isNull();
        assertThat(subscriber.lostCount()).isEqualTo(many());
        publisher.publish("after");
        assertThat(next(subscriber).text()).isEqualTo("after");
    }

    @Test
    @Tag("DISCONNECT")
    @Tag("POSITIONS")
    void b19DisconnectedReaderHasLostAllThatItWasNotGiven() {
        for (AckMode mode : AckMode.values()) {
            nextQueue();
            MessageQueue queue = open(FIXED);
            Subscriber slow = queue.createSubscriber(disconnect().ackMode(mode).build());
            Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
            publisher.publish("given");
            assertThat(next(slow).text()).isEqualTo("given");
            assertThat(slow.lostCount()).isZero();
            publish(publisher, "message ", 2_000);
            assertThat(slow.lostCount()).as("%s", mode).isEqualTo(2_000);
            assertThat(queue.stats().subscribers().get(0).lostCount()).isEqualTo(2_000);
            assertThatThrownBy(slow::receiveNoWait)
                    .isInstanceOf(SubscriberDisconnectedException.class)
                    .hasMessageContaining("at position 1, lag 2,000");
            slow.close();
            assertThat(slow.lostCount()).isEqualTo(2_000);
        }
    }

    private static void readSlowly(Subscriber subscriber, int count, AtomicBoolean published, boolean polls) {
        long[] received = new long[1];
        long[] last = new long[1];
        long[] gaps = new long[1];
        while (last[0] < count) {
            Message[] taken = new Message[1];
            if (polls) subscriber.poll(v -> taken[0] = v.copy(), 1, Patience.limit());
            else taken[0] = subscriber.receive(Patience.limit());
            Message message = taken[0];
            assertThat(message).as("the message after %d of %d", last[0], count).isNotNull();
            assertThat(message.position()).isGreaterThan(last[0]);
            assertThat(Payload.of(message.bytes()).serial()).isEqualTo(message.position());
            gaps[0] += message.position() - last[0] - 1;
            last[0] = message.position();
            if (++received[0] % 50 == 0 && !published.get()) Patience.pause(1);
            if (polls && received[0] % 10 == 0) subscriber.acknowledge();
        }
        assertThat(subscriber.lostCount()).isEqualTo(gaps[0]);
        assertThat(received[0] + subscriber.lostCount()).isEqualTo(count);
    }

    @Test
    @Tag("DISCONNECT")
    @Tag("GATING")
    @Tag("TIME_LIMITS")
    void b19DisconnectEndsOnlyTheSlowReader() {
        MessageQueue queue = open(FIXED);
        Subscriber fast = queue.createSubscriber();
        Subscriber slow = queue.createSubscriber(disconnect().build());
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        Call<List<Message>> reading = call(() -> next(fast, 2_000));
        List<String> sent = publish(publisher, "message ", 2_000);
        assertThat(reading.result()).extracting(Message::text).isEqualTo(sent);
        assertThatThrownBy(slow::receiveNoWait)
                .isInstanceOf(SubscriberDisconnectedException.class)
                .hasMessageContaining("position ")
                .hasMessageContaining("lag ");
        slow.close();
        publisher.publish("one more");
        assertThat(next(fast).text()).isEqualTo("one more");
        queue.createSubscriber(disconnect().build()).close();
    }

    @Test
    @Tag("DISCONNECT")
    void b19WhatIsReadWhileItIsDisconnectedIsNotAcknowledged() {
        for (AckMode mode : List.of(AckMode.AUTO, AckMode.NONE)) {
            MessageQueue queue = open(FIXED);
            Subscriber slow = queue.createSubscriber(disconnect().ackMode(mode).build());
            Publisher publisher = queue.createPublisher();
            publisher.publish("first");
            assertThatThrownBy(() -> slow.poll(m -> publish(publisher, "message ", 2_000), 1))
                    .as("%s", mode)
                    .isInstanceOf(SubscriberDisconnectedException.class);
            assertThatThrownBy(slow::receiveNoWait).isInstanceOf(SubscriberDisconnectedException.class);
            slow.close();
        }
    }

    @Test
    @Tag("DISCONNECT")
    void b19WhatItsHandlerThrewComesBeforeWhatFailsAfterwards() {
        MessageQueue queue = open(FIXED);
        Subscriber slow = queue.createSubscriber(disconnect().build());
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 2);
        IllegalStateException own = new IllegalStateException("the handler's own");
        AtomicBoolean second = new AtomicBoolean();
        assertThatThrownBy(() -> slow.poll(
                        m -> {
                            if (!second.getAndSet(true)) return; // to be acknowledged when the call ends
                            publish(publisher, "message ", 2_000);
                            throw own;
                        },
                        2))
                .isSameAs(own)
                .satisfies(thrown -> assertThat(thrown.getSuppressed())
                        .hasSize(1)
                        .hasOnlyElementsOfType(SubscriberDisconnectedException.class));
    }

    @Test
    @Tag("DISCONNECT")
    void b19DisconnectDoesNotEndAReaderThatKeepsUp() {
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(disconnect().build());
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 2_000; i++) {
            publisher.publish("message " + i);
            if (i % 10 == 9)
                for (int k = i - 9; k <= i; k++)
                    assertThat(next(subscriber).text()).isEqualTo("message " + k);
        }
        assertThat(subscriber.lostCount()).isZero();
    }

    @Test
    @Tag("DISCONNECT")
    void b19DisconnectGatesWhileTheQueueCanStillGrow() {
        MessageQueue queue = open("capacity=4k&maxCapacity=256k");
        Subscriber subscriber = queue.createSubscriber(disconnect().build());
        List<String> sent = publish(queue.createPublisher(), "message ", 1_000);
        assertThat(texts(subscriber, 1_000)).isEqualTo(sent);
    }

    @Test
    @Tag("DISCONNECT")
    void b19ListenersOnErrorIsTold() {
        MessageQueue queue = open(FIXED);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<Throwable> error = new AtomicReference<>();
        Subscriber slow =
                queue.createSubscriber(disconnect().onError(error::set).build());
        slow.setListener(m -> {
            inside.countDown();
            await(goOn);
        });
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        publisher.publish("the first");
        await(inside);
        publish(publisher, "message ", 2_000);
        goOn.countDown();
        Patience.until("onError is told", () -> error.get() != null);
        assertThat(error.get()).isInstanceOf(SubscriberDisconnectedException.class);
    }

    @Test
    @Tag("DISCONNECT")
    @Tag("CLIENT_ACK")
    void b19DisconnectedReaderNeitherAcknowledgesNorRecovers() {
        MessageQueue queue = open(FIXED);
        Subscriber slow =
                queue.createSubscriber(disconnect().ackMode(AckMode.CLIENT).build());
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        publisher.publish("first");
        next(slow);
        slow.acknowledge();
        publish(publisher, "message ", 2_000);
        assertThatThrownBy(slow::acknowledge).isInstanceOf(SubscriberDisconnectedException.class);
        assertThatThrownBy(slow::recover).isInstanceOf(SubscriberDisconnectedException.class);
        assertThatThrownBy(slow::receiveNoWait).isInstanceOf(SubscriberDisconnectedException.class);
    }

    @Test
    @Tag("DISCONNECT")
    @Tag("NAMED")
    void b19NamedSubscriptionStaysEndedUntilUnsubscribed() {
        MessageQueue queue = open(FIXED);
        SubscriberOptions options = disconnect().name("slow").build();
        Subscriber slow = queue.createSubscriber(options);
        publish(queue.createPublisher(timeout(Patience.limit())), "message ", 2_000);
        assertThatThrownBy(slow::receiveNoWait).isInstanceOf(SubscriberDisconnectedException.class);
        slow.close();
        assertThatThrownBy(() -> queue.createSubscriber(options)).isInstanceOf(SubscriberDisconnectedException.class);
        assertThatThrownBy(() -> open().createSubscriber(options().name("slow").build()))
                .isInstanceOf(SubscriberDisconnectedException.class)
                .hasMessageContaining("'slow'");
        assertThat(queue.unsubscribe("slow")).isTrue();
        Subscriber anew = queue.createSubscriber(options);
        queue.createPublisher().publish("anew");
        assertThat(next(anew).text()).isEqualTo("anew");
    }
}
