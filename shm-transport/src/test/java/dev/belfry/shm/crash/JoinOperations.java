package dev.belfry.shm.crash;

import static dev.belfry.shm.crash.Operation.of;
import static dev.belfry.shm.crash.OperationParts.RETAINED;
import static dev.belfry.shm.crash.OperationParts.SLOTS;
import static dev.belfry.shm.crash.OperationParts.SMALL;
import static dev.belfry.shm.crash.OperationParts.audit;
import static dev.belfry.shm.crash.OperationParts.auditing;
import static dev.belfry.shm.crash.OperationParts.history;
import static dev.belfry.shm.crash.OperationParts.isThere;
import static dev.belfry.shm.crash.OperationParts.laps;
import static dev.belfry.shm.crash.OperationParts.members;
import static dev.belfry.shm.crash.OperationParts.options;
import static dev.belfry.shm.crash.OperationParts.resumes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.segment.Leaving;
import java.util.List;

/** Queues and subscriptions that begin and end. */
final class JoinOperations {
    private JoinOperations() {}

    static void life(List<Operation> all) {
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
                s -> s.publisher = s.queue.createPublisher()));
        all.add(of(
                "create exclusive publisher",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                },
                s -> s.publisher = s.queue.createPublisher(
                        PublisherOptions.builder().exclusive(true).build())));
        all.add(of("delete", SMALL, s -> s.withBystander(), s -> {
            s.deleted = true;
            Leaving.delete(s.victim.machine, s.name);
        }));
    }

    static void joining(List<Operation> all) {
        all.add(join("join now", options().startAt(StartAt.NOW)));
        all.add(join("join oldest", options().startAt(StartAt.OLDEST_RETAINED)));
        all.add(join("join at", options().startAt(StartAt.at(4))));
        all.add(join("join at a lost one", options().startAt(StartAt.at(1)).slowSubscriber(SlowSubscriber.DISCONNECT)));
        all.add(of(
                "join as observer",
                SMALL,
                OperationParts::history,
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
        all.add(of("named join", SMALL, OperationParts::history, s -> {
                    s.subscriber = s.queue.createSubscriber(audit().build());
                    s.returned = true;
                })
                .then((s, fresh) -> resumes(s, fresh, s.returned ? 6 : 1, 6)));
        all.add(of("named join at", SMALL, OperationParts::history, s -> {
                    s.subscriber = s.queue.createSubscriber(
                            audit().startAt(StartAt.at(4)).build());
                    s.returned = true;
                })
                .then((s, fresh) -> resumes(s, fresh, s.returned || isThere(fresh) ? 4 : 1, 4)));
        all.add(of(
                        "named re-attach",
                        SMALL,
                        OperationParts::audited,
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
                .then(OperationParts::jumped));
    }

    private static Operation join(String name, SubscriberOptions.Builder options) {
        return of(name, SMALL, OperationParts::history, s -> s.subscriber = s.queue.createSubscriber(options.build()));
    }

    static void leaving(List<Operation> all) {
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
        all.add(of("unsubscribe", SMALL, OperationParts::audited, s -> {
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
}
