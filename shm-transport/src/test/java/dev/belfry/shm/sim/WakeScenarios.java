package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.ScenarioParts.LONG;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.fill;
import static dev.belfry.shm.sim.ScenarioParts.publish;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.Subscribers;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Sleepers and the messages, acknowledgements and room that wake them. */
final class WakeScenarios {
    private WakeScenarios() {}

    /** A subscriber that sleeps until it has received so many messages, from the first one on. */
    private static Runnable receiving(Sim sim, Subscriber subscriber, int messages) {
        return () -> {
            for (int i = 1; i <= messages; i++)
                assertThat(sim.check(subscriber.receive())).isEqualTo(i);
        };
    }

    static Sim.Scenario sleep() {
        return sleep("sleep against publish", 1, sim -> {});
    }

    /** The publisher may still be waking for the first message when the second one is waited for. */
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
                    Publisher publisher = publisher(sim, 0);
                    Subscriber subscriber = subscriber(sim, 1);
                    return List.of(
                            () -> publish(sim, publisher, 100, messages, 64), receiving(sim, subscriber, messages));
                },
                ScenarioParts::goesOn);
    }

    /** Two processes publish, and one of them may die. The subscriber that sleeps gets a message all the same. */
    static Sim.Scenario sleepOfThree() {
        return scenario(
                "sleep against two publishers",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher first = publisher(sim, 0);
                    Subscriber subscriber = subscriber(sim, 1);
                    Publisher second = publisher(sim, 2);
                    return List.of(
                            () -> sim.publish(first, 100, 64),
                            receiving(sim, subscriber, 1),
                            () -> sim.publish(second, 101, 64));
                },
                ScenarioParts::goesOn);
    }

    /**
     * One thread for two subscribers. The first, on whose semaphore it sleeps, is announced nowhere: so only
     * the words of the second one's slot lead there.
     */
    static Sim.Scenario sleepForTwo() {
        return scenario(
                "sleep for two against two messages",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    sim.mute(1);
                    Publisher publisher = publisher(sim, 0);
                    Subscribers both = Subscribers.of(subscriber(sim, 1), subscriber(sim, 2));
                    return List.of(() -> publish(sim, publisher, 100, 2, 64), () -> {
                        for (int i = 0; i < 4; i++) sim.check(both.receive().message());
                    });
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
                    Publisher publisher = publisher(sim, 0);
                    Subscriber subscriber = subscriber(sim, 1);
                    long position = sim.publish(publisher, 100, 64);
                    return List.of(
                            () -> assertThat(publisher.awaitAcknowledged(position, 1, Duration.ofDays(1)))
                                    .isTrue(),
                            receiving(sim, subscriber, 1));
                },
                ScenarioParts::goesOn);
    }

    static Sim.Scenario room() {
        return room("wait for room against acknowledge", Sim::publisher);
    }

    /** For random schedules: how often it yields is decided by the clock, so none can be run twice. */
    static Sim.Scenario roomWithYields() {
        return room("yield for room against acknowledge", Sim::yieldingPublisher);
    }

    private static Sim.Scenario room(String name, Function<MessageQueue, Publisher> how) {
        return scenario(
                name,
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = how.apply(sim.open(0));
                    Subscriber subscriber = subscriber(sim, 1);
                    sim.noted.put("subscriber", subscriber);
                    fill(sim, publisher);
                    return List.of(() -> sim.publish(publisher, 100, LONG), receiving(sim, subscriber, 1));
                },
                ScenarioParts::goesOn);
    }
}
