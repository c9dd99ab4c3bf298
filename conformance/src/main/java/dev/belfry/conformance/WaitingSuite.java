package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 11, 12, 14: how long calls wait, and how an interrupt ends the wait. */
@WaitsForOthers
public abstract class WaitingSuite extends ConformanceSuite {
    protected WaitingSuite() {}

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

    private void assertInterruptEnds(Callable<Object> wait) {
        Call<Object> call = call(wait).untilItWaits();
        call.interrupt();
        assertThat(call.failure()).isInstanceOf(InterruptedQueueException.class);
        assertThat(call.interruptFlag()).as("the interrupt flag is kept").isTrue();
    }
}
