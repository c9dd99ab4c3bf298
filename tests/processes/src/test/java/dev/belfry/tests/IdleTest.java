package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import dev.belfry.testing.Yardstick;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Waiting costs nothing, and ends when something comes, even if whoever should wake died first. */
@Timeout(900)
@WaitsForOthers
@Slow
class IdleTest {
    private static final int MOST_WINDOWS = 60;
    private static final long WINDOW_MILLIS = Stage.LONG ? 20_000 : 2_000;

    /** After ten seconds without a message slices are long. */
    private static final long SETTLE_MILLIS = Stage.LONG ? 40_000 : 10_000;

    private static final String WARM = Stage.LONG ? "1" : "500";

    /**
     * Luck only. Of a core, above a JVM that sleeps: far from the thousandth that {@code CostSuite}
     * and the benchmarks look for, and far from any that polls.
     */
    private static final double MOST_CPU = 0.01;

    /**
     * How often it may fall asleep in a second, above a JVM that sleeps: for each slice of a second
     * once, and some to spare.
     */
    private static final double MOST_SLEEPS = 5;

    /** Luck only. A lost wake-up costs one slice; the rest is for busy machines. */
    private static final Duration SLICE_AND_MORE = Duration.ofSeconds(3);

    @RegisterExtension
    final Stage stage = new Stage();

    private Yardstick yardstick; // null: no time is measured

    /**
     * Waits a few hundred times, after which the compiler has done what it wants to do with
     * waiting; a blocked JVM gets there by itself after half a minute of slices, before which each
     * costs about twice as much. All do the same.
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

    /**
     * Arguments: uri, how many waits to warm up. Looks five hundred times a second instead of
     * sleeping until it is woken.
     */
    static final class Polling implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                warmUp(subscriber, args);
                line.say("settled");
                while (true) if (subscriber.receive(Duration.ofMillis(2)) != null) break;
            }
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

    /**
     * Counts how often it wakes, which no other program on the machine changes: in the best of some
     * windows, as a JVM has threads of its own that come to rest some time. {@link Polling} shows
     * that the count tells.
     */
    @Test
    void shouldNotWakeMoreOftenThanItsSlicesWhenNothingComes() {
        Idling[] least = idling(idle -> idle.sleeps < MOST_SLEEPS);
        assertThat(least[0].sleeps).isLessThan(MOST_SLEEPS);
        assertThat(least[1].sleeps).as("twin").isGreaterThan(MOST_SLEEPS);
    }

    /** What a wake costs is the machine's. */
    @Luck
    @Seeded(36)
    void shouldCostNothingToWaitWhenNothingComes() {
        assertThat(idling(idle -> idle.cores < MOST_CPU)[0].cores).isLessThan(MOST_CPU);
    }

    /**
     * What waiting took above sleeping in the first window that is good enough, or else in the last; and what
     * polling took in it. Where polling hardly shows, the children got no processor, and the window tells nothing.
     */
    private Idling[] idling(Predicate<Idling> enough) {
        String uri = stage.uri("");
        ChildJvm asleep = stage.start(Asleep.class, uri, WARM);
        ChildJvm blocked = stage.start(Blocked.class, uri, WARM);
        ChildJvm polling = stage.start(Polling.class, uri, WARM);
        List.of(asleep, blocked, polling).forEach(child -> child.expect("settled"));
        Patience.pause(SETTLE_MILLIS); // the compiler's and collector's threads come to rest
        Idling waiting = null;
        Idling looking = null;
        boolean tells = false;
        for (int w = 0; w < MOST_WINDOWS && !(tells && enough.test(waiting)); w++) {
            Watch asleepSince = new Watch(asleep);
            Watch blockedSince = new Watch(blocked);
            Watch pollingSince = new Watch(polling);
            Patience.pause(WINDOW_MILLIS);
            Idling nothing = asleepSince.aSecond();
            waiting = blockedSince.aSecond().above(nothing);
            looking = pollingSince.aSecond().above(nothing);
            tells = looking.sleeps > MOST_SLEEPS;
            System.out.println(
                    "more than asleep, in each second: blocked in receive " + waiting + ", polling " + looking);
        }
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("good morning");
            assertThat(blocked.expect("received")).isEqualTo("good morning");
        }
        return new Idling[] {waiting, looking};
    }

    /** What a child did in each second. */
    private record Idling(double sleeps, double cores) {
        Idling above(Idling other) {
            return new Idling(sleeps - other.sleeps, cores - other.cores);
        }

        @Override
        public String toString() {
            return "%.1f sleeps and %.3f %% of a core".formatted(sleeps, 100 * cores);
        }
    }

    private static final class Watch {
        private final ChildJvm child;
        private final long began = System.nanoTime();
        private final Map<String, Long> sleeps;
        private final Map<String, Long> cpuNanos;

        Watch(ChildJvm child) {
            this.child = child;
            sleeps = child.sleeps();
            cpuNanos = child.cpuNanos();
        }

        Idling aSecond() {
            double nanos = System.nanoTime() - began;
            return new Idling(
                    1e9 * ChildJvm.sum(sleeps, child.sleeps()) / nanos,
                    ChildJvm.sum(cpuNanos, child.cpuNanos()) / nanos);
        }
    }

    @Test
    void shouldWakeTheOthersWhenASleepingSubscriberWasKilled() {
        wakesTheOthers();
    }

    @Luck
    @Seeded(7)
    void shouldWakeTheOthersSoonWhenASleepingSubscriberWasKilled() {
        try (Yardstick watch = new Yardstick()) {
            yardstick = watch;
            wakesTheOthers();
        }
    }

    private void beginWatch() {
        if (yardstick != null) yardstick.begin();
    }

    private void requireSoon() {
        if (yardstick != null) assertThat(yardstick.took()).isLessThan(SLICE_AND_MORE);
    }

    private void wakesTheOthers() {
        String uri = stage.uri("");
        List<ChildJvm> all = List.of(
                stage.start(Blocked.class, uri), stage.start(Blocked.class, uri), stage.start(Blocked.class, uri));
        all.forEach(child -> child.expect("settled"));
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("all");
            all.forEach(child -> child.expect("received all"));
            all.get(1).kill();
            for (int i = 0; i < 20; i++) {
                beginWatch();
                publisher.publish("" + i);
                assertThat(all.get(0).expect("received")).isEqualTo("" + i);
                assertThat(all.get(2).expect("received")).isEqualTo("" + i);
                requireSoon();
            }
        }
    }

    /**
     * Arguments: uri. Publishes once each time it is told, from a thread called "teller" that makes
     * no system call in between.
     */
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

    /**
     * strace kills it as it enters the futex call with which the sleeper would be woken: after the
     * commit, before the wake.
     */
    @Test
    void shouldLoseOneSliceWhenThePublisherDiesBetweenCommitAndWake() throws Exception {
        losesOneSlice();
    }

    @Luck
    @Seeded(3)
    void shouldLoseOneSliceOfTheClockWhenThePublisherDiesBetweenCommitAndWake() throws Exception {
        try (Yardstick watch = new Yardstick()) {
            yardstick = watch;
            losesOneSlice();
        }
    }

    private void losesOneSlice() throws Exception {
        assumeTrue(Strace.isMissing() == null, Strace::isMissing);
        int hits = 0;
        for (int round = 0; hits < 3; round++) {
            assertThat(round).as("rounds in which it died elsewhere").isLessThan(60);
            if (diesInTheWake()) hits++;
        }
    }

    /** False: the JVM made a futex call of its own first, or the sleeper was not asleep. */
    private boolean diesInTheWake() throws IOException {
        String uri = stage.uri("");
        ChildJvm sleeper = stage.start(Blocked.class, uri);
        sleeper.expect("settled");
        ChildJvm teller = stage.start(Teller.class, uri);
        teller.expect("ready");
        teller.tell("publish");
        sleeper.expect("received x");
        try (Strace strace = Strace.attach(
                teller.thread("teller"), "-e", "trace=futex", "-e", "inject=futex:signal=SIGKILL:when=1")) {
            beginWatch();
            teller.tell("publish");
            Patience.until("it has published, or is dead", sleeper, () -> sleeper.hasSpoken() || !teller.isAlive());
            try (MessageQueue queue = MessageQueues.open(uri)) {
                if (queue.stats().newestPosition() < 2) return false;
            }
            assertThat(sleeper.expect("received")).isEqualTo("x");
            requireSoon();
            Patience.pause(100);
            if (teller.isAlive()) return false;
            assertThat(strace.output()).contains("futex");
            return true;
        }
    }

    /**
     * The same with the wake left in place, so that the one above is known to measure something. By
     * count: {@code CountersTest}.
     */
    @Luck
    @Seeded(20)
    void shouldWakeAtOnceWhenThePublisherLives() throws IOException {
        String uri = stage.uri("");
        ChildJvm sleeper = stage.start(Blocked.class, uri);
        sleeper.expect("settled");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                Patience.pause(5);
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
