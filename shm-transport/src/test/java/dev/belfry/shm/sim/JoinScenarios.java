package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.sim.GateScenarios.audit;
import static dev.belfry.shm.sim.ScenarioParts.LONG;
import static dev.belfry.shm.sim.ScenarioParts.SMALL;
import static dev.belfry.shm.sim.ScenarioParts.TIMESTAMP;
import static dev.belfry.shm.sim.ScenarioParts.fill;
import static dev.belfry.shm.sim.ScenarioParts.goesOn;
import static dev.belfry.shm.sim.ScenarioParts.look;
import static dev.belfry.shm.sim.ScenarioParts.publish;
import static dev.belfry.shm.sim.ScenarioParts.publisher;
import static dev.belfry.shm.sim.ScenarioParts.scenario;
import static dev.belfry.shm.sim.ScenarioParts.subscriber;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.InUseException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.SegmentHeader;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Joining, leaving, and slots that change hands. */
final class JoinScenarios {
    private JoinScenarios() {}

    static Sim.Scenario join(String name, StartAt start, Consumer<Sim> prepare) {
        return scenario(
                name,
                SMALL,
                3,
                prepare,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    MessageQueue joiner = sim.open(1);
                    return List.of(() -> publish(sim, publisher, 100, 2, LONG), () -> {
                        Subscriber subscriber = joiner.createSubscriber(
                                Sim.options().startAt(start).build());
                        sim.noted.put("subscriber", subscriber);
                        if (start != StartAt.NOW) look(sim, subscriber, 4); // it holds the gate until it reads
                    });
                },
                ScenarioParts::goesOn);
    }

    static Sim.Scenario leave() {
        return scenario(
                "wait for room against leave",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    Subscriber subscriber = subscriber(sim, 1);
                    fill(sim, publisher);
                    return List.of(() -> sim.publish(publisher, 100, LONG), subscriber::close);
                },
                ScenarioParts::goesOn);
    }

    /**
     * All slots are used, one by a dead reader that holds the gate. The publisher frees it, or the
     * subscriber that joins takes it.
     */
    static Sim.Scenario reclaim() {
        return scenario(
                "reclaim against join",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    MessageQueue joining = sim.open(1);
                    twoObservers(sim);
                    subscriber(sim, 4);
                    fill(sim, publisher);
                    sim.kill(4);
                    return List.of(() -> sim.publish(publisher, 100, LONG), () -> {
                        Subscriber joined = joining.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
                        sim.noted.put("subscriber", joined);
                    });
                },
                sim -> {
                    Subscriber there = (Subscriber) sim.noted.get("subscriber");
                    MessageQueue queue = sim.open(5);
                    sim.readAll(there);
                    for (int i = 0; i < 14; i++) {
                        sim.publishMore(queue, 900 + i);
                        sim.readAll(there);
                    }
                    assertThat(queue.stats().subscribers())
                            .as("three observers")
                            .hasSize(3);
                });
    }

    private static void twoObservers(Sim sim) {
        MessageQueue queue = sim.open(3);
        for (int i = 0; i < 2; i++) queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
    }

    /** A subscriber leaves. Another one joins in its slot and sleeps: the bit there belongs to the new one. */
    static Sim.Scenario slotChange() {
        return scenario(
                "leave against join and sleep in its slot",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Subscriber leaving = subscriber(sim, 0);
                    MessageQueue joining = sim.open(1);
                    Publisher publisher = publisher(sim, 2);
                    twoObservers(sim);
                    return List.of(
                            leaving::close,
                            () -> {
                                try {
                                    Subscriber joined = joining.createSubscriber(Sim.options()
                                            .startAt(StartAt.OLDEST_RETAINED)
                                            .build());
                                    sim.noted.put("subscriber", joined);
                                    assertThat(sim.check(joined.receive())).isEqualTo(1);
                                } catch (InsufficientResourcesException tooEarly) {
                                    sim.noted.put("too early", tooEarly);
                                }
                            },
                            () -> sim.publish(publisher, 100, 64));
                },
                sim -> {
                    Subscriber there = (Subscriber) sim.noted.get("subscriber");
                    sim.publishMore(sim.open(5), 900);
                    if (there != null) assertThat(sim.readAll(there)).isEqualTo(2);
                });
    }

    static Sim.Scenario twoAudits() {
        return scenario(
                "named join against named join",
                SMALL,
                2,
                ScenarioParts::some,
                sim -> {
                    MessageQueue first = sim.open(0);
                    MessageQueue second = sim.open(1);
                    return List.of(() -> joinAudit(sim, first, "first"), () -> joinAudit(sim, second, "second"));
                },
                sim -> {
                    assertThat(sim.noted).as("one has it, and one is told so").hasSize(2);
                    assertThat(sim.noted.values())
                            .filteredOn(InUseException.class::isInstance)
                            .hasSize(1);
                    goesOn(sim);
                });
    }

    private static void joinAudit(Sim sim, MessageQueue queue, String who) {
        try {
            sim.noted.put(who, queue.createSubscriber(audit()));
        } catch (InUseException refused) {
            sim.noted.put(who, refused);
        }
    }

    /**
     * It changes nothing, and so it takes no lock: the gate may move, and whole laps may pass,
     * between any two of its reads.
     */
    static Sim.Scenario observerJoins(StartAt start, int messages) {
        return scenario(
                messages + " messages against join of an observer " + start,
                SMALL,
                3,
                ScenarioParts::lapped,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    MessageQueue joining = sim.open(1);
                    SegmentHeader header = handle(joining).segment.header;
                    long least = start == StartAt.NOW ? header.countAcquire() : header.gatePosAcquire() - 1;
                    return List.of(() -> publish(sim, publisher, 100, messages, LONG), () -> {
                        Subscriber observer = joining.createSubscriber(SubscriberOptions.observer(start));
                        assertThat(observer.position()).isBetween(least, header.countAcquire() + 1);
                        look(sim, observer, 1);
                    });
                },
                ScenarioParts::goesOn);
    }

    /** The place is found without the gate lock: the gate may pass it before the joiner has that. */
    static Sim.Scenario joinByTime(SubscriberOptions.Builder options) {
        SubscriberOptions joining = options.startAt(StartAt.time(Instant.EPOCH)).build();
        return scenario(
                "gate move against join by time, " + joining.slowSubscriber(),
                SMALL,
                3,
                ScenarioParts::datedLapped,
                sim -> {
                    Publisher publisher = Sim.datedPublisher(sim.open(0));
                    MessageQueue joiner = sim.open(1);
                    return List.of(() -> publish(sim, publisher, 100, 2, LONG - TIMESTAMP), () -> {
                        Subscriber subscriber = joiner.createSubscriber(joining);
                        sim.noted.put("subscriber", subscriber);
                        look(sim, subscriber, 4);
                    });
                },
                ScenarioParts::goesOn);
    }
}
