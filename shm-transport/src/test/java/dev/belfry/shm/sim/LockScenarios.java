package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import java.util.List;

/** Publishers that take the publish lock from each other. */
final class LockScenarios {
    private LockScenarios() {}

    static Sim.Scenario publishers() {
        return scenario(
                "publish against publish",
                SMALL,
                3,
                ScenarioParts::some,
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

    /** The first is favoured from its second message on, until the other one asks. */
    static Sim.Scenario favoured() {
        return scenario(
                "publish against the favoured",
                SMALL,
                3,
                ScenarioParts::some,
                sim -> {
                    sim.favour();
                    Publisher first = Sim.publisher(sim.open(0));
                    Publisher second = Sim.publisher(sim.open(1));
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++) sim.publish(first, 100 + i, 64);
                            },
                            () -> sim.publish(second, 200, 64));
                },
                sim -> {
                    goesOn(sim);
                    if (!sim.died(0)) assertThat(sim.published).hasSize(4);
                });
    }

    static Sim.Scenario favouredInTurn() {
        return scenario(
                "favoured in turn",
                SMALL,
                2,
                ScenarioParts::some,
                sim -> {
                    sim.favour();
                    Publisher first = Sim.publisher(sim.open(0));
                    Publisher second = Sim.publisher(sim.open(1));
                    Publisher third = Sim.publisher(sim.open(2));
                    return List.of(
                            () -> {
                                sim.publish(first, 100, 64);
                                sim.publish(first, 101, 64);
                            },
                            () -> {
                                sim.publish(second, 200, 64);
                                sim.publish(second, 201, 64);
                            },
                            () -> sim.publish(third, 300, 64));
                },
                ScenarioParts::goesOn);
    }

    /** A process that takes the lock over from a dead one meets one that unlocks and one that waits. */
    static Sim.Scenario threePublishers() {
        return scenario(
                "publish against two publishers",
                SMALL,
                2,
                ScenarioParts::some,
                sim -> {
                    Publisher first = Sim.publisher(sim.open(0));
                    Publisher second = Sim.publisher(sim.open(1));
                    Publisher third = Sim.publisher(sim.open(2));
                    return List.of(
                            () -> sim.publish(first, 100, 64),
                            () -> sim.publish(second, 101, 64),
                            () -> sim.publish(third, 102, 64));
                },
                ScenarioParts::goesOn);
    }

    /**
     * All at once: two publish into a full ring, one of whom must move the gate; one joins; the
     * reader that holds the gate reads, and leaves.
     */
    static Sim.Scenario four() {
        return scenario(
                "two publishers against join against leave",
                SMALL,
                2,
                ScenarioParts::empty,
                sim -> {
                    Publisher first = Sim.publisher(sim.open(0));
                    Publisher second = Sim.publisher(sim.open(1));
                    MessageQueue joining = sim.open(2);
                    Subscriber leaving =
                            sim.open(3).createSubscriber(Sim.options().build());
                    for (int i = 1; i <= 12; i++) sim.publish(first, i, 304);
                    return List.of(
                            () -> sim.publish(first, 100, 304),
                            () -> sim.publish(second, 101, 304),
                            () -> {
                                Subscriber joined = joining.createSubscriber(Sim.options()
                                        .startAt(StartAt.OLDEST_RETAINED)
                                        .build());
                                sim.readAll(joined); // it holds the gate until it reads
                                sim.noted.put("subscriber", joined);
                            },
                            () -> {
                                assertThat(sim.check(leaving.receive())).isEqualTo(1);
                                leaving.close();
                            });
                },
                ScenarioParts::goesOn);
    }

    /** Each of them may be favoured, and is asked by the other one of the same handle. */
    static Sim.Scenario threadsOfOnePublisher() {
        return scenario(
                        "publish against publish of another thread",
                        SMALL,
                        3,
                        ScenarioParts::some,
                        sim -> {
                            sim.favour();
                            Publisher both = Sim.publisher(sim.open(0));
                            return List.of(
                                    () -> {
                                        for (int i = 0; i < 3; i++) sim.publish(both, 100 + i, 64);
                                    },
                                    () -> sim.publish(both, 200, 64));
                        },
                        sim -> {
                            goesOn(sim);
                            assertThat(sim.published).hasSize(4);
                        })
                .ofThreads();
    }
}
