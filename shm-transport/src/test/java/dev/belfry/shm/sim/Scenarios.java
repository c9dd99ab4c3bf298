package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.isMine;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.InUseException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.SegmentHeader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** What two to four processes do to one queue at the same time; each step of it is decided by a {@link Scheduler}. */
public final class Scenarios {
    private static final QueueConfig SMALL = config(4096, null);
    private static final QueueConfig GROWING = config(16384, null);
    private static final QueueConfig IMPATIENT = config(4096, Duration.ofNanos(1));

    private Scenarios() {}

    private static QueueConfig config(long maxCapacity, Duration maxGateTime) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(maxCapacity)
                .maxGateTime(maxGateTime)
                .build();
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
        MessageQueue queue = sim.preparing();
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

    /** So many looks for a message; there may be none. */
    private static void look(Sim sim, Subscriber subscriber, int times) {
        for (int i = 0; i < times; i++) {
            Message m = subscriber.receive(Duration.ZERO);
            if (m != null) sim.check(m);
        }
    }

    /** Whatever happened: somebody new publishes, and reads all that is retained; who was there goes on. */
    private static void goesOn(Sim sim) {
        MessageQueue queue = sim.open(5);
        Subscriber there = (Subscriber) sim.noted.get("subscriber");
        if (there != null) sim.readAll(there);
        sim.publishMore(queue, 900);
        Subscriber oldest = queue.createSubscriber(
                Sim.options().startAt(StartAt.OLDEST_RETAINED).build());
        long last = sim.readAll(oldest);
        assertThat(last).isEqualTo(handle(queue).segment.header.countAcquire());
        if (there != null)
            assertThat(sim.readAll(there)).as("who joined reads to the end").isEqualTo(last);
    }

    static List<Sim.Scenario> all() {
        List<Sim.Scenario> all = new ArrayList<>();
        for (StartAt start : List.of(StartAt.NOW, StartAt.OLDEST_RETAINED)) {
            all.add(join("publish against join " + start, start, Scenarios::some));
            all.add(join("publish against join " + start, start, Scenarios::some)
                    .mortal());
            all.add(join("gate move against join " + start, start, Scenarios::lapped));
        }
        all.add(join("gate move against join OLDEST_RETAINED", StartAt.OLDEST_RETAINED, Scenarios::lapped)
                .mortal());
        all.add(sleep().withoutSlices());
        all.add(sleepTwice().withoutSlices());
        all.add(sleepOfThree().withoutSlices());
        all.add(sleepOfThree().mortal());
        all.add(grow());
        all.add(grow().mortal());
        all.add(overrun());
        all.add(overrun().mortal());
        all.add(publishers().withoutSlices());
        all.add(publishers().mortal());
        all.add(publishers().slow());
        all.add(publishers().mortal().slow());
        all.add(threePublishers().withoutSlices());
        all.add(threePublishers().mortal().slow());
        all.add(favoured().withoutSlices());
        all.add(favoured().mortal());
        all.add(favoured().slow());
        all.add(favoured().mortal().slow());
        all.add(favouredInTurn().withoutSlices());
        all.add(favouredInTurn().mortal().slow());
        all.add(sleepOfTheFavoured().withoutSlices());
        all.add(closeOfTheFavoured());
        all.add(closeWithClaim());
        all.add(closeAgainstClaim());
        all.add(closeByTheClaimantBefore());
        all.add(threadsOfOnePublisher());
        all.add(evict(IMPATIENT, SlowSubscriber.GATE_PUBLISHER, "maxGateTime"));
        all.add(evict(SMALL, SlowSubscriber.DISCONNECT, "DISCONNECT"));
        all.add(evict(SMALL, SlowSubscriber.DISCONNECT, "DISCONNECT").mortal());
        all.add(close());
        all.add(await().withoutSlices());
        all.add(room().withoutSlices());
        all.add(room().mortal());
        all.add(leave().withoutSlices());
        all.add(leave().mortal());
        all.add(reclaim().mortal());
        all.add(slotChange().withoutSlices());
        all.add(twoAudits());
        all.add(observerJoins(StartAt.OLDEST_RETAINED, 3));
        all.add(observerJoins(StartAt.NOW, 14));
        all.add(reattachToGate());
        all.add(reattach());
        all.add(reattach().mortal());
        all.add(recover());
        all.add(four());
        all.add(four().mortal());
        all.add(four().slow());
        all.add(poll());
        return all;
    }

    public static Sim.Scenario named(String name) {
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
                    MessageQueue joiner = sim.open(1);
                    return List.of(
                            () -> {
                                sim.publish(publisher, 100, 304);
                                sim.publish(publisher, 101, 304);
                            },
                            () -> {
                                Subscriber subscriber = joiner.createSubscriber(
                                        Sim.options().startAt(start).build());
                                sim.noted.put("subscriber", subscriber);
                                if (start != StartAt.NOW) look(sim, subscriber, 4); // it holds the gate until it reads
                            });
                },
                Scenarios::goesOn);
    }

    private static Sim.Scenario sleep() {
        return sleep("sleep against publish", 1, sim -> {});
    }

    /** Whoever wakes for the first message may still be at it when the second one is waited for. */
    private static Sim.Scenario sleepTwice() {
        return sleep("sleep twice against two messages", 2, sim -> {});
    }

    private static Sim.Scenario sleepOfTheFavoured() {
        return sleep("sleep against favoured publish", 3, Sim::favour);
    }

    private static Sim.Scenario sleep(String name, int messages, Consumer<Sim> how) {
        return scenario(
                name,
                SMALL,
                3,
                Scenarios::empty,
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
                Scenarios::goesOn);
    }

    /** Two publish, one of them may die; who sleeps gets a message all the same. */
    private static Sim.Scenario sleepOfThree() {
        return scenario(
                "sleep against two publishers",
                SMALL,
                3,
                Scenarios::empty,
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
                Scenarios::goesOn);
    }

    private static Sim.Scenario grow() {
        return scenario(
                "grow against hop",
                GROWING,
                3,
                Scenarios::some,
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
                            () -> look(sim, subscriber, 4));
                },
                Scenarios::goesOn);
    }

    private static Sim.Scenario overrun() {
        return scenario(
                "overrun against copy",
                SMALL,
                3,
                Scenarios::lapped,
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
                Scenarios::goesOn);
    }

    private static Sim.Scenario publishers() {
        return scenario(
                "publish against publish",
                SMALL,
                3,
                Scenarios::some,
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
    private static Sim.Scenario favoured() {
        return scenario(
                "publish against the favoured",
                SMALL,
                3,
                Scenarios::some,
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

    private static Sim.Scenario favouredInTurn() {
        return scenario(
                "favoured in turn",
                SMALL,
                2,
                Scenarios::some,
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
                Scenarios::goesOn);
    }

    /** Who steals from the dead meets who unlocks and who waits. */
    private static Sim.Scenario threePublishers() {
        return scenario(
                "publish against two publishers",
                SMALL,
                2,
                Scenarios::some,
                sim -> {
                    Publisher first = Sim.publisher(sim.open(0));
                    Publisher second = Sim.publisher(sim.open(1));
                    Publisher third = Sim.publisher(sim.open(2));
                    return List.of(
                            () -> sim.publish(first, 100, 64),
                            () -> sim.publish(second, 101, 64),
                            () -> sim.publish(third, 102, 64));
                },
                Scenarios::goesOn);
    }

    /**
     * All at once: two publish into a full ring, one of whom must move the gate; one joins; the
     * reader that holds the gate reads, and leaves.
     */
    private static Sim.Scenario four() {
        return scenario(
                "two publishers against join against leave",
                SMALL,
                2,
                Scenarios::empty,
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
                Scenarios::goesOn);
    }

    private static Sim.Scenario evict(QueueConfig config, SlowSubscriber policy, String name) {
        return scenario(
                "evict by " + name + " against resume",
                config,
                3,
                Scenarios::empty,
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
                Scenarios::goesOn);
    }

    private static Sim.Scenario close() {
        return close("close against publish", 1, sim -> {});
    }

    private static Sim.Scenario closeOfTheFavoured() {
        return close("close against favoured publish", 3, Sim::favour);
    }

    private static Sim.Scenario close(String name, int messages, Consumer<Sim> how) {
        return scenario(
                        name,
                        SMALL,
                        3,
                        Scenarios::some,
                        sim -> {
                            how.accept(sim);
                            MessageQueue closing = sim.open(0);
                            Publisher publisher = closing.createPublisher();
                            Subscriber watcher =
                                    sim.open(1).createSubscriber(Sim.options().build());
                            sim.noted.put("subscriber", watcher);
                            return List.of(
                                    () -> {
                                        int number = 100;
                                        try {
                                            while (number < 100 + messages) sim.publish(publisher, number++, 64);
                                        } catch (QueueClosedException refused) {
                                            sim.noted.put("refused", refused);
                                            sim.begun.remove(number - 1);
                                        } catch (QueueCorruptedException unknown) {
                                            sim.noted.put("unknown", unknown); // the close did not wait for it
                                        }
                                    },
                                    closing::close);
                        },
                        sim -> {
                            assertThat(sim.noted).doesNotContainKey("unknown");
                            goesOn(sim);
                        })
                .patient()
                .ofThreads();
    }

    /** The claim's end frees nothing: its publisher's close has done so, and by then the lock may be anybody's. */
    private static Sim.Scenario closeWithClaim() {
        return scenario(
                "close with a claim against two publishers",
                SMALL,
                3,
                Scenarios::some,
                sim -> {
                    Publisher claiming = sim.open(0).createPublisher();
                    Publisher second = Sim.publisher(sim.open(1));
                    Publisher third = Sim.publisher(sim.open(2));
                    return List.of(
                            () -> {
                                Claim claim = claiming.claim(64);
                                claiming.close();
                                claim.close();
                            },
                            () -> sim.publish(second, 200, 64),
                            () -> sim.publish(third, 300, 64));
                },
                sim -> {
                    goesOn(sim);
                    assertThat(sim.published).hasSize(2);
                });
    }

    /** By another thread: the claim is committed before, or never. */
    private static Sim.Scenario closeAgainstClaim() {
        return scenario(
                        "close against a claim of another thread",
                        SMALL,
                        2,
                        Scenarios::some,
                        sim -> {
                            Publisher claiming = sim.open(0).createPublisher();
                            Publisher other = Sim.publisher(sim.open(1));
                            return List.of(
                                    () -> {
                                        try {
                                            sim.commit(claiming.claim(64), 100);
                                        } catch (QueueClosedException refused) {
                                            sim.begun.remove(100);
                                        }
                                    },
                                    claiming::close,
                                    () -> sim.publish(other, 200, 64));
                        },
                        Scenarios::goesOn)
                .patient()
                .ofThreads();
    }

    /** The closer had the claim before, and still stands there as the claimant while the next thread opens its own. */
    private static Sim.Scenario closeByTheClaimantBefore() {
        return scenario(
                        "close against the next claim, by the claimant before",
                        SMALL,
                        3,
                        Scenarios::some,
                        sim -> {
                            Publisher claiming = sim.open(0).createPublisher();
                            Publisher other = Sim.publisher(sim.open(1));
                            sim.first(() -> claiming.claim(64).close());
                            return List.of(
                                    claiming::close,
                                    () -> {
                                        try {
                                            Claim claim = claiming.claim(64);
                                            assertThat(isMine(claim))
                                                    .as("only its thread ends it")
                                                    .isTrue();
                                            sim.commit(claim, 100);
                                        } catch (QueueClosedException refused) {
                                            sim.begun.remove(100);
                                        }
                                    },
                                    () -> sim.publish(other, 200, 64));
                        },
                        Scenarios::goesOn)
                .patient()
                .ofThreads();
    }

    /** Each of them may be favoured, and is asked by the other one of the same handle. */
    private static Sim.Scenario threadsOfOnePublisher() {
        return scenario(
                        "publish against publish of another thread",
                        SMALL,
                        3,
                        Scenarios::some,
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

    private static Sim.Scenario await() {
        return scenario(
                "await against acknowledge",
                SMALL,
                3,
                Scenarios::empty,
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
                Scenarios::goesOn);
    }

    private static Sim.Scenario room() {
        return scenario(
                "wait for room against acknowledge",
                SMALL,
                3,
                Scenarios::empty,
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
                Scenarios::goesOn);
    }

    private static Sim.Scenario leave() {
        return scenario(
                "wait for room against leave",
                SMALL,
                3,
                Scenarios::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    return List.of(() -> sim.publish(publisher, 100, 304), subscriber::close);
                },
                Scenarios::goesOn);
    }

    /**
     * All slots are used, one by a dead reader who holds the gate: the publisher frees it, or who
     * joins and takes it.
     */
    private static Sim.Scenario reclaim() {
        return scenario(
                "reclaim against join",
                SMALL,
                3,
                Scenarios::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    MessageQueue joining = sim.open(1);
                    twoObservers(sim);
                    sim.open(4).createSubscriber(Sim.options().build());
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    sim.kill(4);
                    return List.of(() -> sim.publish(publisher, 100, 304), () -> {
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

    /** One leaves, and another one joins into its slot and sleeps: the bit there is the new one's. */
    private static Sim.Scenario slotChange() {
        return scenario(
                "leave against join and sleep in its slot",
                SMALL,
                3,
                Scenarios::empty,
                sim -> {
                    Subscriber leaving =
                            sim.open(0).createSubscriber(Sim.options().build());
                    MessageQueue joining = sim.open(1);
                    Publisher publisher = Sim.publisher(sim.open(2));
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

    private static Sim.Scenario twoAudits() {
        return scenario(
                "named join against named join",
                SMALL,
                2,
                Scenarios::some,
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
     * between any two of its looks.
     */
    private static Sim.Scenario observerJoins(StartAt start, int messages) {
        return scenario(
                messages + " messages against join of an observer " + start,
                SMALL,
                3,
                Scenarios::lapped,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    MessageQueue joining = sim.open(1);
                    SegmentHeader header = handle(joining).segment.header;
                    long least = start == StartAt.NOW ? header.countAcquire() : header.gatePosAcquire() - 1;
                    return List.of(
                            () -> {
                                for (int i = 0; i < messages; i++) sim.publish(publisher, 100 + i, 304);
                            },
                            () -> {
                                Subscriber observer = joining.createSubscriber(SubscriberOptions.observer(start));
                                assertThat(observer.position()).isBetween(least, header.countAcquire() + 1);
                                look(sim, observer, 1);
                            });
                },
                Scenarios::goesOn);
    }

    private static void detached(Sim sim) {
        MessageQueue queue = sim.preparing();
        queue.createSubscriber(audit()).close();
        Publisher publisher = Sim.publisher(queue);
        for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
    }

    private static SubscriberOptions audit() {
        return audit(SlowSubscriber.DISCONNECT);
    }

    private static SubscriberOptions audit(SlowSubscriber policy) {
        return Sim.options()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .slowSubscriber(policy)
                .build();
    }

    /**
     * Nobody waited for it so far; from now on the gate does, and it reads in place: so it must
     * begin behind the gate.
     */
    private static Sim.Scenario reattachToGate() {
        return scenario(
                "gate move against re-attach that gates from now on",
                SMALL,
                3,
                sim -> {
                    MessageQueue queue = sim.preparing();
                    queue.createSubscriber(audit(SlowSubscriber.OVERRUN)).close();
                    Publisher publisher = Sim.publisher(queue);
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                },
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    MessageQueue queue = sim.open(1);
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++)
                                    publisher.offer(ByteBuffer.wrap(sim.begin(100 + i, 304)), Duration.ZERO);
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

    /** It is passed before, while or after it attaches: and is told so, or reads on. */
    private static Sim.Scenario reattach() {
        return scenario(
                "gate move against re-attach",
                SMALL,
                3,
                Scenarios::detached,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    MessageQueue queue = sim.open(1);
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
                Scenarios::goesOn);
    }

    /** What it was to read again is acknowledged instead: the gate moves on over that, and never past the reader. */
    private static Sim.Scenario recover() {
        return scenario(
                "gate move against acknowledge behind recover",
                SMALL,
                3,
                Scenarios::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber = sim.open(1)
                            .createSubscriber(
                                    Sim.options().ackMode(AckMode.CLIENT).build());
                    sim.noted.put("subscriber", subscriber);
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    for (int i = 1; i <= 3; i++) sim.check(subscriber.receive(Duration.ZERO));
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++) sim.publish(publisher, 100 + i, 304);
                            },
                            () -> {
                                subscriber.recover();
                                subscriber.acknowledge(2);
                                for (int i = 3; i <= 4; i++)
                                    assertThat(sim.check(subscriber.receive(Duration.ZERO)))
                                            .isEqualTo(i);
                                subscriber.recover();
                                subscriber.acknowledge(4);
                                assertThat(sim.check(subscriber.receive(Duration.ZERO)))
                                        .isEqualTo(5);
                            });
                },
                sim -> {
                    Subscriber subscriber = (Subscriber) sim.noted.get("subscriber");
                    sim.readAll(subscriber);
                    subscriber.acknowledge();
                    goesOn(sim);
                });
    }

    /** In place: what a handler has in its hands the gate never passes. */
    private static Sim.Scenario poll() {
        return scenario(
                "gate move against poll",
                SMALL,
                3,
                Scenarios::empty,
                sim -> {
                    Publisher publisher = Sim.publisher(sim.open(0));
                    Subscriber subscriber =
                            sim.open(1).createSubscriber(Sim.options().build());
                    sim.noted.put("subscriber", subscriber);
                    for (int i = 1; i <= 13; i++) sim.publish(publisher, i, 304);
                    return List.of(
                            () -> {
                                for (int i = 0; i < 3; i++) sim.publish(publisher, 100 + i, 304);
                            },
                            () -> {
                                long[] next = {1};
                                for (int i = 0; i < 3; i++)
                                    subscriber.poll(
                                            view -> assertThat(sim.check(view.copy()))
                                                    .isEqualTo(next[0]++),
                                            3);
                            });
                },
                Scenarios::goesOn);
    }
}
