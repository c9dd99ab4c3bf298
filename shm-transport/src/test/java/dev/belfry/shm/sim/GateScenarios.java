package dev.belfry.shm.sim;

import static dev.belfry.shm.sim.ScenarioParts.GROWING;
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

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The gate, and subscriptions that hold it, are passed by it, or come back to it. */
final class GateScenarios {
    private GateScenarios() {}

    /** Into a full ring: each needs the gate to move. */
    private static Runnable threeMore(Sim sim, Publisher publisher) {
        return () -> publish(sim, publisher, 100, 3, LONG);
    }

    /** The first three of the ring. */
    private static void receiveThree(Sim sim, Subscriber subscriber) {
        for (int i = 1; i <= 3; i++)
            assertThat(sim.check(subscriber.receive(Duration.ZERO))).isEqualTo(i);
    }

    /** A ring that is full for publishers, and a subscription that no process is attached to. */
    private static void detached(Sim sim, SlowSubscriber policy) {
        MessageQueue queue = sim.preparing();
        queue.createSubscriber(audit(policy)).close();
        fill(sim, Sim.publisher(queue));
    }

    static Sim.Scenario grow() {
        return scenario(
                "grow against hop",
                GROWING,
                3,
                ScenarioParts::some,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
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
                            () -> look(sim, subscriber, 4));
                },
                ScenarioParts::goesOn);
    }

    static Sim.Scenario overrun() {
        return scenario(
                "overrun against copy",
                SMALL,
                3,
                ScenarioParts::lapped,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    Subscriber observer =
                            sim.open(1).createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED));
                    return List.of(threeMore(sim, publisher), () -> {
                        long last = 0;
                        for (int i = 0; i < 2; i++) {
                            Message m = observer.receive(Duration.ZERO);
                            if (m != null) assertThat(sim.check(m)).isGreaterThan(last);
                            if (m != null) last = m.position();
                        }
                    });
                },
                ScenarioParts::goesOn);
    }

    static Sim.Scenario evict(QueueConfig config, SlowSubscriber policy, String name) {
        return scenario(
                "evict by " + name + " against resume",
                config,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    Subscriber slow = sim.open(1)
                            .createSubscriber(Sim.options()
                                    .slowSubscriber(policy)
                                    .ackMode(AckMode.CLIENT)
                                    .build());
                    fill(sim, publisher);
                    return List.of(threeMore(sim, publisher), () -> {
                        try {
                            receiveThree(sim, slow);
                            slow.acknowledge();
                        } catch (SubscriberDisconnectedException told) {
                            sim.noted.put("told", told);
                        }
                    });
                },
                ScenarioParts::goesOn);
    }

    static SubscriberOptions audit() {
        return audit(SlowSubscriber.DISCONNECT);
    }

    static SubscriberOptions audit(SlowSubscriber policy) {
        return Sim.options()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .slowSubscriber(policy)
                .build();
    }

    /**
     * Nobody waited for it so far. From now on the gate does, and it reads in place: so it must
     * begin after the gate.
     */
    static Sim.Scenario reattachToGate() {
        return scenario(
                "gate move against re-attach that gates from now on",
                SMALL,
                3,
                sim -> detached(sim, SlowSubscriber.OVERRUN),
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    MessageQueue queue = sim.open(1);
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++)
                                    publisher.offer(ByteBuffer.wrap(sim.begin(100 + i, LONG)), Duration.ZERO);
                            },
                            () -> {
                                Subscriber audit = queue.createSubscriber(audit(SlowSubscriber.GATE_PUBLISHER));
                                sim.noted.put("subscriber", audit);
                                for (int i = 1; i <= 3; i++) sim.check(audit.receive(Duration.ZERO));
                                audit.acknowledge();
                            });
                },
                sim -> {
                    Subscriber audit = (Subscriber) sim.noted.get("subscriber");
                    sim.readAll(audit);
                    audit.acknowledge(); // or it holds the gate, rightly
                    goesOn(sim);
                });
    }

    /** The gate passes it before, while or after it attaches. It is told so, or reads on. */
    static Sim.Scenario reattach() {
        return scenario(
                "gate move against re-attach",
                SMALL,
                3,
                sim -> detached(sim, SlowSubscriber.DISCONNECT),
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    MessageQueue queue = sim.open(1);
                    return List.of(threeMore(sim, publisher), () -> {
                        try {
                            Subscriber audit = queue.createSubscriber(audit());
                            receiveThree(sim, audit);
                            audit.acknowledge();
                        } catch (SubscriberDisconnectedException told) {
                            sim.noted.put("told", told);
                        }
                    });
                },
                ScenarioParts::goesOn);
    }

    /**
     * Messages that it was to read again are acknowledged instead. The gate moves on over them, and
     * never past the reader.
     */
    static Sim.Scenario recover() {
        return scenario(
                "gate move against acknowledge after recover",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    Subscriber subscriber = sim.open(1)
                            .createSubscriber(
                                    Sim.options().ackMode(AckMode.CLIENT).build());
                    sim.noted.put("subscriber", subscriber);
                    fill(sim, publisher);
                    receiveThree(sim, subscriber);
                    return List.of(threeMore(sim, publisher), () -> {
                        subscriber.recover();
                        subscriber.acknowledge(2);
                        for (int i = 3; i <= 4; i++)
                            assertThat(sim.check(subscriber.receive(Duration.ZERO)))
                                    .isEqualTo(i);
                        subscriber.recover();
                        subscriber.acknowledge(4);
                        assertThat(sim.check(subscriber.receive(Duration.ZERO))).isEqualTo(5);
                    });
                },
                sim -> {
                    Subscriber subscriber = (Subscriber) sim.noted.get("subscriber");
                    sim.readAll(subscriber);
                    subscriber.acknowledge();
                    goesOn(sim);
                });
    }

    /** It holds nothing, and then the oldest message that is there: the gate is not past that. */
    static Sim.Scenario seekBack() {
        return scenario(
                "gate move against seek back",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    Subscriber subscriber = subscriber(sim, 1);
                    sim.noted.put("subscriber", subscriber);
                    fill(sim, publisher);
                    subscriber.seek(StartAt.NOW);
                    return List.of(threeMore(sim, publisher), () -> {
                        subscriber.seek(StartAt.OLDEST_RETAINED);
                        long next = subscriber.position() + 1;
                        for (int i = 0; i < 3; i++)
                            assertThat(sim.check(subscriber.receive(Duration.ZERO)))
                                    .isEqualTo(next++);
                    });
                },
                sim -> {
                    sim.readAll((Subscriber) sim.noted.get("subscriber"));
                    goesOn(sim);
                });
    }

    /** As by position, but the place is found without the gate lock. */
    static Sim.Scenario seekBackByTime() {
        return scenario(
                "gate move against seek back by time",
                SMALL,
                3,
                ScenarioParts::datedLapped,
                sim -> {
                    Publisher publisher = Sim.datedPublisher(sim.open(0));
                    Subscriber subscriber = subscriber(sim, 1);
                    sim.noted.put("subscriber", subscriber);
                    return List.of(() -> publish(sim, publisher, 100, 2, LONG - TIMESTAMP), () -> {
                        subscriber.seek(StartAt.time(Instant.EPOCH));
                        long next = subscriber.position() + 1;
                        for (int i = 0; i < 3; i++)
                            assertThat(sim.check(subscriber.receive(Duration.ZERO)))
                                    .isEqualTo(next++);
                    });
                },
                sim -> {
                    sim.readAll((Subscriber) sim.noted.get("subscriber"));
                    goesOn(sim);
                });
    }

    /** In place: the gate never passes the message that a handler reads. */
    static Sim.Scenario poll() {
        return scenario(
                "gate move against poll",
                SMALL,
                3,
                ScenarioParts::empty,
                sim -> {
                    Publisher publisher = publisher(sim, 0);
                    Subscriber subscriber = subscriber(sim, 1);
                    sim.noted.put("subscriber", subscriber);
                    fill(sim, publisher);
                    return List.of(threeMore(sim, publisher), () -> {
                        long[] next = {1};
                        for (int i = 0; i < 3; i++)
                            subscriber.poll(
                                    view -> assertThat(sim.check(view.copy())).isEqualTo(next[0]++), 3);
                    });
                },
                ScenarioParts::goesOn);
    }
}
