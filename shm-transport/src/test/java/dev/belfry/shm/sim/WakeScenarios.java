package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Sleepers and the messages, acknowledgements and room that wake them. */
final class WakeScenarios {
    private WakeScenarios() {}

    static Sim.Scenario sleep() {
        return sleep("sleep against publish", 1, sim -> {});
    }

    /** Whoever wakes for the first message may still be at it when the second one is waited for. */
    static Sim.Scenario sleepTwice() {
        return sleep("sleep twice against two messages", 2, sim -> {});
    }

    static Sim.Scenario sleepOfTheFavoured() {
        return sleep("sleep against favoured publish", 3, Sim::favour);
    }

    static Sim.Scenario sleep(String name, int messages, Consumer<Sim> how) {
        return scenario(
                name,
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    how.accept(sim);
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    return List.of(
                            () -> {
                                for (int i = 0; i < messages; i++) sim.publish(publisher, 100 + i, 64);
                            },
                            () -> {
                                for (int i = 1; i <= messages; i++)
                                    assertThat(sim.check(subscriber.receive())).isEqualTo(i);
                            });
                },
                ScenarioParts::goesOn);
    }

    /** Two publish, one of them may die; who sleeps gets a message all the same. */
    static Sim.Scenario sleepOfThree() {
        return scenario(
                "sleep against two publishers",
                SMALL,
                3,
                ScenarioParts::empty,
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
                ScenarioParts::goesOn);
    }

    static Sim.Scenario await() {
        return scenario(
                "await against acknowledge",
                SMALL,
                3,
                ScenarioParts::empty,
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
                ScenarioParts::goesOn);
    }

    static Sim.Scenario room() {
        return scenario(
                "wait for room against acknowledge",
                SMALL,
                3,
                ScenarioParts::empty,
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
                ScenarioParts::goesOn);
    }
}
