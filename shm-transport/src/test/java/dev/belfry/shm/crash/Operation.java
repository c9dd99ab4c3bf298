package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.segment.Leaving;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Something that a process does to a queue, to be interrupted at each of its steps: what is there
 * before, the step itself, and what it promises beyond what holds always.
 */
public record Operation(
        String name,
        QueueConfig config,
        int slots,
        Consumer<Scene> before,
        Consumer<Scene> run,
        BiConsumer<Scene, MessageQueue> after) {
    private static final int SLOTS = 4;
    private static final int TAIL = 384;
    private static final int COUNT = 392;
    private static final int CURRENT = 400;
    private static final QueueConfig SMALL = config(4096, null, true);
    private static final QueueConfig GROWING = config(16384, null, true);
    private static final QueueConfig IMPATIENT = config(4096, Duration.ofNanos(1), true);
    private static final QueueConfig RETAINED = config(4096, null, false);

    @Override
    public String toString() {
        return name;
    }

    private static QueueConfig config(long maxCapacity, Duration maxGateTime, boolean deleteOnLastClose) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(maxCapacity)
                .maxGateTime(maxGateTime)
                .deleteOnLastClose(deleteOnLastClose)
                .build();
    }

    private static Operation of(String name, QueueConfig config, Consumer<Scene> before, Consumer<Scene> run) {
        return new Operation(name, config, SLOTS, before, run, (s, fresh) -> {});
    }

    private Operation then(BiConsumer<Scene, MessageQueue> check) {
        return new Operation(name, config, slots, before, run, check);
    }

    private Operation with(int otherSlots) {
        return new Operation(name, config, otherSlots, before, run, after);
    }

    public static Operation named(String name) {
        return all().stream().filter(o -> o.name.equals(name)).findFirst().orElseThrow();
    }

    private static SubscriberOptions.Builder options() {
        return SubscriberOptions.builder().spin(Duration.ZERO);
    }

    private static SubscriberOptions.Builder audit() {
        return options().name(Scene.AUDIT).ackMode(AckMode.CLIENT);
    }

    private static SubscriberOptions.Builder audit(SlowSubscriber policy) {
        return audit().slowSubscriber(policy);
    }

    // What is there before

    private static void members(Scene s) {
        s.withWatcher();
        s.withPublisher();
        s.publish(s.publisher, 50);
        s.publish(s.publisher, 60);
        s.announceSleeper(0);
        s.announceWaiter();
    }

    private static void history(Scene s) {
        members(s);
        for (int i = 0; i < 3; i++) s.publish(s.publisher, 70);
        s.watch();
    }

    /** The victim's publisher has published twice, and has a way in of its own now. */
    private static void favoured(Scene s) {
        s.withWatcher();
        s.victim.favour();
        s.withPublisher();
        becomeFavoured(s, s.publisher);
        s.announceWaiter();
    }

    private static Publisher otherFavoured(Scene s, Participant other) {
        other.favour();
        Publisher publisher = s.open(other).createPublisher();
        becomeFavoured(s, publisher);
        return publisher;
    }

    private static void becomeFavoured(Scene s, Publisher publisher) {
        s.publish(publisher, 50);
        s.publish(publisher, 60);
        s.watch();
    }

    /** A named subscription that was given five messages, has acknowledged two, and is left. */
    private static void audited(Scene s) {
        s.withWatcher();
        s.withPublisher();
        Subscriber audit = s.bystander.createSubscriber(audit().build());
        for (int i = 0; i < 5; i++) s.publish(s.publisher, 70);
        s.readAll(audit);
        audit.acknowledge(2);
        audit.close();
        s.watch();
    }

    /** The victim has a named subscription, and was given five messages. */
    private static void auditing(Scene s, SubscriberOptions options) {
        s.withWatcher();
        s.withPublisher();
        s.subscriber = s.queue.createSubscriber(options);
        for (int i = 0; i < 5; i++) s.publish(s.publisher, 70);
        s.readAll(s.subscriber);
        s.watch();
        s.announceWaiter();
    }

    /** Two laps that only the watcher reads. */
    private static void laps(Scene s) {
        for (int i = 0; i < 25; i++) {
            s.publish(s.publisher, 300);
            s.watch();
        }
    }

    // What must hold afterwards

    /** The named subscription is there, goes on in a range, and can be ended. */
    private static void resumes(Scene s, MessageQueue fresh, long least, long most) {
        long acknowledged = acknowledged(fresh);
        Subscriber audit =
                fresh.createSubscriber(audit().startAt(StartAt.OLDEST_RETAINED).build());
        assertThat(audit.position()).as("acknowledged, as anybody could see").isGreaterThanOrEqualTo(acknowledged);
        assertThat(audit.position() + 1).as("first message again").isBetween(least, most);
        long last = s.readAll(audit);
        assertThat(last).isEqualTo(handle(fresh).segment.header.countAcquire());
        audit.acknowledge();
        audit.close();
        Subscriber again = fresh.createSubscriber(audit().build());
        assertThat(again.position()).as("acknowledged, so it never comes again").isEqualTo(last);
        again.close();
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
    }

    private static boolean isThere(MessageQueue fresh) {
        return fresh.stats().subscribers().stream().anyMatch(one -> Scene.AUDIT.equals(one.name()));
    }

    private static long acknowledged(MessageQueue fresh) {
        return fresh.stats().subscribers().stream()
                .filter(one -> Scene.AUDIT.equals(one.name()))
                .mapToLong(SubscriberStats::acknowledgedPosition)
                .findFirst()
                .orElse(0);
    }

    private static void ended(Scene s, MessageQueue fresh) {
        assertThatThrownBy(() ->
                        fresh.createSubscriber(audit(SlowSubscriber.DISCONNECT).build()))
                .isInstanceOf(SubscriberDisconnectedException.class);
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
        fresh.createSubscriber(audit(SlowSubscriber.DISCONNECT).build()).close();
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
    }

    private static void jumped(Scene s, MessageQueue fresh) {
        Subscriber audit = fresh.createSubscriber(audit(SlowSubscriber.OVERRUN).build());
        assertThat(s.readAllThatIsLeft(audit))
                .isEqualTo(handle(fresh).segment.header.countAcquire());
        assertThat(audit.lostCount()).isPositive();
        Publisher publisher = fresh.createPublisher();
        assertThat(publisher.awaitAcknowledged(6, 2, Duration.ZERO))
                .as("what it jumped over it has not acknowledged")
                .isFalse();
        publisher.close();
        audit.close();
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
    }

    // All of them

    static List<Operation> all() {
        List<Operation> all = new ArrayList<>();
        life(all);
        publishing(all);
        claims(all);
        batches(all);
        room(all);
        joining(all);
        reading(all);
        leaving(all);
        repairing(all);
        polling(all); // last: RealKillTest chooses points by an operation's number
        return all;
    }

    private static void life(List<Operation> all) {
        all.add(of("create", SMALL, s -> {}, s -> s.withVictim()));
        all.add(of("create, retained", RETAINED, s -> {}, s -> s.withVictim()));
        all.add(of("open", SMALL, Scene::withWatcher, s -> s.withVictim()));
        all.add(of(
                "create publisher",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                },
                s -> s.queue.createPublisher()));
        all.add(of(
                "create exclusive publisher",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                },
                s -> s.queue.createPublisher(
                        PublisherOptions.builder().exclusive(true).build())));
        all.add(of("delete", SMALL, s -> s.withBystander(), s -> {
            s.deleted = true;
            Leaving.delete(s.victim.machine, s.name);
        }));
    }

    private static void publishing(List<Operation> all) {
        all.add(of("publish", SMALL, Operation::members, s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish with properties",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().timestamps(true).build());
                    s.publish(s.publisher, 50);
                },
                s -> s.publish(
                        s.publisher,
                        100,
                        MessageProperties.builder()
                                .put("n", 7)
                                .put("text", "x".repeat(40))
                                .build())));
        all.add(of(
                "publish exclusive",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().exclusive(true).build());
                    s.publish(s.publisher, 50);
                    s.announceSleeper(0);
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish and be favoured",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.victim.favour();
                    s.withPublisher();
                    claimAndCommit(s, 50); // of which nobody is favoured
                    s.announceSleeper(0);
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of("publish as the favoured", SMALL, Operation::favoured, s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish as the favoured, and wake",
                SMALL,
                s -> {
                    favoured(s);
                    s.announceSleeper(0);
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish beside the favoured",
                SMALL,
                s -> {
                    members(s);
                    otherFavoured(s, s.process());
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of(
                        "publish, then all die",
                        RETAINED,
                        s -> {
                            audited(s);
                            s.process();
                        },
                        s -> s.publish(s.publisher, 100))
                .then((s, fresh) -> resumes(s, fresh, 3, 3)));
        all.add(of("close publisher", SMALL, Operation::members, s -> s.publisher.close()));
        all.add(of("close favoured publisher", SMALL, Operation::favoured, s -> s.publisher.close()));
        all.add(of(
                "close exclusive publisher",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().exclusive(true).build());
                    s.publish(s.publisher, 50);
                },
                s -> s.publisher.close()));
    }

    /** Of a claim that is a little longer. */
    private static void claimAndCommit(Scene s, int length) {
        byte[] body = s.begin(length);
        Claim claim = s.publisher.claim(length + 20);
        claim.buffer().put(body);
        s.published(claim.commit(length));
    }

    private static void claims(List<Operation> all) {
        all.add(of("claim, commit", SMALL, Operation::members, s -> claimAndCommit(s, 100)));
        all.add(of("claim as the favoured", SMALL, Operation::favoured, s -> claimAndCommit(s, 100)));
        all.add(of("claim, abort", SMALL, Operation::members, s -> {
            Claim claim = s.publisher.claim(120);
            claim.buffer().put(new byte[120]);
            claim.close();
        }));
    }

    private static final int[] BATCH = {100, 30, 8, 200, 60};

    private static void batches(List<Operation> all) {
        all.add(of("batch", SMALL, Operation::members, s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of(
                "batch, exclusive",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(PublisherOptions.builder()
                            .exclusive(true)
                            .timestamps(true)
                            .build());
                    s.publish(s.publisher, 50);
                },
                s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of("batch, given up", SMALL, Operation::members, s -> {
            try (Batch batch = s.publisher.batch(500)) {
                for (int length : BATCH) batch.add(new byte[length]);
            }
            s.publish(s.publisher, 20);
        }));
        all.add(of(
                "batch, gate move",
                SMALL,
                s -> {
                    members(s);
                    s.fill(s.publisher, 300);
                },
                s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of(
                "batch, grow", GROWING, Operation::members, s -> s.publishBatch(s.publisher, 900, 800, 700, 600, 700)));
        all.add(of("claim, grow", GROWING, Operation::members, s -> claimAndCommit(s, 4000)));
    }

    private static void room(List<Operation> all) {
        all.add(of(
                "gate move",
                SMALL,
                s -> {
                    members(s);
                    s.fill(s.publisher, 300);
                },
                s -> s.publish(s.publisher, 300)));
        all.add(of(
                "gate move, exclusive",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().exclusive(true).build());
                    s.fill(s.publisher, 300);
                },
                s -> s.publish(s.publisher, 300)));
        all.add(of(
                "gate move of the favoured",
                SMALL,
                s -> {
                    favoured(s);
                    s.fill(s.publisher, 300);
                },
                s -> s.publish(s.publisher, 300)));
        all.add(of("grow", GROWING, Operation::members, s -> s.publish(s.publisher, 4096)));
        all.add(of("grow as the favoured", GROWING, Operation::favoured, s -> s.publish(s.publisher, 4096)));
        all.add(of(
                "grow when full",
                GROWING,
                s -> {
                    members(s);
                    while (handle(s.bystander).segment.header.tailAcquire() < 3800) s.publish(s.publisher, 200);
                },
                s -> {
                    byte[] body = s.begin(300);
                    s.published(s.publisher.offer(ByteBuffer.wrap(body), Duration.ZERO));
                }));
        all.add(of(
                "grow twice",
                GROWING,
                s -> {
                    members(s);
                    s.publish(s.publisher, 4096);
                },
                s -> {
                    s.publish(s.publisher, 4000);
                    s.published(s.publisher.offer(ByteBuffer.wrap(s.begin(4000)), Duration.ZERO));
                }));
        all.add(of(
                "reclaim a dead reader",
                SMALL,
                s -> {
                    s.withWatcher();
                    Participant dead = s.process();
                    s.open(dead).createSubscriber();
                    dead.kill();
                    s.withPublisher();
                    s.fill(s.publisher, 300);
                    s.announceWaiter();
                },
                s -> s.publish(s.publisher, 300)));
        all.add(of(
                "end a slow reader",
                IMPATIENT,
                s -> {
                    s.withWatcher();
                    s.bystander.createSubscriber(options().build());
                    s.withPublisher();
                    s.fill(s.publisher, 300);
                },
                s -> s.publish(s.publisher, 300)));
    }

    private static void joining(List<Operation> all) {
        all.add(join("join now", options().startAt(StartAt.NOW)));
        all.add(join("join oldest", options().startAt(StartAt.OLDEST_RETAINED)));
        all.add(join("join at", options().startAt(StartAt.at(4))));
        all.add(join("join at a lost one", options().startAt(StartAt.at(1)).slowSubscriber(SlowSubscriber.DISCONNECT)));
        all.add(of(
                "join as observer",
                SMALL,
                Operation::history,
                s -> s.subscriber = s.queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))));
        all.add(of(
                "join after the dead",
                SMALL,
                s -> {
                    history(s);
                    Participant dead = s.process();
                    MessageQueue queue = s.open(dead);
                    for (int i = 1; i < SLOTS; i++) queue.createSubscriber();
                    dead.kill();
                },
                s -> s.subscriber = s.queue.createSubscriber(options().build())));
        all.add(of("named join", SMALL, Operation::history, s -> {
                    s.subscriber = s.queue.createSubscriber(audit().build());
                    s.returned = true;
                })
                .then((s, fresh) -> resumes(s, fresh, s.returned ? 6 : 1, 6)));
        all.add(of("named join at", SMALL, Operation::history, s -> {
                    s.subscriber = s.queue.createSubscriber(
                            audit().startAt(StartAt.at(4)).build());
                    s.returned = true;
                })
                .then((s, fresh) -> resumes(s, fresh, s.returned || isThere(fresh) ? 4 : 1, 4)));
        all.add(of(
                        "named re-attach",
                        SMALL,
                        Operation::audited,
                        s -> s.subscriber = s.queue.createSubscriber(audit().build()))
                .then((s, fresh) -> resumes(s, fresh, 3, 3)));
        all.add(of(
                        "named re-attach after a death",
                        SMALL,
                        s -> {
                            s.withWatcher();
                            s.withPublisher();
                            Participant dead = s.process();
                            Subscriber audit = s.open(dead).createSubscriber(audit().build());
                            for (int i = 0; i < 5; i++) s.publish(s.publisher, 70);
                            s.readAll(audit);
                            audit.acknowledge(2);
                            dead.kill();
                            s.watch();
                        },
                        s -> s.subscriber = s.queue.createSubscriber(audit().build()))
                .then((s, fresh) -> resumes(s, fresh, 3, 3)));
        all.add(of(
                        "named re-attach after overrun",
                        SMALL,
                        s -> {
                            s.withWatcher();
                            s.withPublisher();
                            s.bystander
                                    .createSubscriber(
                                            audit(SlowSubscriber.OVERRUN).build())
                                    .close();
                            laps(s);
                        },
                        s -> s.subscriber = s.queue.createSubscriber(
                                audit(SlowSubscriber.OVERRUN).build()))
                .then(Operation::jumped));
    }

    private static Operation join(String name, SubscriberOptions.Builder options) {
        return of(name, SMALL, Operation::history, s -> s.subscriber = s.queue.createSubscriber(options.build()));
    }

    private static void reading(List<Operation> all) {
        all.add(of(
                        "receive",
                        SMALL,
                        s -> {
                            s.withWatcher();
                            s.withPublisher();
                            s.subscriber = s.queue.createSubscriber(
                                    options().name(Scene.AUDIT).build());
                            s.publish(s.publisher, 70);
                            s.publish(s.publisher, 70);
                            s.watch();
                            s.announceWaiter();
                        },
                        s -> {
                            s.subscriber.receiveNoWait();
                            s.returned = true;
                        })
                .then((s, fresh) -> resumes(s, fresh, s.returned ? 2 : 1, 2)));
        all.add(of("acknowledge", SMALL, s -> auditing(s, audit().build()), s -> {
                    s.subscriber.acknowledge(3);
                    s.returned = true;
                })
                .then((s, fresh) -> resumes(s, fresh, s.returned ? 4 : 1, 4)));
        all.add(of(
                        "overrun jump",
                        SMALL,
                        s -> {
                            auditing(s, audit(SlowSubscriber.OVERRUN).build());
                            laps(s);
                        },
                        s -> {
                            s.subscriber.receiveNoWait();
                            s.subscriber.acknowledge();
                        })
                .then(Operation::jumped));
        all.add(of(
                        "disconnect",
                        SMALL,
                        s -> {
                            auditing(s, audit(SlowSubscriber.DISCONNECT).build());
                            laps(s);
                        },
                        s -> {
                            try {
                                s.subscriber.receiveNoWait();
                            } catch (SubscriberDisconnectedException rightly) {
                                s.returned = true;
                            }
                        })
                .then(Operation::ended));
    }

    private static void polling(List<Operation> all) {
        all.add(of(
                        "poll",
                        SMALL,
                        s -> {
                            s.withWatcher();
                            s.withPublisher();
                            s.subscriber = s.queue.createSubscriber(
                                    options().name(Scene.AUDIT).build());
                            for (int i = 0; i < 3; i++) s.publish(s.publisher, 70);
                            s.watch();
                            s.announceWaiter();
                        },
                        s -> {
                            s.subscriber.poll(view -> s.handedOver = view.position(), 3);
                            s.returned = true;
                        })
                .then((s, fresh) -> {
                    try (Subscriber heir = fresh.createSubscriber(audit().build())) {
                        for (Message m; (m = heir.receiveNoWait()) != null && m.position() <= s.handedOver; )
                            assertThat(m.redelivered())
                                    .as("message %s was seen before", m.position())
                                    .isTrue();
                    }
                    resumes(s, fresh, s.returned ? 4 : 1, 4);
                }));
    }

    private static void leaving(List<Operation> all) {
        all.add(of(
                "leave",
                SMALL,
                s -> {
                    members(s);
                    s.subscriber = s.queue.createSubscriber(options().build());
                },
                s -> s.subscriber.close()));
        all.add(of("leave a named one", SMALL, s -> auditing(s, audit().build()), s -> s.subscriber.close())
                .then((s, fresh) -> resumes(s, fresh, 1, 1)));
        all.add(of("unsubscribe", SMALL, Operation::audited, s -> {
                    s.queue.unsubscribe(Scene.AUDIT);
                    s.returned = true;
                })
                .then((s, fresh) -> {
                    boolean gone = !fresh.unsubscribe(Scene.AUDIT);
                    if (s.returned) assertThat(gone).isTrue();
                }));
        all.add(of(
                        "close",
                        SMALL,
                        s -> {
                            members(s);
                            s.queue.createSubscriber(options().build());
                            s.queue.createSubscriber(audit().build());
                        },
                        s -> s.queue.close())
                .then((s, fresh) -> resumes(s, fresh, 3, 3)));
        for (QueueConfig config : List.of(SMALL, RETAINED))
            all.add(of(
                            config == SMALL ? "last close" : "last close, retained",
                            config,
                            s -> {
                                s.withPublisher();
                                s.publish(s.publisher, 50);
                                s.queue.createSubscriber(options().build());
                                s.queue.createSubscriber(audit().build());
                            },
                            s -> s.queue.close())
                    .then((s, fresh) -> {
                        if (config == RETAINED) resumes(s, fresh, 2, 2);
                    }));
    }

    private static void repairing(List<Operation> all) {
        all.add(repair("repair a publish", SMALL, 100, COUNT));
        all.add(repair("repair a counted publish", SMALL, 100, TAIL));
        all.add(repair("repair a growth", GROWING, 4096, CURRENT));
        all.add(of(
                "repair a publish of the favoured",
                SMALL,
                s -> {
                    members(s);
                    favouredDiesInPublish(s);
                    s.watch(); // it was committed
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of(
                        "open in a dead favoured one's place",
                        SMALL,
                        s -> {
                            s.withBystander(); // one of two handles
                            favouredDiesInPublish(s);
                        },
                        s -> s.withVictim())
                .with(1));
        all.add(of(
                        "open in a dead one's place",
                        SMALL,
                        s -> {
                            s.withBystander(); // one of two handles
                            dieInPublish(s, 100, COUNT);
                        },
                        s -> s.withVictim())
                .with(1));
    }

    private static Operation repair(String name, QueueConfig config, int length, int diesBefore) {
        return of(
                name,
                config,
                s -> {
                    members(s);
                    dieInPublish(s, length, diesBefore);
                },
                s -> s.publish(s.publisher, 100));
    }

    private static void dieInPublish(Scene s, int length, int diesBefore) {
        Participant dead = s.process();
        dieInPublish(s, dead, s.open(dead).createPublisher(), length, diesBefore);
    }

    private static void favouredDiesInPublish(Scene s) {
        Participant dead = s.process();
        dieInPublish(s, dead, otherFavoured(s, dead), 100, COUNT);
    }

    private static void dieInPublish(Scene s, Participant dead, Publisher publisher, int length, int diesBefore) {
        dead.dieBeforeStoreAt(diesBefore);
        assertThat(s.mayDie(dead, () -> s.publish(publisher, length))).isFalse();
    }
}
