package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.ScenarioParts.LONG;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.publish;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Publishers that take the publish lock from each other. */
final class LockScenarios {
    private LockScenarios() {}

    /**
     * A process each, which publishes so many messages. Those of the first are numbered from 100
     * on, of the second from 200 on.
     */
    private static List<Runnable> publishing(Sim sim, int... messages) {
        List<Publisher> publishers = new ArrayList<>();
        for (int process = 0; process < messages.length; process++) publishers.add(publisher(sim, process));
        List<Runnable> all = new ArrayList<>();
        for (int i = 0; i < messages.length; i++) {
            Publisher by = publishers.get(i);
            int first = 100 * (i + 1);
            int count = messages[i];
            all.add(() -> publish(sim, by, first, count, 64));
        }
        return all;
    }

    /** The first process may have died. */
    private static Consumer<Sim> allPublished(int messages) {
        return sim -> {
            goesOn(sim);
            if (!sim.died(0)) assertThat(sim.published).hasSize(messages);
        };
    }

    private static List<Runnable> favoured(Sim sim, int... messages) {
        sim.favour();
        return publishing(sim, messages);
    }

    static Sim.Scenario publishers() {
        return scenario(
                "publish against publish",
                SMALL,
                3,
                ScenarioParts::some,
                sim -> publishing(sim, 1, 1),
                allPublished(2));
    }

    /** The first is favoured from its second message on, until the other one asks. */
    static Sim.Scenario favoured() {
        return scenario(
                "publish against the favoured",
                SMALL,
                3,
                ScenarioParts::some,
                sim -> favoured(sim, 3, 1),
                allPublished(4));
    }

    /** The same with claims: it stays inside between two calls, and the other one waits for it, or finds it dead. */
    static Sim.Scenario claimsOfTheFavoured() {
        return scenario(
                "publish against claims of the favoured",
                SMALL,
                3,
                ScenarioParts::some,
                sim -> {
                    sim.favour();
                    Publisher claiming = publisher(sim, 0);
                    Publisher other = publisher(sim, 1);
                    return List.of(
                            () -> {
                                sim.commit(claiming.claim(64), 100);
                                claiming.claim(64).close();
                                sim.commit(claiming.claim(64), 101);
                            },
                            () -> sim.publish(other, 200, 64));
                },
                allPublished(3));
    }

    static Sim.Scenario favouredInTurn() {
        return scenario(
                "favoured in turn",
                SMALL,
                2,
                ScenarioParts::some,
                sim -> favoured(sim, 2, 2, 1),
                ScenarioParts::goesOn);
    }

    /** A process that takes the lock over from a dead one meets one that unlocks and one that waits. */
    static Sim.Scenario threePublishers() {
        return scenario(
                "publish against two publishers",
                SMALL,
                2,
                ScenarioParts::some,
                sim -> publishing(sim, 1, 1, 1),
                ScenarioParts::goesOn);
    }

    /**
     * All at once: two processes publish into a ring that is nearly full, and one of them must move
     * the gate. One joins. The reader that holds the gate reads, and leaves.
     */
    static Sim.Scenario four() {
        return scenario(
                "two publishers against join against leave",
                SMALL,
                2,
                ScenarioParts::empty,
                sim -> {
                    Publisher first = publisher(sim, 0);
                    Publisher second = publisher(sim, 1);
                    MessageQueue joining = sim.open(2);
                    Subscriber leaving = subscriber(sim, 3);
                    publish(sim, first, 1, 12, LONG);
                    return List.of(
                            () -> sim.publish(first, 100, LONG),
                            () -> sim.publish(second, 101, LONG),
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
                            Publisher both = publisher(sim, 0);
                            return List.of(() -> publish(sim, both, 100, 3, 64), () -> sim.publish(both, 200, 64));
                        },
                        sim -> {
                            goesOn(sim);
                            assertThat(sim.published).hasSize(4);
                        })
                .ofThreads();
    }
}
