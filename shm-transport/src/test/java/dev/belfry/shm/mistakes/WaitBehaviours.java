package dev.belfry.shm.mistakes;

import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import dev.belfry.api.AckMode;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Patience;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicReference;

/** Waiting for a message and for room. See {@link Behaviours}. */
final class WaitBehaviours extends Behaviours {
    /** It has made the checks that come before a sleep. */
    private static void awaitSlice(Deque<Long> slices) {
        Patience.until("it sleeps", soon, () -> !slices.isEmpty());
    }

    void closeWakesReceive() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        Subscriber subscriber = noting(slices).createSubscriber();
        CompletableFuture<Message> receiving = start(subscriber::receive);
        awaitSlice(slices);
        subscriber.close();
        assertThat(receiving).succeedsWithin(soon);
    }

    void interruptWakesReceive() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        Subscriber subscriber = noting(slices).createSubscriber();
        AtomicReference<Thread> sleeper = new AtomicReference<>();
        CompletableFuture<Message> receiving = start(() -> {
            sleeper.set(Thread.currentThread());
            return subscriber.receive();
        });
        awaitSlice(slices);
        sleeper.get().interrupt();
        assertThat(receiving)
                .failsWithin(soon)
                .withThrowableThat()
                .withCauseInstanceOf(InterruptedQueueException.class);
    }

    void timeEndsReceive() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        assertThat(start(() -> subscriber.receive(Duration.ofMillis(200))))
                .succeedsWithin(soon)
                .isNull();
    }

    /** It has read all, but acknowledged nothing. */
    void endWakesReceive() {
        MessageQueue queue = open(FIXED + "&maxGateTime=100ms");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        fill(publisher, 500);
        CompletableFuture<Message> receiving = start(() -> {
            while (true) subscriber.receive();
        });
        Patience.until(
                "it sleeps",
                soon,
                () -> queue.stats().subscribers().get(0).counters().get("sleeps") > 0);
        publisher.publish(body(500));
        assertThat(receiving)
                .failsWithin(soon)
                .withThrowableThat()
                .withCauseInstanceOf(SubscriberDisconnectedException.class);
    }

    /** Opens one that notes how long its subscribers' slices are asked to be, in nanoseconds. */
    private MessageQueue noting(Deque<Long> slices) {
        LibC real = RealLibC.load();
        LibC noting = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("sem_clockwait")) {
                        Pointer until = new Pointer((Long) args[2]);
                        slices.add(1_000_000_000 * until.getLong(0) + until.getLong(8) - System.nanoTime());
                    }
                    return method.invoke(real, args);
                });
        MessageQueue queue = newQueue(
                URI.create("shm:" + name),
                Opening.open(new Machine(noting, SharedBytes.PLAIN), name, CONFIG, QueueSettings.of(CONFIG), 8));
        opened.push(queue);
        return queue;
    }

    /** Each receive ends without a message; silence goes on, and its slices grow. */
    private static void awaitSilence(Subscriber subscriber, Deque<Long> slices) {
        Patience.until("a slice is long", soon, () -> {
            assertThat(subscriber.receive(Duration.ofMillis(200))).isNull();
            return !slices.isEmpty() && slices.getLast() > SLICE_NANOS;
        });
    }

    void silenceOutlastsReceives() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        awaitSilence(noting(slices).createSubscriber(), slices);
    }

    void messageEndsSilence() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        MessageQueue queue = noting(slices);
        Subscriber subscriber = queue.createSubscriber();
        awaitSilence(subscriber, slices);
        queue.createPublisher().publish("ends it");
        assertThat(subscriber.receive(soon).text()).isEqualTo("ends it");
        slices.clear();
        CompletableFuture<Message> next = start(() -> subscriber.receive(soon)); // no end of a wait shortens its slice
        awaitSlice(slices);
        assertThat(slices.getFirst()).isLessThanOrEqualTo(SLICE_NANOS);
        subscriber.close();
        assertThat(next).succeedsWithin(soon);
    }

    /** A publisher that waits for room for a long message stops neither one that fits nor a joiner. */
    void waiterHoldsNoLock() {
        MessageQueue queue = open(FIXED);
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 900);
        CompletableFuture<Long> waiting = start(() -> publisher.offer(body(900), soon.multipliedBy(3)));
        Patience.until("it waits", soon, () -> queue.stats().counters().get("fullWaits") > 0);
        Publisher other = open(FIXED).createPublisher();
        assertThat(other.offer(body(8), soon)).isPositive();
        open(FIXED)
                .createSubscriber(SubscriberOptions.builder()
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build());
        assertThat(waiting).as("still waits").isNotDone();
        publisher.close();
        assertThat(waiting).failsWithin(soon);
    }
}
