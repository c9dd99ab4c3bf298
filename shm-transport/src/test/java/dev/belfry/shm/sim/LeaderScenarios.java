package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.Disk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Segment;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Those that bring the log of a queue into its files, and those that wait for that. */
final class LeaderScenarios {
    private static final int GATE = 520;
    private static final int DURABLE = 2688;
    private static final int DURABLE_POS = 2704;
    private static final int WRITTEN = 2712;
    private static final int WRITTEN_POS = 2720;
    private static final int FILE = 8192;
    private static final int MOST = 32768;

    /** Five of these are more than a lap. */
    private static final int LARGE = 1000;

    private static final int LAP = 5;

    private LeaderScenarios() {}

    /** A process that raises nothing, and lets nothing go, before the disk has it. */
    static final class Process extends Sim.Process {
        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            super.store(words, at, size, value, release);
            if (at != GATE || words.isRing() || !scheduler.isActing()) return;
            if (libC.isCovered(words.address(0))) return; // nobody sees this gate
            assertThat(value).as("the gate").isLessThanOrEqualTo(copied(words));
        }

        private long copied(Words words) {
            return words.read(disk.always ? DURABLE : WRITTEN, 8);
        }

        @Override
        protected boolean swap(Words words, long at, int size, long expected, long value) {
            boolean done = super.swap(words, at, size, expected, value);
            if (done && !words.isRing() && scheduler.isActing()) check(at, expected, value);
            return done;
        }

        private void check(long at, long before, long value) {
            if (at == DURABLE) assertThat(value).as("durable").isBetween(before, disk.survivesUpTo());
            if (at == DURABLE_POS) assertThat(value).as("the durable message").isBetween(before, disk.survives());
            if (at == WRITTEN) assertThat(value).as("written").isBetween(before, disk.liesUpTo());
            if (at == WRITTEN_POS) assertThat(value).as("the written message").isBetween(before, disk.lies());
        }
    }

    private static Consumer<Sim> onDisk(boolean always, Consumer<Sim> prepare) {
        return sim -> {
            sim.onDisk(new Disk(always, FILE, MOST));
            prepare.accept(sim);
        };
    }

    private static Sim.Scenario always(String name, Function<Sim, List<Runnable>> actors, Consumer<Sim> check) {
        return scenario(name, SMALL, 2, onDisk(true, ScenarioParts::some), actors, check);
    }

    /** When it returns, the disk has it. */
    private static void publish(Sim sim, Publisher by, int number, int length) {
        long position = sim.publish(by, number, length);
        assertThat(sim.disk().survives()).as("published").isGreaterThanOrEqualTo(position);
    }

    private static Runnable publishing(Sim sim, Publisher by, int first, int count, int length) {
        return () -> {
            for (int i = 0; i < count; i++) publish(sim, by, first + i, length);
        };
    }

    private static Runnable receiving(Sim sim, Subscriber subscriber, int count) {
        return () -> {
            for (int i = 0; i < count; i++) {
                long position = sim.check(subscriber.receive());
                assertThat(sim.disk().survives()).as("received").isGreaterThanOrEqualTo(position);
            }
        };
    }

    /** Whatever was written is the log, and the next publish brings all of it to the disk. */
    private static void isDurable(Sim sim) {
        isTheLog(sim);
        goesOn(sim);
        isTheLog(sim);
        MessageQueue queue = sim.open(4);
        long newest = handle(queue).segment.header.countAcquire();
        assertThat(Sim.publisher(queue).awaitDurable(newest, Duration.ofDays(1)))
                .isTrue();
        assertThat(sim.disk().survives()).as("at the end all is durable").isEqualTo(newest);
    }

    private static void isTheLog(Sim sim) {
        Disk disk = sim.disk();
        assertThat(disk.broken).isEmpty();
        assertThat(disk.liesUpTo()).as("what was written is the log").isEqualTo(disk.writtenUpTo());
        long published = sim.published.values().stream()
                .flatMapToLong(LongStream::of)
                .max()
                .orElse(0);
        assertThat(disk.lies()).as("written").isGreaterThanOrEqualTo(published);
    }

    /** Two lead or wait for the other one, and a reader waits for either. */
    static Sim.Scenario publishers() {
        return always(
                "two publishers to files against a reader",
                sim -> {
                    Publisher first = publisher(sim, 0);
                    Publisher second = publisher(sim, 1);
                    Subscriber subscriber = subscriber(sim, 2);
                    sim.noted.put("subscriber", subscriber);
                    sim.readersAreWoken(2);
                    return List.of(
                            publishing(sim, first, 100, 1, 64),
                            publishing(sim, second, 101, 1, 64),
                            receiving(sim, subscriber, 1));
                },
                LeaderScenarios::isDurable);
    }

    /** What the first one is to copy is passed by the gate, and written over, while it stands still. */
    static Sim.Scenario laps() {
        return always(
                "a leader against a lap",
                sim -> {
                    Publisher first = publisher(sim, 0);
                    Publisher second = publisher(sim, 1);
                    return List.of(publishing(sim, first, 100, 1, 64), publishing(sim, second, 101, LAP, LARGE));
                },
                LeaderScenarios::isDurable);
    }

    /** Several threads of one process, of which one leads at a time, and another process. */
    static Sim.Scenario threads() {
        return always(
                        "threads that lead",
                        sim -> {
                            MessageQueue queue = sim.open(0);
                            Publisher first = Sim.publisher(queue);
                            Publisher second = Sim.publisher(queue);
                            Publisher third = publisher(sim, 1);
                            return List.of(
                                    publishing(sim, first, 100, 1, 64),
                                    publishing(sim, second, 101, 1, 64),
                                    publishing(sim, third, 102, 1, 64));
                        },
                        LeaderScenarios::isDurable)
                .ofThreads();
    }

    /** Its memory is covered while a thread of it leads, and another process goes on for a lap. */
    static Sim.Scenario close() {
        return close("a leader whose queue is covered", queue -> Leaving.leave(handle(queue)));
    }

    /** The same by the whole close, which waits for the disk. */
    static Sim.Scenario wholeClose() {
        return close("a leader whose queue is closed", MessageQueue::close);
    }

    private static Sim.Scenario close(String name, Consumer<MessageQueue> closes) {
        return always(
                        name,
                        sim -> {
                            MessageQueue closing = sim.open(0);
                            // They map the ring, which a cover excludes, so that no thread waits for another's step.
                            Segment segment = handle(closing).segment;
                            LogPlace.oldest(segment.header, segment.readable);
                            LogPlace.oldest(segment.header, segment.writable);
                            Publisher publisher = Sim.publisher(closing);
                            Publisher second = publisher(sim, 1);
                            return List.of(
                                    () -> {
                                        try {
                                            publish(sim, publisher, 100, 64);
                                        } catch (QueueClosedException | QueueCorruptedException notKnown) {
                                            sim.noted.put("not known", notKnown);
                                        }
                                    },
                                    () -> closes.accept(closing),
                                    publishing(sim, second, 101, LAP, LARGE));
                        },
                        LeaderScenarios::isDurable)
                .patient()
                .ofThreads();
    }

    /** One sync fails, and one process is told. */
    static Sim.Scenario eio() {
        return always(
                "two publishers against a failing sync",
                sim -> {
                    sim.disk().fails = 1;
                    Publisher first = publisher(sim, 0);
                    Publisher second = publisher(sim, 1);
                    sim.noted.put("queue", sim.open(2));
                    return List.of(untilItFails(sim, first, 100), untilItFails(sim, second, 110));
                },
                sim -> {
                    MessageQueue there = (MessageQueue) sim.noted.remove("queue");
                    boolean failed = handle(there).segment.journal.hasFailed();
                    if (!sim.died(0)) assertThat(failed).as("all are told").isTrue();
                    if (failed) isTheLog(sim);
                    else isDurable(sim);
                    long kept = sim.disk().survives();
                    sim.published.values().forEach(position -> assertThat(position)
                            .isLessThanOrEqualTo(kept));
                });
    }

    private static Runnable untilItFails(Sim sim, Publisher by, int first) {
        return () -> {
            try {
                for (int i = 0; i < 2; i++) publish(sim, by, first + i, 64);
            } catch (JournalFailedException told) {
                sim.noted.put("told " + first, told);
            }
        };
    }

    /** Files cannot be opened for a moment: it rests, and tries again. */
    static Sim.Scenario refused() {
        return always(
                "two publishers against a refusal",
                sim -> {
                    sim.disk().refusals = 1;
                    Publisher first = publisher(sim, 0);
                    Publisher second = publisher(sim, 1);
                    return List.of(publishing(sim, first, 100, 1, 64), publishing(sim, second, 101, 1, 64));
                },
                LeaderScenarios::isDurable);
    }

    /** Where publishers do not wait for the disk one that finds no room leads; another one syncs meanwhile. */
    static Sim.Scenario nowAndThen() {
        return scenario(
                "laps against a flush",
                SMALL,
                2,
                onDisk(false, ScenarioParts::some),
                sim -> {
                    Publisher first = publisher(sim, 0);
                    Publisher second = publisher(sim, 1);
                    Publisher third = publisher(sim, 2);
                    return List.of(
                            () -> {
                                assertThat(first.awaitDurable(3, Duration.ofDays(1)))
                                        .isTrue();
                                assertThat(sim.disk().survives()).isGreaterThanOrEqualTo(3);
                            },
                            () -> ScenarioParts.publish(sim, second, 101, LAP, LARGE),
                            () -> {
                                long position = sim.publish(third, 110, 64);
                                assertThat(third.awaitDurable(position, Duration.ofDays(1)))
                                        .isTrue();
                                assertThat(sim.disk().survives()).isGreaterThanOrEqualTo(position);
                            });
                },
                sim -> {
                    assertThat(sim.disk().broken).isEmpty();
                    assertThat(sim.disk().liesUpTo()).isEqualTo(sim.disk().writtenUpTo());
                    goesOn(sim);
                    MessageQueue queue = sim.open(4);
                    long newest = handle(queue).segment.header.countAcquire();
                    assertThat(Sim.publisher(queue).awaitDurable(newest, Duration.ofDays(1)))
                            .isTrue();
                    assertThat(sim.disk().survives()).isEqualTo(newest);
                    assertThat(sim.disk().broken).isEmpty();
                });
    }

    static List<Sim.Scenario> all() {
        return List.of(
                publishers().withoutSlices(),
                publishers().mortal(),
                publishers().slow(),
                publishers().stopping(),
                laps().stopping(),
                laps().mortal(),
                laps().slow(),
                threads().withoutSlices(),
                threads().stopping(),
                close().stopping(),
                wholeClose().stopping(),
                eio(),
                eio().mortal(),
                eio().stopping(),
                refused(),
                refused().mortal(),
                nowAndThen(),
                nowAndThen().mortal(),
                nowAndThen().stopping());
    }

    static Sim.Scenario named(String name) {
        return all().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }
}
