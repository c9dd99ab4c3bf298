package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Disk;
import dev.belfry.shm.Inside;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.Quiet;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process dies before each of its stores and native calls, and before each call to its disk, of a queue whose log
 * lies in files. Whoever comes next finds a queue that keeps all promises, and all whose publish returned is on the
 * disk.
 */
@Tag("T1")
@ExtendWith(Quiet.Always.class)
@OneJdk
class JournalCrashPointTest {
    /** Of the scene that runs. */
    private static volatile Disk disk;

    /** A process whose calls to the disk are steps, too. */
    private static final class OfFiles extends Participant {
        private final Disk mine = disk;

        @Override
        MessageQueue join(String name, QueueConfig config, int slots) {
            mine.slots = slots;
            mine.name = name;
            return mine.open(machine, name, config, this::call);
        }

        private void call(String what) {
            if (isDead()) throw new CrashError("after its death");
            crashPoint(what);
        }
    }

    @AfterAll
    static void removeTheLast() {
        if (disk != null && disk.name != null) LivePart.setAside(disk.name);
    }

    private static Participant victim() {
        removeTheLast();
        disk = new Disk(true);
        return new OfFiles();
    }

    /** What a scene has seen published is on the disk, and nothing else was ever written there. */
    private static Operation onDisk(Operation operation) {
        return new Operation(
                operation.name(),
                operation.config(),
                operation.slots(),
                operation.before(),
                operation.run(),
                (s, fresh) -> {
                    operation.after().accept(s, fresh);
                    long last = s.publishSoon(fresh.createPublisher(), 24);
                    assertThat(disk.survives()).isEqualTo(last);
                    assertThat(disk.broken).isEmpty();
                    assertThat(Inside.handle(fresh).segment.journal.durablePosition())
                            .isEqualTo(last);
                });
    }

    private static Stream<Operation> operations() {
        return Operation.all().stream()
                .filter(o -> o.name()
                        .matches("publish|publish with properties|claim, commit|batch|batch, g.*|grow twice|gate move"))
                .map(JournalCrashPointTest::onDisk);
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldKeepPromisesWhereverOneDies() {
        return oneDies(operations(), 1);
    }

    /** What the quick form of the tests has of it. */
    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesWhereOneDies() {
        return oneDies(operations().filter(o -> o.name().equals("publish")), 16);
    }

    private static Stream<DynamicTest> oneDies(Stream<Operation> operations, int step) {
        return operations.map(o -> DynamicTest.dynamicTest(o.name(), () -> {
            int points = 0;
            while (!CrashPointTest.diesAt(o, 1 + points * step, JournalCrashPointTest::victim, OfFiles::new)) points++;
            System.out.printf("crash points in files of %-32s %4d%n", o.name(), points);
            assertThat(points).isPositive();
        }));
    }
}
