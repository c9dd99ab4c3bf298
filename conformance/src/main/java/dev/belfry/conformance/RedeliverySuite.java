package dev.belfry.conformance;

import static dev.belfry.conformance.AcknowledgingSuite.acknowledged;
import static dev.belfry.conformance.AcknowledgingSuite.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 23: what a handler or a listener did not finish comes again. */
@WaitsForOthers
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

    /** Another thread acknowledges, as of a pool: what is heard after a recover frees its space, too. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("GATING")
    @Tag("POSITIONS")
    void b23ListenerThatRecoveredKeepsNoSpaceThatOthersAcknowledged() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        AtomicLong heard = new AtomicLong();
        Subscriber subscriber = queue.createSubscriber(client().build());
        subscriber.setListener(m -> {
            if (heard.incrementAndGet() == 5) subscriber.recover();
        });
        publish(publisher, "message ", 5);
        Patience.until("all came again", () -> heard.get() >= 10 && subscriber.position() == 5);
        subscriber.acknowledge(5);
        for (int i = 1; i <= 500; i++) {
            publish(publisher, "another message of some length, so that the ring is filled more than once ", 1);
            long all = 10 + i;
            Patience.until("it is heard", () -> heard.get() >= all);
            subscriber.acknowledge();
        }
        Patience.until("all is acknowledged", () -> acknowledged(publisher, 505));
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

    // After the last redelivery

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();

    /** With one redelivery, and everything that is told noted. */
    private SubscriberOptions.Builder failing(OnFailure policy) {
        return options().maxRedeliveries(1).onFailure(policy).onError(errors::add);
    }

    private void hear(Message message, String bad) {
        heard.add((message.redelivered() ? "again " : "") + message.text());
        if (message.text().equals(bad)) throw new UncheckedTrouble();
    }

    private void heardIs(String... expected) {
        Patience.until("all is heard", () -> heard.size() >= expected.length);
        assertThat(heard).containsExactly(expected);
    }

    @Test
    @Tag("F58")
    void b23ListenerSkipsAMessageIfItIsToldTo() {
        join(failing(OnFailure.skip()));
        subscriber.setListener(m -> hear(m, "message 2"));
        publish(publisher, "message ", 4);
        heardIs("message 1", "message 2", "again message 2", "message 3", "message 4");
        assertThat(errors).hasExactlyElementsOfTypes(UncheckedTrouble.class);
        assertThat(subscriber.state()).isEqualTo(new SubscriberState.Running());
    }

    @Test
    @Tag("F58")
    void b23ListenerGoesOnWhenOnErrorThrowsWhatItWasGiven() {
        for (Throwable trouble : List.of(new UncheckedTrouble(), new AssertionError())) {
            nextQueue();
            heard.clear();
            join(options().maxRedeliveries(0).onFailure(OnFailure.skip()).onError(e -> {
                if (e instanceof Error error) throw error;
                throw (RuntimeException) e;
            }));
            subscriber.setListener(m -> {
                heard.add(m.text());
                if (!m.text().equals("bad")) return;
                if (trouble instanceof Error error) throw error;
                throw (RuntimeException) trouble;
            });
            publisher.publish("bad");
            publisher.publish("good");
            Patience.until("the next one is heard", () -> heard.size() == 2);
            assertThat(subscriber.state()).isInstanceOf(SubscriberState.Running.class);
            assertThat(trouble).hasNoSuppressedExceptions();
        }
    }

    @Test
    @Tag("F58")
    void b23ListenerGoesOnWhenOnErrorThrowsAnErrorOfItsOwn() {
        join(options().maxRedeliveries(0).onFailure(OnFailure.skip()).onError(e -> {
            throw new AssertionError("from onError");
        }));
        subscriber.setListener(m -> hear(m, "bad"));
        publisher.publish("bad");
        publisher.publish("good");
        heardIs("bad", "good");
        assertThat(subscriber.state()).isEqualTo(new SubscriberState.Running());
    }

    @Test
    @Tag("F58")
    @Tag("AWAIT_ACK")
    void b23SkippedMessageIsAcknowledgedAfterOnErrorOnly() {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        join(counted().maxRedeliveries(0).onFailure(OnFailure.skip()).onError(e -> {
            told.countDown();
            await(goOn);
        }));
        subscriber.setListener(m -> hear(m, "bad"));
        long good = publisher.publish("good");
        long bad = publisher.publish("bad");
        await(told);
        assertThat(publisher.awaitAcknowledged(good, 1, Patience.limit())).isTrue();
        assertThat(acknowledged(publisher, bad)).isFalse();
        goOn.countDown();
        assertThat(publisher.awaitAcknowledged(bad, 1, Patience.limit())).isTrue();
    }

    /** In CLIENT mode the program acknowledges, and what it has not acknowledged stays. */
    @Test
    @Tag("CLIENT_ACK")
    @Tag("NAMED")
    @Tag("POSITIONS")
    void b23SkippedMessageIsAcknowledgedIfAllBeforeItAre() {
        for (boolean acknowledges : List.of(true, false)) {
            nextQueue();
            heard.clear();
            join(failing(OnFailure.skip()).name("audit").ackMode(AckMode.CLIENT));
            Subscriber one = subscriber;
            one.setListener(m -> {
                hear(m, "message 2");
                if (acknowledges) one.acknowledge();
            });
            publish(publisher, "message ", 2);
            Patience.until("it is skipped", () -> heard.size() >= 3 && one.position() == 2);
            publisher.publish("message 3"); // heard: what is done with message 2 is over
            Patience.until("the next is heard", () -> heard.size() >= 4);
            one.close();
            Subscriber next = queue.createSubscriber(options().name("audit").build());
            assertThat(drain(next).stream().map(Message::text))
                    .isEqualTo(acknowledges ? List.of() : List.of("message 1", "message 2", "message 3"));
        }
    }

    @Test
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b23RecoverInAListenerBringsBackAllButTheMessageThatIsSkipped() {
        join(failing(OnFailure.skip()).maxRedeliveries(0).ackMode(AckMode.CLIENT));
        subscriber.setListener(m -> {
            if (m.text().equals("message 2")) subscriber.recover();
            hear(m, "message 2");
        });
        publish(publisher, "message ", 3);
        heardIs("message 1", "message 2", "again message 1", "message 3");
        assertThat(errors).hasSize(1);
    }

    @Test
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b23RecoverBringsBackNoneOfTheMessagesThatWereSkipped() {
        join(failing(OnFailure.skip()).maxRedeliveries(0).ackMode(AckMode.CLIENT));
        subscriber.setListener(m -> {
            if (m.text().equals("message 3")) subscriber.recover();
            hear(m, m.text().equals("message 3") ? "message 3" : "message 2");
        });
        publish(publisher, "message ", 4);
        heardIs("message 1", "message 2", "message 3", "again message 1", "message 4");
    }

    /** Messages that failed go to this queue from now on; the test's own is another one. */
    private MessageQueue elsewhere(String... parameters) {
        MessageQueue failed = open(parameters);
        elsewhere = uri(parameters);
        nextQueue();
        return failed;
    }

    private String elsewhere;

    private OnFailure toElsewhere() {
        return OnFailure.moveTo(URI.create(elsewhere), fixture().config().build());
    }

    @Test
    @Tag("F58")
    @Tag("PROPERTIES")
    void b23ListenerMovesAMessageIfItIsToldTo() {
        Subscriber failed = elsewhere().createSubscriber();
        join(failing(toElsewhere()));
        subscriber.setListener(m -> hear(m, "bad"));
        publisher.publish("good");
        long position = publisher.publish(
                "bad", MessageProperties.builder().put("account", 17).build());
        publisher.publish("after");
        heardIs("good", "bad", "again bad", "after");
        Message moved = next(failed);
        assertThat(moved.text()).isEqualTo("bad");
        MessageProperties properties = moved.properties();
        assertThat(properties.getInt("account", 0)).isEqualTo(17);
        assertThat(properties.getString(OnFailure.ORIGIN, null))
                .isEqualTo(plainUri().toString());
        if (has(Capability.POSITIONS))
            assertThat(properties.getLong(OnFailure.POSITION, 0)).isEqualTo(position);
        assertThat(properties.getString(OnFailure.REASON, null)).contains("UncheckedTrouble");
        assertThat(properties.getString(OnFailure.SUBSCRIBER, null)).isEqualTo(subscriber.name());
        assertNothingComes(failed);
        assertThat(subscriber.state()).isEqualTo(new SubscriberState.Running());
    }

    @Test
    @Tag("F58")
    @Tag("PROPERTIES")
    @Tag("GATING")
    @Tag("NAMED")
    @Tag("TIME_LIMITS")
    void b23MessageStaysWhileTheQueueIsFullToWhichItIsMoved() {
        MessageQueue failed = elsewhere(FIXED);
        Subscriber reader = failed.createSubscriber();
        int there = fill(failed.createPublisher(), 100);
        join(failing(toElsewhere()).name("audit"));
        subscriber.setListener(m -> hear(m, "message 1"));
        publish(publisher, "message ", 2);
        Patience.until("it has failed", () -> !errors.isEmpty());
        subscriber.close(); // though it waits for room
        assertThat(heard).containsExactly("message 1", "again message 1");
        next(reader, there);
        assertNothingComes(reader);
        Subscriber next =
                queue.createSubscriber(failing(toElsewhere()).name("audit").build());
        next.setListener(m -> hear(m, "message 1"));
        assertThat(next(reader).text()).isEqualTo("message 1");
        heardIs("message 1", "again message 1", "again message 1", "again message 1", "message 2");
    }

    @Test
    @Tag("F58")
    @Tag("PROPERTIES")
    @Tag("GATING")
    void b23ListenerStopsWhereAMessageCannotBeMoved() {
        elsewhere("capacity=4k&maxCapacity=4k");
        join(failing(toElsewhere()));
        subscriber.setListener(m -> {
            throw new UncheckedTrouble();
        });
        publisher.publish(new byte[2_000]);
        Patience.until("it has stopped", () -> subscriber.state() instanceof SubscriberState.Stopped);
        Throwable reason = ((SubscriberState.Stopped) subscriber.state()).reason();
        assertThat(reason)
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("' does not take message 1 of '" + plainUri() + "', which failed: ");
        assertThat(reason.getSuppressed()).hasExactlyElementsOfTypes(UncheckedTrouble.class);
    }

    /** As full as its queue allows, it has no room for a reason, and at last not for its origin. */
    @Test
    @Tag("F58")
    @Tag("PROPERTIES")
    @Tag("GATING")
    void b23MessageNearTheLimitIsMovedWithWhatFits() {
        for (int less : List.of(0, 1, 50, 100, 150, 300)) {
            nextQueue();
            Subscriber failed = elsewhere(FIXED).createSubscriber();
            queue = open(FIXED);
            subscriber = queue.createSubscriber(failing(toElsewhere()).build());
            publisher = queue.createPublisher();
            subscriber.setListener(m -> {
                throw new UncheckedTrouble();
            });
            publisher.publish(new byte[publisher.maxMessageLength() - less]);
            Message moved = next(failed);
            assertThat(moved.length()).isEqualTo(publisher.maxMessageLength() - less);
            if (less == 300) assertThat(moved.properties().names()).contains(OnFailure.ORIGIN, OnFailure.POSITION);
            assertThat(subscriber.state()).isEqualTo(new SubscriberState.Running());
            queue.close();
        }
    }

    @Test
    void b23MoveToIsCheckedBeforeAnythingIsRead() {
        MessageQueue queue = open();
        assertThatThrownBy(() -> OnFailure.moveTo("nowhere")).isInstanceOf(IllegalArgumentException.class);
        Subscriber toItself =
                queue.createSubscriber(failing(OnFailure.moveTo(uri())).build());
        assertThatThrownBy(() -> toItself.setListener(m -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("own queue");
        Subscriber toNowhere = queue.createSubscriber(
                failing(OnFailure.moveTo("nowhere:queue")).build());
        assertThatThrownBy(() -> toNowhere.setListener(m -> {})).isInstanceOf(NoProviderException.class);
        queue.createPublisher().publish("to receive");
        for (Subscriber still : List.of(toItself, toNowhere))
            assertThat(next(still).text()).isEqualTo("to receive");
    }

    @Test
    void b23ARedeliveryWaitsTwiceAsLongEachTime() {
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        join(failing(OnFailure.skip())
                .maxRedeliveries(3)
                .retryDelay(Duration.ofMillis(10))
                .onError(e -> last.set(System.nanoTime())));
        subscriber.setListener(m -> {
            first.compareAndSet(0, System.nanoTime());
            throw new UncheckedTrouble();
        });
        publisher.publish("never");
        Patience.until("it is skipped", () -> last.get() != 0);
        assertThat(last.get() - first.get()).as("not before 10 + 20 + 40 ms").isGreaterThanOrEqualTo(70_000_000L);
    }

    @Test
    void b23CloseEndsTheWaitForARedelivery() {
        AtomicReference<Thread> listening = new AtomicReference<>();
        join(failing(OnFailure.stop()).retryDelay(Duration.ofMinutes(1)).threadFactory(body -> {
            listening.set(new Thread(body));
            return listening.get();
        }));
        subscriber.setListener(m -> hear(m, "never"));
        publisher.publish("never");
        Patience.until("it waits", () -> listening.get().getState() == Thread.State.TIMED_WAITING && !heard.isEmpty());
        subscriber.close();
        Patience.until("its thread ends", () -> !listening.get().isAlive());
        assertThat(heard).hasSize(1);
        assertThat(subscriber.state()).isEqualTo(new SubscriberState.Closed());
        assertThat(errors).isEmpty();
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
        assertThat(health(queue).status()).isEqualTo(QueueHealth.Status.OK);
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
        assertThat(health(queue).status()).isEqualTo(QueueHealth.Status.OK);
        anew.close();
        assertThat(health(queue).status()).isNotEqualTo(QueueHealth.Status.STUCK);
    }

    private static final class UncheckedTrouble extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
