package dev.belfry.conformance;

import static dev.belfry.conformance.AcknowledgingSuite.acknowledged;
import static dev.belfry.conformance.AcknowledgingSuite.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 23: what a handler or a listener did not finish comes again. */
@Waits
public abstract class RedeliverySuite extends ConformanceSuite {
    protected RedeliverySuite() {}

    /** Its place may belong to another message by then. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("GATING")
    @Tag("POSITIONS")
    void b23WhatAHandlerAcknowledgedBeforeItFailedDoesNotComeAgain() {
        join(client(), FIXED);
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
        publish(publisher, "message ", 2); // before the listener fills the queue
        subscriber.setListener(m -> {
            heard.add(m.position() + " " + m.text() + (m.redelivered() ? " again" : ""));
            if (heard.size() > 1) return;
            run(() -> subscriber.acknowledge(m.position())).result();
            fill(publisher, 100);
            throw new UncheckedTrouble();
        });
        Patience.until("three were heard", () -> heard.size() >= 3);
        assertThat(List.copyOf(heard).subList(0, 3)).containsExactly("1 message 1", "1 message 1 again", "2 message 2");
    }

    @Test
    void b23HandlersExceptionPassesThroughAndTheMessageComesAgain() {
        join();
        publish(publisher, "message ", 5);
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
        join();
        publish(publisher, "message ", 2);
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
        join(counted());
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
        join();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        subscriber.setListener(m -> {
            heard.add((m.redelivered() ? "again " : "") + m.text());
            if (m.text().equals("message 2") && heard.size() < 4) throw new Exception("not yet");
        });
        publish(publisher, "message ", 3);
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

    private static QueueHealth.Report health(MessageQueue queue) {
        return new QueueHealth(queue::stats, 1000, Patience.limit()).check();
    }

    @Test
    @Tag("F58")
    void b23ListenerThatStopsIsSeenByAHealthCheckUntilItIsClosed() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(
                options().maxRedeliveries(0).onError(e -> {}).build());
        assertThat(subscriber.state()).isEqualTo(new SubscriberState.Running());
        Exception trouble = new Exception("never");
        subscriber.setListener(m -> {
            if (m.text().equals("message 2")) throw trouble;
        });
        publish(queue.createPublisher(), "message ", 3);
        Patience.until("it has stopped", () -> subscriber.state() instanceof SubscriberState.Stopped);
        SubscriberState.Stopped stopped = (SubscriberState.Stopped) subscriber.state();
        assertThat(stopped.reason()).isSameAs(trouble);
        Patience.until("it is stuck", () -> health(queue).status() == QueueHealth.Status.STUCK);
        assertThat(health(queue).reasons()).anyMatch(r -> r.contains("has stopped: its listener failed at position"));
        subscriber.close();
        assertThat(health(queue).status()).isEqualTo(QueueHealth.Status.ALIVE);
    }

    @Test
    @Tag("NAMED")
    @Tag("POSITIONS")
    void b23NamedSubscriptionIsStuckUntilItIsReadAgain() {
        MessageQueue queue = open();
        SubscriberOptions audit =
                options().name("audit").maxRedeliveries(0).onError(e -> {}).build();
        Subscriber subscriber = queue.createSubscriber(audit);
        subscriber.setListener(m -> {
            throw new Exception("never");
        });
        long position = queue.createPublisher().publish("message");
        Patience.until("it is stuck", () -> health(queue).status() == QueueHealth.Status.STUCK);
        assertThat(health(queue).reasons())
                .anyMatch(r -> r.startsWith("'audit' has stopped: its listener failed at position " + position));
        Subscriber anew = queue.createSubscriber(audit);
        assertThat(next(anew).text()).isEqualTo("message");
        assertThat(health(queue).status()).isEqualTo(QueueHealth.Status.ALIVE);
        anew.close();
        assertThat(health(queue).status()).isNotEqualTo(QueueHealth.Status.STUCK);
    }

    private static final class UncheckedTrouble extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
