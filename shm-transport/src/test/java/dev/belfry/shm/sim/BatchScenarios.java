package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import java.time.Duration;
import java.util.List;

/** A batch, which appears whole or not at all. */
final class BatchScenarios {
    private static final int FIRST = 100;
    private static final int MESSAGES = 3;

    private BatchScenarios() {}

    /** Old words lie where the batch is written. A reader that gets its first message gets all of them. */
    static Sim.Scenario read() {
        return scenario(
                "batch against read",
                SMALL,
                3,
                ScenarioParts::lapped,
                sim -> {
                    Publisher by = publisher(sim, 0);
                    Subscriber reader = subscriber(sim, 1);
                    sim.noted.put("subscriber", reader);
                    return List.of(() -> sim.publishBatch(by, FIRST, MESSAGES, 64), () -> {
                        Message first = reader.receive(Duration.ZERO);
                        if (first == null) return;
                        sim.check(first);
                        for (int i = 1; i < MESSAGES; i++) {
                            Message next = reader.receive(Duration.ZERO);
                            assertThat(next).as("the rest of the batch").isNotNull();
                            sim.check(next);
                        }
                    });
                },
                BatchScenarios::isWhole);
    }

    /** If the first dies, what it has added lies where the other one writes. */
    static Sim.Scenario publish() {
        return scenario(
                "batch against publish",
                SMALL,
                2,
                ScenarioParts::some,
                sim -> {
                    Publisher by = publisher(sim, 0);
                    Publisher other = publisher(sim, 1);
                    return List.of(() -> sim.publishBatch(by, FIRST, MESSAGES, 64), () -> sim.publish(other, 200, 64));
                },
                BatchScenarios::isWhole);
    }

    private static void isWhole(Sim sim) {
        goesOn(sim);
        List<Long> places = sim.places(FIRST, FIRST + MESSAGES);
        if (places.isEmpty()) assertThat(sim.died(0)).as("its writer died").isTrue();
        else
            assertThat(places)
                    .as("the batch, whole")
                    .containsExactly(places.get(0), places.get(0) + 1, places.get(0) + MESSAGES - 1);
    }
}
