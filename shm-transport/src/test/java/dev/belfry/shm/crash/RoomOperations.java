package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.crash.Operation.of;
import static dev.belfry.shm.crash.OperationParts.GROWING;
import static dev.belfry.shm.crash.OperationParts.IMPATIENT;
import static dev.belfry.shm.crash.OperationParts.SMALL;
import static dev.belfry.shm.crash.OperationParts.favoured;
import static dev.belfry.shm.crash.OperationParts.members;
import static dev.belfry.shm.crash.OperationParts.options;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** Making room: the gate, growth, and the end of subscriptions that are too slow. */
final class RoomOperations {
    private RoomOperations() {}

    static void room(List<Operation> all) {
        all.add(of(
                "gate move",
                SMALL,
                s -> {
                    members(s);
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
        all.add(of("grow", GROWING, OperationParts::members, s -> s.publish(s.publisher, 4096)));
        all.add(of("grow as the favoured", GROWING, OperationParts::favoured, s -> s.publish(s.publisher, 4096)));
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
}
