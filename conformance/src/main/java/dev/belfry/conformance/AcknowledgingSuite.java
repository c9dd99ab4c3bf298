package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.overrun;
import static dev.belfry.conformance.WaitingAndClosingSuite.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 22-25: when a message is done with, what comes again, and who may know. */
@Waits
public abstract class AcknowledgingSuite extends ConformanceSuite {
    protected AcknowledgingSuite() {}

    @Test
    @Tag("AWAIT_ACK")
    void b22AutoAcknowledgesWhatReceiveReturned() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(counted().build());
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(counted().build());
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(counted().build());
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        subscriber.setListener(m -> {
            inside.countDown();
            await(goOn);
        });
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open();
        Subscriber subscriber =
                queue.createSubscriber(counted().ackMode(AckMode.CLIENT).build());
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber(client().build());
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber(client().build());
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(client().build());
        publish(queue.createPublisher(), "message ", 5);
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
        MessageQueue queue = open(FIXED);
        Subscriber subscriber =
                queue.createSubscriber(options().ackMode(AckMode.NONE).build());
        Publisher publisher = queue.createPublisher();
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
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(client().build());
        publish(queue.createPublisher(), "message ", 6);
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

    /** By a pool, say, that had it before recover: it is done with, so it does not come again. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("GATING")
    void b22WhatIsAcknowledgedBehindRecoverDoesNotComeAgain() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber(client().build());
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 10);
        List<Message> first = next(subscriber, 10);
        subscriber.recover();
        run(() -> subscriber.acknowledge(first.get(9).position())).result();
        fill(publisher, 42); // over what was acknowledged
        assertThat(next(subscriber).position()).isEqualTo(first.get(9).position() + 1);
        assertThat(subscriber.lostCount()).isZero();
    }

    /** Its place may be another message's by then. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("GATING")
    @Tag("POSITIONS")
    void b23WhatAHandlerAcknowledgedBeforeItFailedDoesNotComeAgain() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber(client().build());
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 2);
        assertThatThrownBy(() -> subscriber.poll(
                        v -> {
                            subscriber.acknowledge();
                            fill(publisher, 100);
                            throw new UncheckedTrouble();
                        },
                        1,
                        Patience.limit()))
                .isInstanceOf(UncheckedTrouble.class);
        assertThat(subscriber.position()).isEqualTo(1);
        assertThat(next(subscriber).text()).isEqualTo("message 2");
        assertThat(subscriber.lostCount()).isZero();
    }

    /** A listener has a message of its own: that comes again. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("GATING")
    @Tag("POSITIONS")
    void b23ListenersMessageComesAgainAlthoughItIsAcknowledged() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        List<String> heard = new CopyOnWriteArrayList<>();
        Subscriber subscriber = queue.createSubscriber(client().build());
        subscriber.setListener(m -> {
            heard.add(m.position() + " " + m.text() + (m.redelivered() ? " again" : ""));
            if (heard.size() > 1) return;
            run(() -> subscriber.acknowledge(m.position())).result();
            fill(publisher, 100);
            throw new UncheckedTrouble();
        });
        publish(publisher, "message ", 2);
        Patience.until("three were heard", () -> heard.size() >= 3);
        assertThat(List.copyOf(heard).subList(0, 3)).containsExactly("1 message 1", "1 message 1 again", "2 message 2");
    }

    @Test
    void b22RecoverDoesNothingInAutoMode() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        publish(queue.createPublisher(), "message ", 3);
        next(subscriber);
        subscriber.recover();
        subscriber.acknowledge();
        assertThat(texts(subscriber, 2)).containsExactly("message 2", "message 3");
    }

    @Test
    void b23HandlersExceptionPassesThroughAndTheMessageComesAgain() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        publish(queue.createPublisher(), "message ", 5);
        IllegalStateException trouble = new IllegalStateException("not this one");
        List<String> seen = new ArrayList<>();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 3; i++)
                        subscriber.poll(
                                v -> {
                                    seen.add(v.text());
                                    if (v.text().equals("message 3")) throw trouble;
                                },
                                10,
                                Patience.limit());
                })
                .isSameAs(trouble);
        assertThat(seen).containsExactly("message 1", "message 2", "message 3");
        if (has(Capability.POSITIONS)) {
            assertThat(subscriber.position()).isEqualTo(2);
            assertThat(subscriber.lag()).isEqualTo(3);
        }
        Message again = next(subscriber);
        assertThat(again.text()).isEqualTo("message 3");
        assertThat(again.redelivered()).isTrue();
        Message after = next(subscriber);
        assertThat(after.text()).isEqualTo("message 4");
        assertThat(after.redelivered()).isFalse();
    }

    @Test
    void b23HandlerMayFailOverAndOverAgain() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        publish(queue.createPublisher(), "message ", 2);
        for (int i = 0; i < 5; i++) {
            boolean again = i > 0;
            assertThatThrownBy(() -> subscriber.poll(
                            v -> {
                                assertThat(v.text()).isEqualTo("message 1");
                                assertThat(v.redelivered()).isEqualTo(again);
                                throw new UncheckedTrouble();
                            },
                            10,
                            Patience.limit()))
                    .isInstanceOf(UncheckedTrouble.class);
        }
        assertThat(texts(subscriber, 2)).containsExactly("message 1", "message 2");
    }

    @Test
    @Tag("AWAIT_ACK")
    void b23WhatFailedIsNotAcknowledged() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(counted().build());
        Publisher publisher = queue.createPublisher();
        long good = publisher.publish("good");
        long bad = publisher.publish("bad");
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 2; i++)
                        subscriber.poll(
                                v -> {
                                    if (v.text().equals("bad")) throw new UncheckedTrouble();
                                },
                                10,
                                Patience.limit());
                })
                .isInstanceOf(UncheckedTrouble.class);
        assertThat(publisher.awaitAcknowledged(good, 1, Patience.limit())).isTrue();
        assertThat(acknowledged(publisher, bad)).isFalse();
        next(subscriber);
        assertThat(publisher.awaitAcknowledged(bad, 1, Patience.limit())).isTrue();
    }

    @Test
    @Tag("F58")
    void b23ListenerGetsAMessageAgainUntilItSucceeds() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        subscriber.setListener(m -> {
            heard.add((m.redelivered() ? "again " : "") + m.text());
            if (m.text().equals("message 2") && heard.size() < 4) throw new Exception("not yet");
        });
        publish(queue.createPublisher(), "message ", 3);
        Patience.until("all is heard", () -> heard.size() >= 5);
        assertThat(heard).containsExactly("message 1", "message 2", "again message 2", "again message 2", "message 3");
    }

    @Test
    @Tag("F58")
    void b23ListenerStopsAfterMaxRedeliveries() {
        for (int most : List.of(0, 1, 3)) {
            MessageQueue queue = open();
            AtomicReference<Throwable> error = new AtomicReference<>();
            Subscriber subscriber = queue.createSubscriber(
                    options().maxRedeliveries(most).onError(error::set).build());
            List<String> heard = Collections.synchronizedList(new ArrayList<>());
            Exception trouble = new Exception("never");
            subscriber.setListener(m -> {
                heard.add((m.redelivered() ? "again " : "") + m.text());
                if (m.text().equals("message 2")) throw trouble;
            });
            publish(queue.createPublisher(), "message ", 4);
            Patience.until("onError is told", () -> error.get() != null);
            assertThat(error.get()).isSameAs(trouble);
            List<String> expected = new ArrayList<>(List.of("message 1", "message 2"));
            for (int i = 0; i < most; i++) expected.add("again message 2");
            assertThat(heard).isEqualTo(expected);
            assertThatThrownBy(subscriber::receiveNoWait)
                    .isInstanceOfAny(QueueClosedException.class, IllegalStateException.class);
            queue.close();
        }
    }

    @Test
    @Tag("F58")
    @Tag("GATING")
    void b23ListenerThatStopsFreesThePublisher() {
        MessageQueue queue = open(FIXED);
        AtomicReference<Throwable> error = new AtomicReference<>();
        Subscriber subscriber = queue.createSubscriber(
                options().maxRedeliveries(1).onError(error::set).build());
        CountDownLatch goOn = new CountDownLatch(1);
        Publisher publisher = queue.createPublisher();
        fill(publisher, 100);
        Call<Long> waiting = call(() -> publisher.publish(bytes(100))).untilItWaits();
        subscriber.setListener(m -> {
            await(goOn);
            throw new Exception("never");
        });
        waiting.staysPending(SHORT);
        goOn.countDown();
        waiting.result();
        Patience.until("onError is told", () -> error.get() != null);
    }

    @Test
    @Tag("NAMED")
    void b23NamedSubscriptionKeepsItsPlaceWhenItsListenerStops() {
        MessageQueue queue = open();
        CountDownLatch stopped = new CountDownLatch(1);
        queue.createSubscriber(options()
                        .name("audit")
                        .maxRedeliveries(0)
                        .onError(e -> stopped.countDown())
                        .build())
                .setListener(m -> {
                    if (m.text().equals("message 2")) throw new Exception("never");
                });
        publish(queue.createPublisher(), "message ", 3);
        await(stopped);
        Subscriber anew = queue.createSubscriber(options().name("audit").build());
        assertThat(texts(anew, 2)).containsExactly("message 2", "message 3");
    }

    @Test
    @Tag("NAMED")
    void b24NamedSubscriptionResumesAfterCloseAndIgnoresStartAt() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        SubscriberOptions audit = options().name("audit").build();
        Subscriber subscriber = queue.createSubscriber(audit);
        assertThat(subscriber.name()).isEqualTo("audit");
        publish(publisher, "message ", 5);
        next(subscriber, 2);
        subscriber.close();
        publisher.publish("while nobody listened");
        Subscriber anew = open().createSubscriber(audit); // StartAt.NOW, which counts for a new one only
        assertThat(texts(anew, 4)).containsExactly("message 3", "message 4", "message 5", "while nobody listened");
        anew.close();
        if (!has(Capability.HISTORY)) return;
        Subscriber again = queue.createSubscriber(
                options().name("audit").startAt(StartAt.OLDEST_RETAINED).build());
        assertNothingComes(again);
        publisher.publish("later");
        assertThat(next(again).text()).isEqualTo("later");
    }

    @Test
    @Tag("NAMED")
    @Tag("HISTORY")
    void b24NewNamedSubscriptionBeginsAtItsStartAt() {
        MessageQueue queue = open();
        publish(queue.createPublisher(), "message ", 5);
        Subscriber subscriber = queue.createSubscriber(
                options().name("audit").startAt(StartAt.OLDEST_RETAINED).build());
        assertThat(texts(subscriber, 5)).hasSize(5);
    }

    @Test
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    void b24WhatWasNotAcknowledgedComesAgain() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(client().name("audit").build());
        publish(queue.createPublisher(), "message ", 6);
        next(subscriber, 2);
        subscriber.acknowledge();
        next(subscriber, 2);
        subscriber.close();
        Subscriber anew = queue.createSubscriber(client().name("audit").build());
        List<Message> again = next(anew, 4);
        assertThat(again).extracting(Message::text).containsExactly("message 3", "message 4", "message 5", "message 6");
        assertThat(again.subList(0, 2)).allMatch(Message::redelivered);
        assertThat(again.subList(2, 4)).noneMatch(Message::redelivered);
    }

    @Test
    @Tag("F61")
    @Tag("NAMED")
    void b24NamedSubscriptionIsForOneAtATime() {
        MessageQueue queue = open();
        SubscriberOptions audit = options().name("audit").build();
        Subscriber subscriber = queue.createSubscriber(audit);
        for (MessageQueue handle : List.of(queue, open())) {
            assertThatThrownBy(() -> handle.createSubscriber(audit))
                    .isInstanceOf(InUseException.class)
                    .hasMessageStartingWith("Subscription 'audit' is attached by pid "
                            + ProcessHandle.current().pid());
            assertThatThrownBy(() -> handle.unsubscribe("audit"))
                    .isInstanceOf(InUseException.class)
                    .hasMessageStartingWith("Subscription 'audit' is attached by pid ");
        }
        queue.createSubscriber(options().name("another").build());
        queue.createPublisher().publish("unaffected");
        assertThat(next(subscriber).text()).isEqualTo("unaffected");
    }

    @Test
    @Tag("NAMED")
    void b24UnsubscribeEndsItForGood() {
        MessageQueue queue = open();
        SubscriberOptions audit = options().name("audit").build();
        assertThat(queue.unsubscribe("audit")).isFalse();
        queue.createSubscriber(audit).close();
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        assertThat(open().unsubscribe("audit")).isTrue();
        assertThat(queue.unsubscribe("audit")).isFalse();
        Subscriber anew = queue.createSubscriber(audit);
        assertNothingComes(anew);
        publisher.publish("after");
        assertThat(next(anew).text()).isEqualTo("after");
    }

    @Test
    @Tag("NAMED")
    @Tag("GATING")
    void b24NamedSubscriptionGatesWhileNobodyIsAttached() {
        MessageQueue queue = open(FIXED);
        SubscriberOptions audit = options().name("audit").build();
        queue.createSubscriber(audit).close();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, 100);
        Call<Long> waiting =
                call(() -> publisher.publish(bytes(100))).untilItWaits().staysPending(SHORT);
        Subscriber anew = queue.createSubscriber(audit);
        next(anew, taken);
        waiting.result();
        next(anew);
        assertThat(anew.lostCount()).isZero();
        anew.close();
        fill(publisher, 100);
        Call<Long> again = call(() -> publisher.publish(bytes(100))).untilItWaits();
        assertThat(queue.unsubscribe("audit")).isTrue();
        again.result();
    }

    @Test
    @Tag("NAMED")
    @Tag("GATING")
    @Tag("OVERRUN")
    void b24OtherOptionsAreReplacedAtEachAttach() {
        MessageQueue queue = open(FIXED);
        queue.createSubscriber(options().name("audit").build()).close();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 100);
        Subscriber anew = queue.createSubscriber(overrun().name("audit").build());
        publish(publisher, "message ", 1_000); // no longer gates
        anew.close();
        publish(publisher, "message ", 1_000);
        Subscriber gating = queue.createSubscriber(options().name("audit").build());
        int left = drain(gating).size();
        assertThat(left).isPositive();
        gating.close();
        fill(publisher, 100);
        assertThat(publisher.offer(bytes(100), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
    }

    @Test
    @Tag("NAMED")
    void b24NamesAreOneToOneHundredAndTwentyEightPrintableCharacters() {
        MessageQueue queue = open();
        for (String good : List.of("x", "y".repeat(128), "with blank/slash", "Gr\u00fc\u00dfe \ud83d\udd14")) {
            try (Subscriber subscriber =
                    queue.createSubscriber(options().name(good).build())) {
                assertThat(subscriber.name()).isEqualTo(good);
            }
            assertThat(open().unsubscribe(good)).isTrue();
        }
        for (String bad : List.of("", "z".repeat(129), "two\nlines", "nul\0"))
            assertThatThrownBy(() -> queue.createSubscriber(options().name(bad).build()))
                    .isInstanceOf(IllegalArgumentException.class);
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
        MessageQueue queue = open(SMALL);
        Subscriber subscriber = queue.createSubscriber(
                counted().slowSubscriber(SlowSubscriber.OVERRUN).build());
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 3_000);
        overwritten();
        drain(subscriber);
        assertThat(publisher.awaitAcknowledged(1, 1, SHORT)).isFalse();
        Subscriber steady = queue.createSubscriber(
                counted().slowSubscriber(SlowSubscriber.OVERRUN).build());
        long position = publisher.publish("for both");
        next(steady);
        assertThat(publisher.awaitAcknowledged(position, 1, Patience.limit()))
                .as("who may be overrun holds nobody up")
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

    private static boolean acknowledged(Publisher publisher, long position) {
        return publisher.awaitAcknowledged(position, 1, Duration.ZERO);
    }

    private static SubscriberOptions.Builder client() {
        return options().ackMode(AckMode.CLIENT);
    }

    private static final class UncheckedTrouble extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
