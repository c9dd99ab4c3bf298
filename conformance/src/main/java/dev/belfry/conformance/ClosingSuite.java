package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** 13, 15: close ends each wait, from everywhere, and what is closed refuses. */
@WaitsForOthers
public abstract class ClosingSuite extends ConformanceSuite {
    protected ClosingSuite() {}

    // ---- 13: close ends the wait

    @Test
    @Tag("F55")
    void b13CloseWakesReceive() {
        assertCloseWakes(Subscriber::receive, null);
    }

    @Test
    @Tag("F55")
    void b13CloseWakesReceiveWithTimeout() {
        assertCloseWakes(subscriber -> subscriber.receive(LONG_TIME), null);
    }

    @Test
    @Tag("F55")
    void b13CloseWakesPoll() {
        assertCloseWakes(subscriber -> subscriber.poll(v -> {}, 10, LONG_TIME), 0);
    }

    @Test
    @Tag("F55")
    @Tag("GATING")
    void b13CloseWakesPublish() {
        assertCloseWakes(publisher -> publisher.publish(bytes(100)));
    }

    @Test
    @Tag("F55")
    @Tag("GATING")
    void b13CloseWakesOffer() {
        assertCloseWakes(publisher -> publisher.offer(bytes(100), LONG_TIME));
    }

    @Test
    @Tag("F55")
    @Tag("GATING")
    @Tag("CLAIM")
    void b13CloseWakesClaim() {
        assertCloseWakes(publisher -> publisher.claim(100));
    }

    @Test
    @Tag("F55")
    @Tag("AWAIT_ACK")
    void b13CloseWakesAwaitAcknowledged() {
        for (boolean wholeQueue : List.of(false, true)) {
            MessageQueue queue = open();
            Publisher publisher = queue.createPublisher();
            long position = publisher.publish("nobody listens");
            Call<Boolean> waiting = call(() -> publisher.awaitAcknowledged(position, 1, LONG_TIME))
                    .untilItWaits();
            if (wholeQueue) queue.close();
            else publisher.close();
            assertThat(waiting.result()).isFalse();
        }
    }

    // ---- 15: closed objects, and close from everywhere

    @Test
    @Tag("F56")
    void b15ClosedSubscriberThrows() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(
                options().name(has(Capability.NAMED) ? "audit" : null).build());
        publish(queue.createPublisher(), "message ", 3);
        next(subscriber, 1);
        long lag = subscriber.lag();
        subscriber.close();
        subscriber.close();
        assertSubscriberClosed(subscriber);
        assertThat(subscriber.name()).isEqualTo(has(Capability.NAMED) ? "audit" : null);
        subscriber.position();
        assertThat(subscriber.lag()).isEqualTo(lag);
        subscriber.lostCount();
    }

    @Test
    @Tag("F56")
    void b15ClosedPublisherThrows() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Publisher other = queue.createPublisher();
        publisher.close();
        publisher.close();
        assertPublisherClosed(publisher);
        other.publish("unaffected");
    }

    @Test
    @Tag("F56")
    void b15ClosedQueueThrowsAndSoDoItsChildren() {
        MessageQueue queue = open();
        MessageQueue other = open();
        Subscriber survivor = other.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        publisher.publish("kept");
        queue.close();
        queue.close();
        publisher.close();
        subscriber.close();
        assertSubscriberClosed(subscriber);
        assertPublisherClosed(publisher);
        assertClosed(queue::createPublisher, queue::createSubscriber, queue::stats, () -> queue.unsubscribe("x"));
        assertThat(queue.uri()).isEqualTo(plainUri());
        assertThat(queue.capabilities()).isEqualTo(fixture().capabilities());
        other.createPublisher().publish("and more");
        assertThat(texts(survivor, 2)).containsExactly("kept", "and more");
    }

    @Test
    @Tag("HISTORY")
    void b15CloseDeletesNoMessages() {
        MessageQueue keeper = open();
        MessageQueue queue = open();
        List<String> sent = publish(queue.createPublisher(), "message ", 10);
        queue.close();
        assertThat(texts(oldest(keeper), 10)).isEqualTo(sent);
    }

    @Test
    @Tag("F56")
    void b15HandlerMayCloseItsSubscriber() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        publish(queue.createPublisher(), "message ", 5);
        AtomicInteger handled = new AtomicInteger();
        Call<Integer> polling = call(() -> subscriber.poll(
                v -> {
                    if (handled.incrementAndGet() == 2) subscriber.close();
                },
                5,
                Patience.limit()));
        int first = polling.result();
        if (first == 1)
            first += call(() -> subscriber.poll(
                            v -> {
                                handled.incrementAndGet();
                                subscriber.close();
                            },
                            5,
                            Patience.limit()))
                    .result();
        assertThat(handled.get()).isEqualTo(2);
        assertThat(first).isEqualTo(2);
        assertSubscriberClosed(subscriber);
    }

    @Test
    @Tag("F56")
    void b15HandlerMayCloseTheQueue() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        publish(queue.createPublisher(), "message ", 5);
        assertThat(call(() -> subscriber.poll(v -> queue.close(), 5, Patience.limit()))
                        .result())
                .isOne();
        assertSubscriberClosed(subscriber);
    }

    @Test
    @Tag("F56")
    void b15HandlerThatClosedTheQueueReadsItsMessageOrIsRefused() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        MessageProperties properties = has(Capability.PROPERTIES)
                ? MessageProperties.builder().put("k", "v").build()
                : MessageProperties.empty();
        queue.createPublisher().publish("message", properties);
        subscriber.poll(
                v -> {
                    queue.close();
                    assertReal(v::text, "message");
                    assertReal(v::bytes, "message".getBytes(StandardCharsets.UTF_8));
                    assertReal(v::properties, properties);
                    assertReal(() -> v.copy().text(), "message");
                },
                1,
                Patience.limit());
    }

    private static <T> void assertReal(Supplier<T> read, T expected) {
        try {
            assertThat(read.get()).isEqualTo(expected);
        } catch (QueueClosedException refused) {
            // nothing was read
        }
    }

    @Test
    @Tag("F58")
    void b15ListenerMayCloseSubscriberAndQueue() {
        for (boolean wholeQueue : List.of(false, true)) {
            MessageQueue queue = open();
            Subscriber subscriber = queue.createSubscriber();
            List<String> heard = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch closed = new CountDownLatch(1);
            subscriber.setListener(m -> {
                heard.add(m.text());
                if (wholeQueue) queue.close();
                else subscriber.close();
                closed.countDown();
            });
            Publisher publisher = open().createPublisher();
            publish(publisher, "message ", 3);
            await(closed);
            assertSubscriberClosed(subscriber);
            publisher.publish("too late");
            assertThat(heard).containsExactly("message 1");
        }
    }

    @Test
    @Tag("F58")
    void b15CloseWaitsForAHandlerInAnotherThread() {
        for (boolean listener : List.of(false, true)) {
            MessageQueue queue = open();
            Subscriber subscriber = queue.createSubscriber();
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            AtomicInteger ended = new AtomicInteger();
            if (listener)
                subscriber.setListener(m -> {
                    inside.countDown();
                    await(goOn);
                    ended.incrementAndGet();
                });
            else
                call(() -> subscriber.poll(
                        v -> {
                            inside.countDown();
                            await(goOn);
                            ended.incrementAndGet();
                        },
                        5,
                        LONG_TIME));
            publish(queue.createPublisher(), "message ", 2);
            await(inside);
            Call<Integer> closing = call(() -> {
                subscriber.close();
                return ended.get();
            });
            closing.staysPending(SHORT);
            goOn.countDown();
            assertThat(closing.result())
                    .as("handlers that had ended when close returned")
                    .isOne();
        }
    }

    @Test
    @Tag("F58")
    @EnabledIfSystemProperty(named = Depth.PROPERTY, matches = "long", disabledReason = "takes 5 s")
    void b15CloseGivesUpOnAHandlerThatDoesNotEnd() throws Exception {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        subscriber.setListener(m -> {
            inside.countDown();
            await(goOn);
        });
        queue.createPublisher().publish("endless");
        await(inside);
        assertThat(nanosOf(subscriber::close)).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(4));
        goOn.countDown();
    }

    @Test
    @Tag("F55")
    void b15CloseRacesWithReceiveHarmlessly() {
        MessageQueue queue = open("capacity=64k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < (LONG ? 5_000 : 200); i++) {
            Subscriber subscriber = queue.createSubscriber();
            Call<Object> receiving = call(() -> {
                try {
                    for (Object m; (m = subscriber.receive(LONG_TIME)) != null; ) {}
                    return "null";
                } catch (QueueClosedException e) {
                    return "closed";
                }
            });
            publisher.publish("to be received or not");
            subscriber.close();
            assertThat(receiving.result()).isIn("null", "closed");
        }
    }

    private interface SubscriberCall {
        Object on(Subscriber subscriber);
    }

    private void assertCloseWakes(SubscriberCall waits, Object answer) {
        for (boolean wholeQueue : List.of(false, true)) {
            MessageQueue queue = open();
            Subscriber subscriber = queue.createSubscriber();
            Call<Object> waiting = call(() -> waits.on(subscriber)).untilItWaits();
            if (wholeQueue) queue.close();
            else subscriber.close();
            assertThat(waiting.result()).isEqualTo(answer);
        }
    }

    private interface PublisherCall {
        Object on(Publisher publisher);
    }

    private void assertCloseWakes(PublisherCall blocked) {
        for (boolean wholeQueue : List.of(false, true)) {
            MessageQueue queue = open(FIXED);
            MessageQueue other = open();
            Subscriber subscriber =
                    other.createSubscriber(options().ackMode(AckMode.AUTO).build());
            Publisher publisher = queue.createPublisher();
            int taken = fill(publisher, 100);
            Call<Object> waiting = call(() -> blocked.on(publisher)).untilItWaits();
            if (wholeQueue) queue.close();
            else publisher.close();
            assertThat(waiting.failure()).isInstanceOf(QueueClosedException.class);
            assertThat(drain(subscriber)).hasSize(taken);
            assertNothingComes(subscriber);
            subscriber.close();
        }
    }

    private static void assertSubscriberClosed(Subscriber subscriber) {
        assertClosed(
                subscriber::receive,
                subscriber::receiveNoWait,
                () -> subscriber.receive(LONG_TIME),
                () -> subscriber.poll(v -> {}, 1),
                () -> subscriber.setListener(m -> {}),
                subscriber::acknowledge,
                () -> subscriber.acknowledge(0),
                subscriber::recover);
    }

    private void assertPublisherClosed(Publisher publisher) {
        assertClosed(
                () -> publisher.publish("x"),
                () -> publisher.publish(bytes(1)),
                () -> publisher.publish(new byte[1]),
                () -> publisher.offer(bytes(1), Duration.ZERO));
        if (has(Capability.CLAIM)) assertClosed(() -> publisher.claim(1));
        if (has(Capability.AWAIT_ACK)) assertClosed(() -> publisher.awaitAcknowledged(1, 1, Duration.ZERO));
    }

    private static void assertClosed(ThrowingCallable... calls) {
        for (ThrowingCallable call : calls) assertThatThrownBy(call).isInstanceOf(QueueClosedException.class);
    }
}
