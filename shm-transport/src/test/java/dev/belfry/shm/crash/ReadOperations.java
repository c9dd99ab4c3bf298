package dev.belfry.shm.crash;

import static dev.belfry.shm.crash.Operation.of;
import static dev.belfry.shm.crash.OperationParts.SMALL;
import static dev.belfry.shm.crash.OperationParts.audit;
import static dev.belfry.shm.crash.OperationParts.auditing;
import static dev.belfry.shm.crash.OperationParts.laps;
import static dev.belfry.shm.crash.OperationParts.options;
import static dev.belfry.shm.crash.OperationParts.resumes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import java.util.List;

/** Receiving, polling and acknowledging. */
final class ReadOperations {
    private ReadOperations() {}

    static void reading(List<Operation> all) {
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
                            s.handedOver = s.subscriber.receiveNoWait().position();
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
                .then(OperationParts::jumped));
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
                .then(OperationParts::ended));
    }

    static void seeking(List<Operation> all) {
        all.add(of(
                        "seek back",
                        SMALL,
                        s -> {
                            auditing(s, audit().build());
                            s.subscriber.acknowledge(4);
                        },
                        s -> {
                            s.subscriber.seek(StartAt.at(2));
                            s.returned = true;
                        })
                .then((s, fresh) -> resumes(s, fresh, 2, s.returned ? 2 : 5)));
        all.add(seekForward("seek forward", SlowSubscriber.GATE_PUBLISHER));
        all.add(seekForward("seek of one that overruns", SlowSubscriber.OVERRUN));
    }

    private static Operation seekForward(String name, SlowSubscriber policy) {
        return of(
                        name,
                        SMALL,
                        s -> {
                            auditing(s, audit(policy).build());
                            for (int i = 0; i < 3; i++) s.publish(s.publisher, 70);
                            s.watch();
                        },
                        s -> {
                            s.subscriber.seek(StartAt.at(8));
                            s.returned = true;
                        })
                .then((s, fresh) -> resumes(s, fresh, s.returned ? 8 : 1, 8));
    }

    static void polling(List<Operation> all) {
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
}
