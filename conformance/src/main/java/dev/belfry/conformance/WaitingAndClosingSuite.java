package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** 11-15: how long calls wait, and what ends the wait. */
@Waits
public abstract class WaitingAndClosingSuite extends ConformanceSuite {
    protected WaitingAndClosingSuite() {}

    @Test
    void b11ReceiveAndPollAreNeverEarly() throws Exception {
        Subscriber subscriber = open().createSubscriber();
        for (Duration timeout : List.of(Duration.ofMillis(1), Duration.ofMillis(30), Duration.ofMillis(250))) {
            assertThat(nanosOf(() -> assertThat(subscriber.receive(timeout)).isNull()))
                    .isGreaterThanOrEqualTo(timeout.toNanos());
            assertThat(nanosOf(() ->
                            assertThat(subscriber.poll(v -> {}, 1, timeout)).isZero()))
                    .isGreaterThanOrEqualTo(timeout.toNanos());
        }
    }

    @Test
    @Tag("AWAIT_ACK")
    void b11AwaitAcknowledgedIsNeverEarly() throws Exception {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("nobody listens");
        assertThat(nanosOf(() -> assertThat(publisher.awaitAcknowledged(position, 1, SHORT))
                        .isFalse()))
                .isGreaterThanOrEqualTo(SHORT.toNanos());
    }

    @Test
    void b11ReceiveReturnsWhatComesWhileItWaits() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        for (Duration timeout : List.of(LONG_TIME, ChronoUnit.FOREVER.getDuration())) {
            Call<String> waiting =
                    call(() -> subscriber.receive(timeout).text()).untilItWaits();
            publisher.publish("at last");
            assertThat(waiting.result()).isEqualTo("at last");
        }
        Call<String> waiting = call(() -> subscriber.receive().text()).untilItWaits();
        publisher.publish("for ever is over");
        assertThat(waiting.result()).isEqualTo("for ever is over");
        Call<Integer> polling = call(() -> subscriber.poll(v -> {}, 10, ChronoUnit.FOREVER.getDuration()))
                .untilItWaits();
        publisher.publish("poll me");
        assertThat(polling.result()).isOne();
    }

    @Test
    void b11PollStopsAtItsLimitAndWaitsForTheFirstOnly() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        List<String> sent = publish(publisher, "message ", 10);
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        assertThat(call(() -> subscriber.poll(v -> got.add(v.text()), 3, LONG_TIME))
                        .result())
                .isEqualTo(3);
        assertThat(got).isEqualTo(sent.subList(0, 3));
        // far below the limit: must not wait an hour for the missing ones
        while (got.size() < 10)
            assertThat(call(() -> subscriber.poll(v -> got.add(v.text()), 1_000, LONG_TIME))
                            .result())
                    .isPositive();
        assertThat(got).isEqualTo(sent);
        for (int bad : List.of(0, -1))
            assertThatThrownBy(() -> subscriber.poll(v -> {}, bad, Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("limit must be > 0, was " + bad);
    }

    @Test
    void b12CallsWithoutTimeDoNotWait() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        run(() -> { // 5,000 calls, for which half a minute is enough unless they sleep
                    for (int i = 0; i < 1_000; i++) {
                        assertThat(subscriber.receiveNoWait()).isNull();
                        assertThat(subscriber.poll(v -> {}, 10)).isZero();
                        assertThat(subscriber.receive(Duration.ZERO)).isNull();
                        assertThat(subscriber.poll(v -> {}, 10, Duration.ofDays(-1)))
                                .isZero();
                        assertThat(subscriber.receive(Duration.ofSeconds(Long.MIN_VALUE)))
                                .isNull();
                    }
                })
                .result();
        publisher.publish("there");
        Patience.until("receiveNoWait has it", () -> subscriber.receiveNoWait() != null);
    }

    // ---- 13: close ends the wait

    @Test
    @Tag("F55")
    void b13CloseWakesReceive() {
        for (ThrowingSubscriberClose how : closings()) {
            MessageQueue queue = open();
            Subscriber subscriber = queue.createSubscriber();
            Call<?> waiting = call(() -> subscriber.receive()).untilItWaits();
            how.close(queue, subscriber);
            assertThat(waiting.result()).isNull();
        }
    }

    @Test
    @Tag("F55")
    void b13CloseWakesReceiveWithTimeout() {
        for (ThrowingSubscriberClose how : closings()) {
            MessageQueue queue = open();
            Subscriber subscriber = queue.createSubscriber();
            Call<?> waiting = call(() -> subscriber.receive(LONG_TIME)).untilItWaits();
            how.close(queue, subscriber);
            assertThat(waiting.result()).isNull();
        }
    }

    @Test
    @Tag("F55")
    void b13CloseWakesPoll() {
        for (ThrowingSubscriberClose how : closings()) {
            MessageQueue queue = open();
            Subscriber subscriber = queue.createSubscriber();
            Call<Integer> waiting =
                    call(() -> subscriber.poll(v -> {}, 10, LONG_TIME)).untilItWaits();
            how.close(queue, subscriber);
            assertThat(waiting.result()).isZero();
        }
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

    // ---- 14: interrupt ends the wait

    @Test
    @Tag("F57")
    void b14InterruptEndsReceiveAndPollAndTakesNothing() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        List<Callable<Object>> waits = List.of(
                subscriber::receive, () -> subscriber.receive(LONG_TIME), () -> subscriber.poll(v -> {}, 5, LONG_TIME));
        for (Callable<Object> wait : waits) {
            assertInterruptEnds(wait);
            publisher.publish("still there");
            assertThat(next(subscriber).text()).isEqualTo("still there");
        }
    }

    @Test
    @Tag("F57")
    @Tag("GATING")
    void b14InterruptEndsPublishAndOfferAndPublishesNothing() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, 100);
        ByteBuffer body = bytes(100);
        List<Callable<Object>> waits = new ArrayList<>();
        waits.add(() -> publisher.publish(body));
        waits.add(() -> publisher.offer(body, LONG_TIME));
        if (has(Capability.CLAIM)) waits.add(() -> publisher.claim(100));
        waits.forEach(this::assertInterruptEnds);
        assertThat(body.position()).isZero();
        assertThat(drain(subscriber)).hasSize(taken);
        publisher.publish("goes on");
        assertThat(next(subscriber).text()).isEqualTo("goes on");
        assertNothingComes(subscriber);
    }

    @Test
    @Tag("F57")
    @Tag("AWAIT_ACK")
    void b14InterruptEndsAwaitAcknowledged() {
        Publisher publisher = open().createPublisher();
        long position = publisher.publish("nobody listens");
        assertInterruptEnds(() -> publisher.awaitAcknowledged(position, 1, LONG_TIME));
    }

    @Test
    @Tag("F57")
    void b14InterruptFlagSetBeforehandEndsAWaitAtOnce() {
        Subscriber subscriber = open().createSubscriber();
        Call<Object> call = call(() -> {
            Thread.currentThread().interrupt();
            return subscriber.receive(LONG_TIME);
        });
        assertThat(call.failure()).isInstanceOf(InterruptedQueueException.class);
        assertThat(call.interruptFlag()).isTrue();
    }

    @Test
    @Tag("F57")
    void b14CallsThatNeedNotWaitIgnoreTheFlag() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publish(publisher, "message ", 4);
        Call<Void> call = run(() -> {
            Thread.currentThread().interrupt();
            publisher.publish("message 5");
            publisher.offer(ByteBuffer.wrap("message 6".getBytes()), LONG_TIME);
            assertThat(subscriber.receive().text()).isEqualTo("message 1");
            assertThat(subscriber.receive(LONG_TIME).text()).isEqualTo("message 2");
            assertThat(subscriber.receiveNoWait().text()).isEqualTo("message 3");
            List<String> polled = new ArrayList<>();
            for (int n = 0; n < 3; ) n += subscriber.poll(v -> polled.add(v.text()), 10, LONG_TIME);
            assertThat(polled).containsExactly("message 4", "message 5", "message 6");
            assertThat(subscriber.receiveNoWait()).isNull();
            assertThat(subscriber.poll(v -> {}, 1)).isZero();
            MessageQueue another = open();
            another.createSubscriber().close();
            another.createPublisher().close();
            another.close();
            subscriber.close();
            publisher.close();
            queue.close();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        call.result();
        assertThat(call.interruptFlag()).isTrue();
    }

    @Test
    @Tag("F57")
    @Tag("GATING")
    void b14RejectedOfferIgnoresTheFlag() {
        MessageQueue queue = open(FIXED);
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 100);
        Call<Long> call = call(() -> {
            Thread.currentThread().interrupt();
            return publisher.offer(bytes(100), Duration.ZERO);
        });
        assertThat(call.result()).isEqualTo(Publisher.REJECTED);
        assertThat(call.interruptFlag()).isTrue();
    }

    @Test
    @Tag("F57")
    @Tag("AWAIT_ACK")
    void b14AwaitAcknowledgedThatNeedNotWaitIgnoresTheFlag() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber(counted().build());
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("taken");
        next(subscriber);
        assertThat(publisher.awaitAcknowledged(position, 1, Patience.limit())).isTrue();
        Call<Boolean> call = call(() -> {
            Thread.currentThread().interrupt();
            return publisher.awaitAcknowledged(position, 1, LONG_TIME)
                    && !publisher.awaitAcknowledged(position, 2, Duration.ZERO);
        });
        assertThat(call.result()).isTrue();
        assertThat(call.interruptFlag()).isTrue();
    }

    // ---- 15: closed objects, and close from everywhere

    @Test
    @Tag("F56")
    void b15ClosedSubscriberThrows() {
        Subscriber subscriber = open().createSubscriber(
                        options().name(has(Capability.NAMED) ? "audit" : null).build());
        subscriber.close();
        subscriber.close();
        assertSubscriberClosed(subscriber);
        assertThat(subscriber.name()).isEqualTo(has(Capability.NAMED) ? "audit" : null);
        subscriber.position();
        subscriber.lag();
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

    // ---- shared by the tests above

    private interface ThrowingSubscriberClose {
        void close(MessageQueue queue, Subscriber subscriber);
    }

    private static List<ThrowingSubscriberClose> closings() {
        return List.of((queue, subscriber) -> subscriber.close(), (queue, subscriber) -> queue.close());
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

    private void assertInterruptEnds(Callable<Object> wait) {
        Call<Object> call = call(wait).untilItWaits();
        call.interrupt();
        assertThat(call.failure()).isInstanceOf(InterruptedQueueException.class);
        assertThat(call.interruptFlag()).as("the interrupt flag is kept").isTrue();
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

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                    .as("it happens at all")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }
}
