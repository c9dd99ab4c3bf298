package dev.belfry.shm.crash;

import static dev.belfry.shm.crash.JoinOperations.joining;
import static dev.belfry.shm.crash.JoinOperations.leaving;
import static dev.belfry.shm.crash.JoinOperations.life;
import static dev.belfry.shm.crash.OperationParts.SLOTS;
import static dev.belfry.shm.crash.PublishOperations.batches;
import static dev.belfry.shm.crash.PublishOperations.claims;
import static dev.belfry.shm.crash.PublishOperations.publishing;
import static dev.belfry.shm.crash.ReadOperations.polling;
import static dev.belfry.shm.crash.ReadOperations.reading;
import static dev.belfry.shm.crash.ReadOperations.seeking;
import static dev.belfry.shm.crash.RepairOperations.repairing;
import static dev.belfry.shm.crash.RoomOperations.room;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Trailers;
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
    @Override
    public String toString() {
        return name;
    }

    static Operation of(String name, QueueConfig config, Consumer<Scene> before, Consumer<Scene> run) {
        return new Operation(name, config, SLOTS, before, run, (s, fresh) -> {});
    }

    Operation then(BiConsumer<Scene, MessageQueue> check) {
        return new Operation(name, config, slots, before, run, check);
    }

    Operation with(int otherSlots) {
        return new Operation(name, config, otherSlots, before, run, after);
    }

    /** On a queue whose records have trailers. */
    Operation withTrailers() {
        return new Operation(name, Trailers.in(config), slots, before, run, after);
    }

    public static Operation named(String name) {
        return all().stream().filter(o -> o.name.equals(name)).findFirst().orElseThrow();
    }

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
        polling(all);
        seeking(all); // last: RealKillTest chooses points by an operation's number
        return all;
    }
}
