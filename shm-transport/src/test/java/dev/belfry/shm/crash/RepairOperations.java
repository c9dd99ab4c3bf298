package dev.belfry.shm.crash;

import static dev.belfry.shm.crash.Operation.of;
import static dev.belfry.shm.crash.OperationParts.COUNT;
import static dev.belfry.shm.crash.OperationParts.CURRENT;
import static dev.belfry.shm.crash.OperationParts.GROWING;
import static dev.belfry.shm.crash.OperationParts.SMALL;
import static dev.belfry.shm.crash.OperationParts.TAIL;
import static dev.belfry.shm.crash.OperationParts.members;
import static dev.belfry.shm.crash.OperationParts.otherFavoured;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import java.util.List;

/** Mending what a death before has left. */
final class RepairOperations {
    private RepairOperations() {}

    static void repairing(List<Operation> all) {
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
