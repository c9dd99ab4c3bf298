package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
import dev.belfry.spi.Waitable;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 16, 17, 20, 21: what a full queue does to publishers, and to readers that hold them up too long. */
@WaitsForOthers
public abstract class FullAndSlowSuite extends ConformanceSuite {
    private static final int BODY = 100;

    protected FullAndSlowSuite() {}

    @Test
    @Tag("GATING")
    void b16PublishWaitsAndResumesAfterTheOldestIsRead() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, BODY);
        Call<Long> waiting =
                call(() -> publisher.publish(bytes(BODY))).untilItWaits().staysPending(SHORT);
        next(subscriber); // of the same length: just enough
        waiting.result();
        assertThat(publisher.offer(bytes(BODY), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        assertThat(drain(subscriber)).hasSize(taken);
    }

    @Test
    @Tag("GATING")
    @Tag("CLIENT_ACK")
    void b16PublishWaitsForTheAcknowledgeNotForTheReading() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber =
                queue.createSubscriber(options().ackMode(AckMode.CLIENT).build());
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, BODY);
        assertThat(drain(subscriber)).hasSize(taken);
        Publisher impatient = queue.createPublisher(timeout(Duration.ZERO));
        assertThatThrownBy(() -> impatient.publish(bytes(BODY)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining(" of them received and not acknowledged, ")
                .hasMessageContaining(" Let it acknowledge, ");
        Call<Long> waiting =
                call(() -> publisher.publish(bytes(BODY))).untilItWaits().staysPending(SHORT);
        subscriber.acknowledge();
        waiting.result();
        next(subscriber);
    }

    @Test
    @Tag("GATING")
    void b16PublishResumesWhenTheReaderPollsOrCloses() {
        MessageQueue queue = open(FIXED);
        Subscriber polling = queue.createSubscriber();
        Subscriber leaving = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, BODY);
        Call<Long> waiting = call(() -> publisher.publish(bytes(BODY))).untilItWaits();
        for (int n = 0; n < taken; ) n += polling.poll(v -> {}, 1_000, Patience.limit());
        waiting.staysPending(SHORT); // the other one still needs them
        leaving.close();
        waiting.result();
    }

    @Test
    @Tag("GATING")
    void b16NoModeThatGatesLosesAnything() {
        MessageQueue queue = open(SMALL);
        List<Subscriber> subscribers = new ArrayList<>();
        subscribers.add(queue.createSubscriber());
        subscribers.add(queue.createSubscriber(options().ackMode(AckMode.NONE).build()));
        Publisher publisher = queue.createPublisher();
        int count = LONG ? 200_000 : 5_000;
        List<Call<Void>> readers = subscribers.stream()
                .map(s -> run(() -> {
                    for (long i = 1; i <= count; i++) {
                        assertThat(Payload.of(next(s).bytes()).serial()).isEqualTo(i);
                        if (i % 1_000 == 0) Patience.pause(1); // falls behind, again and again
                    }
                    assertThat(s.lostCount()).isZero();
                }))
                .toList();
        Call<Void> publishing = run(() -> {
            for (long i = 1; i <= count; i++) publisher.publish(new Payload(0, i).bytes());
        });
        publishing.result();
        readers.forEach(Call::result);
    }

    /** Only its own thread reads the member. */
    @Test
    @Tag("GATING")
    void b16HandlerOfASetThatWouldWaitForAnotherMemberIsRefused() {
        MessageQueue queue = open();
        Subscriber first = queue.createSubscriber();
        if (!(first instanceof Waitable)) return; // no set has it
        queue.createPublisher().publish("message");
        nextQueue();
        Subscriber second = open(FIXED).createSubscriber();
        Publisher full = open().createPublisher();
        int taken = fill(full, BODY);
        Subscribers all = closing(Subscribers.of(first, second));
        call(() -> all.poll(
                        (from, view) -> {
                            if (from != first) return;
                            assertThat(full.offer(bytes(BODY), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
                            assertThatThrownBy(() -> full.publish(bytes(BODY)))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("wait for itself");
                            all.remove(second); // from now on another thread may free it
                            assertThat(full.offer(bytes(BODY), SHORT)).isEqualTo(Publisher.REJECTED);
                        },
                        1))
                .result();
        assertThat(drain(second)).hasSize(taken);
    }

    @Test
    @Tag("GATING")
    void b16HandlerThatWouldWaitForItselfIsRefused() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = open().createPublisher(); // of another handle
        int taken = fill(publisher, BODY);
        List<ThrowingRunnable> waits = new ArrayList<>();
        waits.add(() -> publisher.publish(bytes(BODY)));
        waits.add(() -> publisher.offer(bytes(BODY), LONG_TIME));
        if (has(Capability.CLAIM)) waits.add(() -> publisher.claim(BODY));
        if (has(Capability.BATCH)) waits.add(() -> publisher.batch(publisher.sizeInBatch(BODY)));
        for (ThrowingRunnable wait : waits) {
            Call<Integer> polling = call(() -> subscriber.poll(
                    v -> {
                        assertThat(publisher.offer(bytes(BODY), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
                        assertThatThrownBy(wait::run)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageStartingWith("'" + plainUri() + "' is full (")
                                .hasMessageContaining("wait for itself");
                    },
                    1));
            assertThat(polling.result()).isOne();
            fill(publisher, BODY); // it goes on, as all do
        }
        assertThat(drain(subscriber)).hasSize(taken);
        if (!has(Capability.EXCLUSIVE)) return;
        publisher.close();
        Publisher exclusive =
                queue.createPublisher(PublisherOptions.builder().exclusive(true).build());
        fill(exclusive, BODY);
        Call<Integer> polling = call(() -> subscriber.poll(
                v -> assertThatThrownBy(() -> exclusive.publish(bytes(BODY))).isInstanceOf(IllegalStateException.class),
                1));
        assertThat(polling.result()).isOne();
        assertThat(exclusive.offer(bytes(BODY), Duration.ZERO)).isNotEqualTo(Publisher.REJECTED);
    }

    @Test
    @Tag("GATING")
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b16HandlerWaitsForWhatAnotherThreadMayAcknowledge() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber =
                queue.createSubscriber(options().ackMode(AckMode.CLIENT).build());
        Publisher publisher = queue.createPublisher();
        fill(publisher, BODY);
        Call<Integer> polling = call(() -> subscriber.poll(
                        v -> {
                            if (v.position() == 2) publisher.publish(bytes(BODY));
                        },
                        2))
                .untilItWaits()
                .staysPending(SHORT);
        subscriber.acknowledge(1);
        assertThat(polling.result()).isEqualTo(2);
    }

    /** Another thread may acknowledge the very message that a listener has in hand. */
    @Test
    @Tag("GATING")
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b16ListenerWaitsForWhatAnotherThreadMayAcknowledge() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber =
                queue.createSubscriber(options().ackMode(AckMode.CLIENT).build());
        Publisher publisher = queue.createPublisher();
        fill(publisher, BODY);
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch published = new CountDownLatch(1);
        subscriber.setListener(message -> {
            if (message.position() != 1) return;
            inHand.countDown();
            publisher.publish(bytes(BODY));
            published.countDown();
        });
        await(inHand);
        Patience.until("it waits", () -> !queue.stats().waiting().isEmpty());
        subscriber.acknowledge(1);
        await(published);
    }

    @Test
    @Tag("GATING")
    @Tag("TIME_LIMITS")
    void b17TimeoutPublishesNothingAndSaysWhomItWaitedFor() throws Exception {
        MessageQueue queue = open(FIXED);
        String name = has(Capability.NAMED) ? "audit" : null;
        Subscriber subscriber = queue.createSubscriber(options().name(name).build());
        Publisher publisher = queue.createPublisher(timeout(SHORT));
        int taken = fill(publisher, BODY);
        String text = "'" + plainUri() + "' is full (";
        long nanos = nanosOf(() -> assertThatThrownBy(() -> publisher.publish(bytes(BODY)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageStartingWith(text)
                .hasMessageContaining("waiting for " + (name == null ? "" : "'audit' (pid "))
                .hasMessageContaining("lag " + taken));
        assertThat(nanos).isGreaterThanOrEqualTo(SHORT.toNanos());
        Publisher impatient = queue.createPublisher(timeout(Duration.ZERO));
        assertThatThrownBy(() -> impatient.publish(bytes(BODY)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageStartingWith(text);
        if (has(Capability.CLAIM))
            assertThatThrownBy(() -> publisher.claim(BODY)).isInstanceOf(QueueFullException.class);
        assertThat(drain(subscriber)).hasSize(taken);
        assertNothingComes(subscriber);
        impatient.publish("room again");
        assertThat(next(subscriber).text()).isEqualTo("room again");
    }

    @Test
    @Tag("GATING")
    void b17OfferIsNeverEarlyAndPublishesNothing() throws Exception {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, BODY);
        assertThat(nanosOf(() -> assertThat(publisher.offer(bytes(BODY), SHORT)).isEqualTo(Publisher.REJECTED)))
                .isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(publisher.offer(bytes(BODY), Duration.ofDays(-1))).isEqualTo(Publisher.REJECTED);
        if (has(Capability.POSITIONS))
            assertThat(queue.stats().newestPosition()).isEqualTo(taken);
        Call<Long> waiting = call(() -> publisher.offer(bytes(BODY), LONG_TIME)).untilItWaits();
        next(subscriber, taken + 1);
        assertThat(waiting.result()).isNotEqualTo(Publisher.REJECTED);
        assertNothingComes(subscriber);
    }

    @Test
    @Tag("CLAIM")
    @Tag("GATING")
    @Tag("TIME_LIMITS")
    void b17TimeoutAlsoBoundsTheWaitForAnotherPublisher() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        CountDownLatch claimed = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Publisher holder = queue.createPublisher();
        Call<Long> holding = call(() -> {
            try (Claim claim = holder.claim(5)) {
                claimed.countDown();
                await(goOn);
                claim.buffer().put("first".getBytes());
                return claim.commit();
            }
        });
        await(claimed);
        Publisher publisher = open().createPublisher(timeout(SHORT));
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(QueueFullException.class)
                .hasMessageStartingWith("'" + plainUri() + "' is held by publisher pid "
                        + ProcessHandle.current().pid() + " for ");
        assertThat(publisher.offer(bytes(1), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        assertThat(publisher.offer(bytes(1), SHORT)).isEqualTo(Publisher.REJECTED);
        goOn.countDown();
        holding.result();
        publisher.publish("second");
        assertThat(texts(subscriber, 2)).containsExactly("first", "second");
    }

    @Test
    void b20PublisherNeverWaitsWithoutGatingReader() {
        MessageQueue queue = open(SMALL);
        Publisher publisher =
                queue.createPublisher(has(Capability.TIME_LIMITS) ? timeout(Duration.ZERO) : anyTimeout());
        publish(publisher, "nobody listens ", many());
        if (has(Capability.OVERRUN)) {
            queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
            queue.createSubscriber(overrun().build());
            publish(publisher, "nobody listens carefully ", many());
        }
        if (has(Capability.GATING)) {
            queue.createSubscriber().close();
            publish(publisher, "nobody listens any more ", 3_000);
        }
    }

    @Test
    @Tag("GATING")
    @Tag("TIME_LIMITS")
    void b21QueueWithoutGatingRefusesGatingReaders() {
        MessageQueue queue = open("allowGating=false", SMALL);
        for (MessageQueue handle : List.of(queue, open())) {
            assertThatThrownBy(handle::createSubscriber)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("allowGating");
            if (has(Capability.NAMED))
                assertThatThrownBy(() ->
                                handle.createSubscriber(options().name("audit").build()))
                        .isInstanceOf(IllegalArgumentException.class);
            if (has(Capability.OVERRUN)) handle.createSubscriber(overrun().build());
            if (has(Capability.DISCONNECT))
                handle.createSubscriber(disconnect().build()).close();
        }
        publish(queue.createPublisher(timeout(Duration.ZERO)), "message ", 3_000);
        if (has(Capability.NAMED)) assertThat(queue.unsubscribe("audit")).isFalse();
    }

    @Test
    @Tag("GATING")
    @Tag("TIME_LIMITS")
    void b21MaxGateTimeEndsTheReaderThatHoldsUpPublishersAndNoOther() throws Exception {
        MessageQueue queue = open("maxGateTime=300ms", FIXED);
        Subscriber stuck = queue.createSubscriber();
        Subscriber reading = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        long began = System.nanoTime(); // the first refusal counts, which is in fill
        int taken = fill(publisher, BODY);
        assertThat(drain(reading)).hasSize(taken);
        publisher.publish(bytes(BODY));
        assertThat(System.nanoTime() - began)
                .as("how long the reader held up publishers")
                .isGreaterThanOrEqualTo(Duration.ofMillis(290).toNanos());
        assertThatThrownBy(stuck::receiveNoWait)
                .isInstanceOf(SubscriberDisconnectedException.class)
                .hasMessageContaining("position ")
                .hasMessageContaining("lag ");
        next(reading);
        publisher.publish("goes on");
        assertThat(next(reading).text()).isEqualTo("goes on");
        assertThat(reading.lostCount()).isZero();
    }

    @Test
    @Tag("GATING")
    @Tag("TIME_LIMITS")
    void b21MaxGateTimeSparesAReaderThatReadsInTime() {
        MessageQueue queue = open("maxGateTime=1h", FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(SHORT));
        int taken = fill(publisher, BODY);
        assertThatThrownBy(() -> publisher.publish(bytes(BODY))).isInstanceOf(QueueFullException.class);
        assertThat(drain(subscriber)).hasSize(taken);
        publisher.publish(ByteBuffer.wrap(new byte[BODY]));
        next(subscriber);
        assertThat(subscriber.lostCount()).isZero();
    }

    static PublisherOptions timeout(Duration timeout) {
        return PublisherOptions.builder().timeout(timeout).build();
    }

    private static PublisherOptions anyTimeout() {
        return PublisherOptions.defaults();
    }

    static SubscriberOptions.Builder overrun() {
        return options().slowSubscriber(SlowSubscriber.OVERRUN);
    }

    static SubscriberOptions.Builder disconnect() {
        return options().slowSubscriber(SlowSubscriber.DISCONNECT);
    }
}
