package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the others do while one stands still, or takes long to die; and what it finds when it goes on. */
@Timeout(900)
@WaitsForOthers
@Slow
class StopTest {
    private static final Duration STOPPED = Duration.ofMillis(Stage.LONG ? 60_000 : 1_500);
    private static final int ROUNDS = Depth.pick(5, 20, 200);
    private static final int LARGE = 60_000;

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    @Tag("F47")
    void f47StoppedSubscriberMakesTheQueueGrowAndThenFullAndLosesNothing() {
        String uri = stage.uri("capacity=16k&maxCapacity=256k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher(
                        PublisherOptions.builder().timeout(STOPPED).build())) {
            ChildJvm reader = stage.start(Traffic.Reader.class, uri, "NOW");
            reader.expect("ready 0");
            Sample sample = new Sample();
            long n = 0;
            while (n < 10) publisher.publish(sample.make(1, ++n, 500));
            reader.ask("upto 10", "at");
            reader.pause();
            while (publisher.offer(sample.make(1, n + 1, 500), Duration.ZERO) != Publisher.REJECTED) n++;
            assertThat(queue.stats().capacity()).isEqualTo(256 << 10);
            assertThat(queue.stats().counters()).containsEntry("grows", 4L);
            long refused = n + 1;
            assertThatThrownBy(() -> publisher.publish(sample.make(1, refused, 500)))
                    .isInstanceOf(QueueFullException.class)
                    .hasMessageContaining("is full (256 KiB): waiting for")
                    .hasMessageContaining("pid " + reader.pid());
            reader.proceed();
            for (int i = 0; i < 1000; i++) publisher.publish(sample.make(1, ++n, 500));
            assertThat(reader.ask("upto " + n, "at")).startsWith(n + " " + n + " ");
        }
    }

    /**
     * Arguments: uri, policy. Reads as one that can be passed and checks all it gets; says
     * "reading", then "passed" when it was and what it says of that is right, and waits to be told
     * to go on.
     */
    static final class Passable implements Role {
        private final Sample sample = new Sample();
        private long position;
        private long lost;
        private boolean passed;
        private SlowSubscriber policy;

        @Override
        public void play(Line line, String... args) throws Exception {
            policy = SlowSubscriber.valueOf(args[1]);
            SubscriberOptions options =
                    SubscriberOptions.builder().slowSubscriber(policy).build();
            try (MessageQueue queue = MessageQueues.open(args[0])) {
                do {
                    passed = false;
                    try (Subscriber subscriber = queue.createSubscriber(options)) {
                        line.say("reading"); // stopped while it joins, a process may hold the gate lock: N5
                        position = subscriber.position();
                        lost = 0;
                        while (!passed) subscriber.poll(view -> see(view, subscriber), 100, Duration.ofMillis(10));
                    } catch (SubscriberDisconnectedException ended) {
                        if (policy != SlowSubscriber.DISCONNECT) throw ended;
                    }
                    line.say("passed");
                } while (line.hear().equals("again"));
            }
        }

        private void see(MessageView view, Subscriber subscriber) {
            sample.check(view.buffer()); // never garbage
            // What one that is disconnected was not given comes after all that it was given.
            long more = policy == SlowSubscriber.DISCONNECT ? 0 : subscriber.lostCount() - lost;
            if (view.position() != position + more + 1)
                throw new AssertionError(view.position() + " after " + position + ", but lost " + more);
            position = view.position();
            lost += more;
            passed |= more > 0;
        }
    }

    @Seeded(48)
    @Tag("F47")
    @Tag("F48")
    void f48StoppedInTheMiddleOfReadingAndOverrunItFindsThatOutAndNeverGarbage(long seed) throws Exception {
        stoppedInTheMiddleOfReading(SlowSubscriber.OVERRUN, seed);
    }

    @Seeded(48)
    @Tag("F47")
    @Tag("F48")
    void f48StoppedInTheMiddleOfReadingAndDisconnectedItFindsThatOutAndNeverGarbage(long seed) throws Exception {
        stoppedInTheMiddleOfReading(SlowSubscriber.DISCONNECT, seed);
    }

    private void stoppedInTheMiddleOfReading(SlowSubscriber policy, long seed) throws Exception {
        String uri = stage.uri("capacity=1m&maxCapacity=1m");
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong published = new AtomicLong();
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            ChildJvm reader = stage.start(Role.HOT, Passable.class, uri, policy.name());
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> publish(publisher, published, over));
            Random random = new Random(seed);
            for (int round = 0; round < ROUNDS; round++) {
                reader.expect("reading");
                LockSupport.parkNanos(20_000_000 + random.nextInt(10_000_000));
                reader.pause();
                long lap = published.get() + 40; // more than the ring holds
                Patience.until("others go on", () -> traffic.isDone() || published.get() > lap);
                reader.proceed();
                reader.expect("passed");
                reader.tell(round + 1 < ROUNDS ? "again" : "exit");
            }
            over.set(true);
            traffic.get(60, TimeUnit.SECONDS);
            reader.awaitEnd();
        }
    }

    private static void publish(Publisher publisher, AtomicLong published, AtomicBoolean over) {
        Sample sample = new Sample();
        while (!over.get()) {
            publisher.publish(sample.make(1, published.get() + 1, LARGE));
            published.incrementAndGet();
            LockSupport.parkNanos(500_000); // so that one that runs keeps up
        }
    }

    /** Arguments: uri. Claims, says "claimed", and stays. */
    static final class Heavy implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher();
                    Claim claim = publisher.claim(100)) {
                line.say("claimed");
                line.hear();
                claim.commit();
            }
        }
    }

    @Test
    @Tag("F5")
    void f5DeathThatTakesTimeIsWaitedForAndThenNobodyWaits() {
        int mebibytes = Depth.pick(256, 1024, 4096);
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            ChildJvm heavy = stage.start(
                    List.of(
                            "-Xms" + mebibytes + "m",
                            "-Xmx" + mebibytes + "m",
                            "-XX:+AlwaysPreTouch",
                            "-XX:+UseSerialGC"),
                    Heavy.class,
                    uri);
            heavy.expect("claimed");
            heavy.killSoon();
            long began = System.nanoTime();
            int refused = 0;
            while (publisher.offer(ByteBuffer.wrap(new byte[] {1}), Duration.ofMillis(1)) == Publisher.REJECTED)
                refused++; // the test's timeout ends it
            System.out.printf(
                    "freed after the death of a claim's holder of %d MiB: %.0f ms, %d timeouts%n",
                    mebibytes, (System.nanoTime() - began) / 1e6, refused);
            assertThat(subscriber.receive(Patience.limit()).bytes()).containsExactly(1);
            assertThat(subscriber.receiveNoWait()).as("of those refused").isNull();
        }
    }
}
