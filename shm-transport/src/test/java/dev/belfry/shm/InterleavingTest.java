package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Who makes the next step is decided here, at each step: all schedules of small scenarios with few pre-emptions, random ones with many. What runs is the product, on a
 * {@link FakeKernel}. Sequentially consistent only: see {@link Scheduler}.
 */
class InterleavingTest {
    private static final boolean LONG = Boolean.getBoolean("belfry.long");
    private static final int MOST = LONG ? 1_000_000 : 6_000;
    private static final int RANDOM = LONG ? 100_000 : 1_500;
    private static final long SEED = 20260711;
    private static final QueueConfig SMALL = config(4096, null);
    private static final QueueConfig GROWING = config(16384, null);
    private static final QueueConfig IMPATIENT = config(4096, Duration.ofNanos(1));
    private static Quiet quiet;
    private static long total;

    @BeforeAll
    static void silence() {
        quiet = new Quiet();
    }

    @AfterAll
    static void speak() {
        quiet.close();
        System.out.printf("schedules in all: %d%n", total);
    }

    private static QueueConfig config(long maxCapacity, Duration maxGateTime) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(maxCapacity)
                .maxGateTime(maxGateTime)
                .build();
    }

    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesInEverySchedule() {
        return all().stream()
                .map(s -> DynamicTest.dynamicTest(s.name(), () -> {
                    try (Sim sim = new Sim(s, p -> new Sim.Process())) {
                        int tried = 0;
                        int preemptions = -1;
                        while (tried < MOST && preemptions < s.preemptions()) tried = sim.explore(++preemptions, MOST);
                        int random = sim.exploreRandomly(SEED, RANDOM);
                        total += tried + random;
                        boolean cut = tried == MOST;
                        System.out.printf(
                                "%-55s %7d schedules: all with %d pre-emptions%s, %d random from seed %d%n",
                                s.name(),
                                tried,
                                cut ? preemptions - 1 : preemptions,
                                cut ? ", then some with " + preemptions : "",
                                random,
                                SEED);
                    }
                }));
    }

    // What scenarios begin with

    private static void empty(Sim sim) {
        sim.preparing();
    }

    private static void some(Sim sim) {
        Publisher publisher = Sim.publisher(sim.preparing());
        for (int i = 1; i <= 3; i++) sim.publish(publisher, i, 200);
    }

    /** A lap later: old words lie everywhere, nobody holds the gate, and the next message must move it. */
    private static void lapped(Sim sim) {
        ShmQueue queue = sim.preparing();
        Publisher publisher = Sim.publisher(queue);
        for (int i = 1; i < 30 || Sim.fits(queue, 304); i++) sim.publish(publisher, i, 304);
    }

    private static Sim.Scenario scenario(
            String name,
            QueueConfig config,
            int preemptions,
            Consumer<Sim> prepare,
            Function<Sim, List<Runnable>> actors,
            Consumer<Sim> check) {
        return new Sim.Scenario(name, config, preemptions, prepare, actors, check, -1, Scheduler.Slices.END);
    }

    private static Sim.Scenario mortal(Sim.Scenario s) {
        return new Sim.Scenario(
                s.name() + ", who may die",
                s.config(),
                s.preemptions(),
                s.prepare(),
                s.actors(),
                s.check(),
                0,
                Scheduler.Slices.END);
    }

    private static Sim.Scenario withoutSlices(Sim.Scenario s) {
        return new Sim.Scenario(
                s.name() + ", without slices",
                s.config(),
                s.preemptions(),
                s.prepare(),
                s.actors(),
                s.check(),
                -1,
                Scheduler.Slices.FAIL);
    }

    private static Sim.Scenario slow(Sim.Scenario s) {
        return new Sim.Scenario(
                s.name() + ", who may be slow",
                s.config(),
                s.preemptions(),
                s.prepare(),
                s.actors(),
                s.check(),
                s.mortal(),
                Scheduler.Slices.END_EARLY);
    }

    /** Nobody waits in real time: a close waits five seconds for a publish, see {@link CloseInTheMiddleTest}. */
    private static Sim.Scenario patient(Sim.Scenario s) {
        return new Sim.Scenario(
                s.name(),
                s.config(),
                s.preemptions(),
                s.prepare(),
                s.actors(),
                s.check(),
                -1,
                Scheduler.Slices.PATIENT);
    }

    /** Whatever happened: somebody new publishes, and reads all that is retained; who was there goes on. */
    private static void goesOn(Sim sim) {
        ShmQueue queue = sim.open(5);
        Subscriber there = (Subscriber) sim.noted.get("subscriber");
        if (there != null) sim.readAll(there);
        sim.publishMore(queue, 900);
        Subscriber oldest = queue.createSubscriber(
                Sim.options().startAt(StartAt.OLDEST_RETAINED).build());
        long last = sim.readAll(oldest);
        assertThat(last).isEqualTo(queue.handle().segment.header.countAcquire());
        if (there != null)
            assertThat(sim.readAll(there)).as("who joined reads to the end").isEqualTo(last);
    }

    static List<Sim.Scenario> all() {
        List<Sim.Scenario> all = new ArrayList<>();
        for (StartAt start : List.of(StartAt.NOW, StartAt.OLDEST_RETAINED)) {
            all.add(join("publish against join " + start, start, InterleavingTest::some));
            all.add(mortal(join("publish against join " + start, start, InterleavingTest::some)));
            all.add(join("gate move against join " + start, start, InterleavingTest::lapped));
        }
        all.add(mortal(
                join("gate move against join OLDEST_RETAINED", StartAt.OLDEST_RETAINED, InterleavingTest::lapped)));
        all.add(withoutSlices(sleep()));
        all.add(withoutSlices(sleepOfThree()));
        all.add(mortal(sleepOfThree()));
        all.add(grow());
        all.add(mortal(grow()));
        all.add(overrun());
        all.add(withoutSlices(publishers()));
        all.add(mortal(publishers()));
        all.add(slow(publishers()));
        all.add(slow(mortal(publishers())));
        all.add(evict(IMPATIENT, SlowSubscriber.GATE_PUBLISHER, "maxGateTime"));
        all.add(evict(SMALL, SlowSubscriber.DISCONNECT, "DISCONNECT"));
        all.add(close());
        all.add(withoutSlices(await()));
        all.add(withoutSlices(room()));
        all.add(mortal(room()));
        all.add(withoutSlices(leave()));
        all.add(reattach());
        return all;
    }

    static Sim.Scenario named(String name) {
        return all().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }

    private static Sim.Scenario join(String name, StartAt start, Consumer<Sim> prepare) {
        return scenario(
                name,
                SMALL,
                3,
                prepare,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    ShmQueue joiner = sim.open(1);
                    return List.of(
                            () -> {
                                sim.publish(publisher, 100, 304);
                                sim.publish(publisher, 101, 304);
                            },
                            () -> {
                                Subscriber subscriber = joiner.createSubscriber(
                                        Sim.options().startAt(start).build());
                                sim.noted.put("subscriber", subscriber);
                                for (int i = 0; start != StartAt.NOW && i < 4; i++) {
                                    Message m = subscriber.receive(Duration.ZERO); // it holds the gate until it reads
                                    if (m != null) sim.check(m);
                                }
                            });
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario sleep() {
        return scenario(
                "sleep against publish",
                SMALL,
                3,
                InterleavingTest::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    return List.of(
                            () -> sim.publish(publisher, 100, 64),
                            () -> assertThat(sim.check(subscriber.receive())).isEqualTo(1));
                },
                InterleavingTest::goesOn);
    }

    /** Two publish, one of them may die; who sleeps gets a message all the same. */
    private static Sim.Scenario sleepOfThree() {
        return scenario(
                "sleep against two publishers",
                SMALL,
                3,
                InterleavingTest::empty,
                sim -> {
                    Publisher first = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    Publisher second = Sim.publisher(sim.open(2));
                    return List.of(
                            () -> sim.publish(first, 100, 64),
                            () -> assertThat(sim.check(subscriber.receive())).isEqualTo(1),
                            () -> sim.publish(second, 101, 64));
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario grow() {
        return scenario(
                "grow against hop",
                GROWING,
                3,
                InterleavingTest::some,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber = sim.open(1)
                            .createSubscriber(Sim.options()
                                    .startAt(StartAt.OLDEST_RETAINED)
                                    .build());
                    sim.noted.put("subscriber", subscriber);
                    return List.of(
                            () -> {
                                sim.publish(publisher, 100, 4096);
                                sim.publish(publisher, 101, 64);
                            },
                            () -> {
                                for (int i = 0; i < 4; i++) {
                                    Message m = subscriber.receive(Duration.ZERO);
                                    if (m != null) sim.check(m);
                                }
                            });
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario overrun() {
        return scenario(
                "overrun against copy",
                SMALL,
                3,
                InterleavingTest::lapped,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber observer =
                            sim.open(1).createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED));
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++) sim.publish(publisher, 100 + i, 304);
                            },
                            () -> {
                                long last = 0;
                                for (int i = 0; i < 2; i++) {
                                    Message m = observer.receive(Duration.ZERO);
                                    if (m != null) assertThat(sim.check(m)).isGreaterThan(last);
                                    if (m != null) last = m.position();
                                }
                            });
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario publishers() {
        return scenario(
                "publish against publish",
                SMALL,
                3,
                InterleavingTest::some,
                sim -> {
                    Publisher first = Sim.publisher(sim.open(0));
                    Publisher second = Sim.publisher(sim.open(1));
                    return List.of(() -> sim.publish(first, 100, 64), () -> sim.publish(second, 101, 64));
                },
                sim -> {
                    goesOn(sim);
                    if (!sim.died(0)) assertThat(sim.published).hasSize(2);
                });
    }

    private static Sim.Scenario evict(QueueConfig config, SlowSubscriber policy, String name) {
        return scenario(
                "evict by " + name + " against resume",
                config,
                3,
                InterleavingTest::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber slow = sim.open(1)
                            .createSubscriber(Sim.options()
                                    .slowSubscriber(policy)
                                    .ackMode(AckMode.CLIENT)
                                    .build());
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++) sim.publish(publisher, 100 + i, 304);
                            },
                            () -> {
                                try {
                                    for (int i = 1; i <= 3; i++) {
                                        Message m = slow.receive(Duration.ZERO);
                                        assertThat(sim.check(m)).isEqualTo(i);
                                    }
                                    slow.acknowledge();
                                } catch (SubscriberDisconnectedException told) {
                                    sim.noted.put("told", told);
                                }
                            });
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario close() {
        return patient(scenario(
                "close against publish",
                SMALL,
                3,
                InterleavingTest::some,
                sim -> {
                    ShmQueue closing = sim.open(0);
                    Publisher publisher = closing.createPublisher();
                    Subscriber watcher =
                            sim.open(1).createSubscriber(Sim.options().build());
                    sim.noted.put("subscriber", watcher);
                    return List.of(
                            () -> {
                                try {
                                    sim.publish(publisher, 100, 64);
                                } catch (QueueClosedException refused) {
                                    sim.noted.put("refused", refused);
                                    sim.begun.remove(100);
                                } catch (dev.belfry.api.QueueCorruptedException unknown) {
                                    // the one that leaves it open
                                }
                            },
                            closing::close);
                },
                InterleavingTest::goesOn));
    }

    private static Sim.Scenario await() {
        return scenario(
                "await against acknowledge",
                SMALL,
                3,
                InterleavingTest::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    long position = sim.publish(publisher, 100, 64);
                    return List.of(
                            () -> assertThat(publisher.awaitAcknowledged(position, 1, Duration.ofDays(1)))
                                    .isTrue(),
                            () -> assertThat(sim.check(subscriber.receive())).isEqualTo(position));
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario room() {
        return scenario(
                "wait for room against acknowledge",
                SMALL,
                3,
                InterleavingTest::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    sim.noted.put("subscriber", subscriber);
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    return List.of(
                            () -> sim.publish(publisher, 100, 304),
                            () -> assertThat(sim.check(subscriber.receive())).isEqualTo(1));
                },
                InterleavingTest::goesOn);
    }

    private static Sim.Scenario leave() {
        return scenario(
                "wait for room against leave",
                SMALL,
                3,
                InterleavingTest::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    return List.of(() -> sim.publish(publisher, 100, 304), subscriber::close);
                },
                InterleavingTest::goesOn);
    }

    private static void detached(Sim sim) {
        ShmQueue queue = sim.preparing();
        queue.createSubscriber(audit()).close();
        Publisher publisher = Sim.publisher(queue);
        for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
    }

    private static SubscriberOptions audit() {
        return Sim.options()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .slowSubscriber(SlowSubscriber.DISCONNECT)
                .build();
    }

    /** It is passed before, while or after it attaches: and is told so, or reads on. */
    private static Sim.Scenario reattach() {
        return scenario(
                "gate move against re-attach",
                SMALL,
                3,
                InterleavingTest::detached,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    ShmQueue queue = sim.open(1);
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++) sim.publish(publisher, 100 + i, 304);
                            },
                            () -> {
                                try {
                                    Subscriber audit = queue.createSubscriber(audit());
                                    for (int i = 1; i <= 3; i++)
                                        assertThat(sim.check(audit.receive(Duration.ZERO)))
                                                .isEqualTo(i);
                                    audit.acknowledge();
                                } catch (SubscriberDisconnectedException told) {
                                    sim.noted.put("told", told);
                                }
                            });
                },
                InterleavingTest::goesOn);
    }
}
