package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.leader;
import static dev.belfry.shm.sim.ScenarioParts.LONG;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.publish;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Disk;
import dev.belfry.shm.journal.Inside;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The floor of a queue whose history is on the disk is raised, and its files go, while others come to it or read. */
final class FloorScenarios {
    private static final int FILE = 1024;
    private static final int MOST = 32768;

    /** More than two laps: the gate has passed the first files, and nobody needs them. */
    private static final int MESSAGES = 28;

    private FloorScenarios() {}

    private static Sim.Scenario history(String name, int files, Function<Sim, List<Runnable>> actors) {
        return scenario(
                name,
                SMALL,
                2,
                sim -> {
                    Disk disk = new Disk(true, FILE, MOST).withHistory();
                    sim.onDisk(disk);
                    publish(sim, Sim.publisher(sim.preparing()), 1, MESSAGES, LONG);
                    if (files > 0) disk.isFullWith(files * FILE);
                },
                actors,
                FloorScenarios::isThere);
    }

    private static Runnable raises(Sim sim, int process) {
        MessageQueue queue = sim.open(process);
        return () -> Inside.raise(handle(queue), leader(queue));
    }

    /** All from the oldest on, and who is there reads to the end. */
    private static void isThere(Sim sim) {
        assertThat(sim.disk().broken).isEmpty();
        goesOn(sim);
        assertThat(sim.disk().broken).isEmpty();
    }

    /** Its place is the oldest, and the floor stays there from then on. */
    static Sim.Scenario join() {
        return history("raise against join", 0, sim -> {
            MessageQueue joining = sim.open(1);
            return List.of(raises(sim, 0), () -> {
                Subscriber joined = joining.createSubscriber(
                        Sim.options().startAt(StartAt.OLDEST_RETAINED).build());
                sim.noted.put("subscriber", joined);
                readsOn(sim, joined);
            });
        });
    }

    private static void readsOn(Sim sim, Subscriber subscriber) {
        long next = subscriber.position() + 1;
        for (int i = 0; i < 2; i++)
            assertThat(sim.check(subscriber.receive(Duration.ZERO))).isEqualTo(next++);
    }

    /** The same by one that is there: it finds a position without the lock, if that is not gone by then. */
    static Sim.Scenario seek() {
        return history("raise against seek", 0, sim -> {
            Subscriber subscriber = subscriber(sim, 1);
            sim.noted.put("subscriber", subscriber);
            return List.of(raises(sim, 0), () -> {
                seekBack(subscriber);
                readsOn(sim, subscriber);
            });
        });
    }

    /** Two attach to the same subscription below the ring: each goes on where the one before it has ended. */
    static Sim.Scenario attach() {
        return history("attach against attach below the gate", 0, sim -> {
            SubscriberOptions named =
                    Sim.options().name("n").startAt(StartAt.OLDEST_RETAINED).build();
            MessageQueue first = sim.open(0);
            MessageQueue second = sim.open(1);
            first.createSubscriber(named).close();
            Set<Long> read = new HashSet<>();
            return List.of(readsOne(first, named, read), readsOne(second, named, read));
        });
    }

    private static Runnable readsOne(MessageQueue queue, SubscriberOptions named, Set<Long> read) {
        return () -> {
            try (Subscriber attached = queue.createSubscriber(named)) {
                assertThat(read.add(attached.receive(Duration.ZERO).position())).isTrue();
            } catch (InUseException theOther) {
                // one at a time
            }
        };
    }

    private static void seekBack(Subscriber subscriber) {
        try {
            subscriber.seek(StartAt.at(2));
        } catch (IllegalArgumentException gone) {
            subscriber.seek(StartAt.OLDEST_RETAINED);
        }
    }

    /** One that holds no publisher up reads in files that go: it is told of each message that it does not get. */
    static Sim.Scenario read() {
        return history("raise against a reader below the gate", 0, sim -> {
            MessageQueue queue = sim.open(0);
            Subscriber observer = sim.open(1).createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED));
            return List.of(
                    () -> {
                        for (int i = 0; i < 2; i++) Inside.giveWay(handle(queue), leader(queue));
                    },
                    () -> {
                        for (long read = 1; read <= MESSAGES; read++) {
                            Message message = observer.receive(Duration.ZERO);
                            if (message == null) break;
                            assertThat(sim.check(message)).isEqualTo(read + observer.lostCount());
                        }
                        assertThat(observer.position()).isEqualTo(MESSAGES);
                    });
        });
    }

    /** The directory is full, and a dead reader needs all of it. */
    static Sim.Scenario reclaim() {
        return history("publish into a full directory against join", MESSAGES * LONG / FILE + 2, sim -> {
            Publisher publisher = publisher(sim, 0);
            MessageQueue joining = sim.open(1);
            sim.open(4)
                    .createSubscriber(
                            Sim.options().startAt(StartAt.OLDEST_RETAINED).build());
            sim.kill(4);
            return List.of(() -> publish(sim, publisher, 100, 8, LONG), () -> {
                Subscriber joined = joining.createSubscriber(Sim.options().build());
                sim.noted.put("subscriber", joined);
                while (joined.receive(Duration.ZERO) != null) {}
            });
        });
    }

    static List<Sim.Scenario> all() {
        return List.of(attach(), join(), join().mortal(), seek(), seek().mortal(), read(), read().mortal(), reclaim());
    }

    static Sim.Scenario named(String name) {
        return all().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }
}
