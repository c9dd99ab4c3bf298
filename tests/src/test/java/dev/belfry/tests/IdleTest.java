package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Waiting costs nothing, and ends when something comes, even if whoever should wake died first. */
@Timeout(300)
class IdleTest {
    private static final int WINDOWS = 3;
    private static final long WINDOW_MILLIS = Stage.LONG ? 20_000 : 5_000;
    private static final long SETTLE_MILLIS = Stage.LONG ? 40_000 : 3_000;
    private static final String WARM = Stage.LONG ? "1" : "500";

    /** Of a core, above a JVM that sleeps. */
    private static final double MOST = 0.001;

    /** Where ten wakes a second cost the machine more than that by themselves: of what they cost a JVM that does nothing else. */
    private static final double MOST_OF_PARKING = 1.5;

    /** A lost wake-up costs one slice of 100 ms; the rest is for busy machines. */
    private static final Duration SLICE_AND_MORE = Duration.ofSeconds(3);

    @RegisterExtension
    final Stage stage = new Stage();

    /**
     * Waits a few hundred times, after which the compiler has done what it wants to do with waiting; a blocked JVM gets there by itself after half a minute of
     * slices, before which each costs about twice as much. Both JVMs do the same.
     */
    private static void warmUp(Subscriber subscriber, String... args) {
        int times = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        for (int i = 0; i < times; i++) subscriber.receive(Duration.ofMillis(2));
    }

    /** Arguments: uri, how many waits to warm up. Loads the same classes as {@link Blocked} and sleeps. */
    static final class Asleep implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                warmUp(subscriber, args);
            }
            line.say("settled");
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    /** Arguments: uri, how many waits to warm up. Parks as often as a subscriber wakes to look. */
    static final class Parking implements Role {
        @Override
        public void play(Line line, String... args) {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                warmUp(subscriber, args);
            }
            line.say("settled");
            while (true) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    /** Arguments: uri, how many waits to warm up. Says "settled", then whatever it receives. */
    static final class Blocked implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                warmUp(subscriber, args);
                line.say("settled");
                while (true) line.say("received " + subscriber.receive().text());
            }
        }
    }

    @Test
    void shouldCostNothingToWaitWhenNothingComes() {
        String uri = stage.uri("");
        Child asleep = stage.start(Asleep.class, uri, WARM);
        Child parking = stage.start(Parking.class, uri, WARM);
        Child blocked = stage.start(Blocked.class, uri, WARM);
        asleep.expect("settled");
        parking.expect("settled");
        blocked.expect("settled");
        Stage.pause(SETTLE_MILLIS); // the compiler's and collector's threads come to rest
        double[] ofWhatItMay = new double[WINDOWS];
        for (int w = 0; w < WINDOWS; w++) {
            Map<String, Long> asleepBefore = asleep.cpuNanos();
            Map<String, Long> parkingBefore = parking.cpuNanos();
            Map<String, Long> blockedBefore = blocked.cpuNanos();
            long began = System.nanoTime();
            Stage.pause(WINDOW_MILLIS);
            long asleepCost = asleep.cpuNanosSince(asleepBefore);
            long blockedMore = blocked.cpuNanosSince(blockedBefore) - asleepCost;
            long parkingMore = parking.cpuNanosSince(parkingBefore) - asleepCost;
            double window = System.nanoTime() - began;
            ofWhatItMay[w] = blockedMore / Math.max(MOST * window, MOST_OF_PARKING * parkingMore);
            System.out.printf(
                    "window %d: more than asleep: blocked in receive %.4f, parking %.4f %% of a core%n",
                    w, 100 * blockedMore / window, 100 * parkingMore / window);
        }
        Arrays.sort(ofWhatItMay);
        assertThat(ofWhatItMay[WINDOWS / 2]).isLessThan(1);
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("good morning");
            assertThat(blocked.expect("received")).isEqualTo("good morning");
        }
    }

    @Test
    void shouldWakeTheOthersWhenASleepingSubscriberWasKilled() {
        String uri = stage.uri("");
        List<Child> all = List.of(
                stage.start(Blocked.class, uri), stage.start(Blocked.class, uri), stage.start(Blocked.class, uri));
        all.forEach(child -> child.expect("settled"));
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("all");
            all.forEach(child -> child.expect("received all"));
            all.get(1).kill();
            for (int i = 0; i < 20; i++) {
                publisher.publish("" + i);
                assertThat(all.get(0).expect("received", SLICE_AND_MORE)).isEqualTo("" + i);
                assertThat(all.get(2).expect("received", SLICE_AND_MORE)).isEqualTo("" + i);
            }
        }
    }

    /** Arguments: uri. Publishes once each time it is told, from a thread called "teller" that makes no system call in between. */
    static final class Teller implements Role {
        private volatile int told;

        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                ByteBuffer body = ByteBuffer.wrap(new byte[] {'x'});
                Thread teller = new Thread(
                        () -> {
                            for (int i = 1; ; i++) {
                                while (told < i) Thread.onSpinWait();
                                publisher.publish(body.clear());
                            }
                        },
                        "teller");
                teller.setDaemon(true);
                teller.start();
                line.say("ready");
                while (true) {
                    line.hear();
                    told++;
                }
            }
        }
    }

    /** strace kills it as it enters the futex call with which the sleeper would be woken: after the commit, before the wake. */
    @Test
    void shouldLoseOneSliceWhenThePublisherDiesBetweenCommitAndWake() throws Exception {
        assumeTrue(Strace.isMissing() == null, Strace::isMissing);
        int hits = 0;
        for (int round = 0; hits < 3; round++) {
            assertThat(round).as("rounds in which it died elsewhere").isLessThan(20);
            if (diesInTheWake()) hits++;
        }
    }

    /** False: the JVM made a futex call of its own first, or the sleeper was not asleep. */
    private boolean diesInTheWake() throws IOException {
        String uri = stage.uri("");
        Child sleeper = stage.start(Blocked.class, uri);
        sleeper.expect("settled");
        Child teller = stage.start(Teller.class, uri);
        teller.expect("ready");
        teller.tell("publish");
        sleeper.expect("received x");
        try (Strace strace = Strace.attach(
                teller.thread("teller"), "-e", "trace=futex", "-e", "inject=futex:signal=SIGKILL:when=1")) {
            teller.tell("publish");
            long began = System.nanoTime();
            Stage.until("it has published, or is dead", () -> sleeper.hasSpoken() || !teller.isAlive());
            try (MessageQueue queue = MessageQueues.open(uri)) {
                if (queue.stats().newestPosition() < 2) return false;
            }
            assertThat(sleeper.expect("received", SLICE_AND_MORE)).isEqualTo("x");
            long nanos = System.nanoTime() - began;
            Stage.pause(100);
            if (teller.isAlive()) return false;
            assertThat(strace.output()).contains("futex");
            System.out.printf("received %.0f ms after a publish that was killed before its wake%n", nanos / 1e6);
            return true;
        }
    }

    /** The same with the wake left in place, so that the one above is known to measure something. */
    @Test
    void shouldWakeAtOnceWhenThePublisherLives() throws IOException {
        String uri = stage.uri("");
        Child sleeper = stage.start(Blocked.class, uri);
        sleeper.expect("settled");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                Stage.pause(5);
                long began = System.nanoTime();
                publisher.publish("x");
                sleeper.expect("received x");
                least = Math.min(least, System.nanoTime() - began);
            }
            System.out.printf("woken, at best, after %.2f ms%n", least / 1e6);
            assertThat(least).isLessThan(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
