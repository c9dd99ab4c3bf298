package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.inspect.Inside;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Segment;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process dies before each of its stores and native calls in turn, in each operation: whoever
 * comes next finds a queue that keeps all promises. On the real kernel, in this JVM: see
 * {@link Participant}.
 */
@Tag("T1")
@Tag("F1")
@Tag("F2")
@Tag("F3")
@Tag("F4")
@Tag("F6")
@Tag("F8")
@Tag("F9")
@Tag("F10")
@Tag("F11")
@Tag("F16")
@Tag("F17")
@Tag("F81")
@ExtendWith(Quiet.Always.class)
public class CrashPointTest {
    /** For one point. */
    private static Duration patience = Patience.limit().multipliedBy(3);

    /** Of the crash points of a rescuer, one in so many is tried, and at least one. */
    private static final int STEP = Depth.pick(600, 600, 1);

    /** The same for the operations that leave most behind. */
    private static final int SMALL_STEP = Depth.pick(600, 24, 1);

    /** Its multiples spread the points of one rescue after the other over all that it does. */
    private static final double GOLDEN = 0.6180339887;

    /** Of the last rescuer that ran to its end. */
    private static long steps;

    /** A second JDK makes the same steps: it runs each third operation, and these whole. */
    Stream<Operation> operations() {
        List<Operation> all = Operation.all();
        return Depth.chosen() != Depth.SAMPLE ? all.stream() : all.stream().filter(o -> all.indexOf(o) % 3 == 0);
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldKeepPromisesWhereverOneDies() {
        return oneDies(1);
    }

    /** What the quick form of the tests has of it. */
    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesWhereOneDies() {
        return oneDies(6);
    }

    /** Before each so-many-th step. */
    private Stream<DynamicTest> oneDies(int step) {
        return operations()
                .map(o -> DynamicTest.dynamicTest(o.name(), () -> {
                    int points = 0;
                    while (!diesAt(o, 1 + points * step, Participant::new, Participant::new)) points++;
                    System.out.printf("crash points of %-32s %4d%n", o.name(), points);
                    assertThat(points).isPositive();
                }));
    }

    /** A sample of all pairs of points; in the long run all of them. */
    @TestFactory
    @Tag("Nested")
    @Slow
    Stream<DynamicTest> shouldKeepPromisesWhereverTheRescuerDiesToo() {
        List<String> leaveMost = List.of("publish", "grow", "join now");
        return operations()
                .map(o -> DynamicTest.dynamicTest(o.name(), () -> {
                    int wanted = leaveMost.contains(o.name()) ? SMALL_STEP : STEP;
                    deaths(o, Participant::new, Participant::new, 1, Integer.MAX_VALUE);
                    int step = (int) Math.min(wanted, steps);
                    int points = 0;
                    boolean done = false;
                    for (int k = 1; !done; k++) {
                        long last = step == 1 ? Long.MAX_VALUE : steps;
                        int j = 1 + (int) (k * GOLDEN % 1 * step);
                        boolean ranToItsEnd;
                        do {
                            boolean[] ran = deaths(o, Participant::new, Participant::new, k, j);
                            done = ran[0];
                            ranToItsEnd = ran[1];
                            if (!ranToItsEnd) points++;
                            j += step;
                        } while (!ranToItsEnd && j <= last);
                    }
                    System.out.printf(
                            "nested crash points of %-32s %5d%s%n",
                            o.name(), points, step == 1 ? "" : ", one in " + step);
                }));
    }

    /**
     * An Error out of nowhere, as of a stack that overflows, in a process that lives on: nobody
     * hangs, and nothing is lost.
     */
    @TestFactory
    @Slow
    Stream<DynamicTest> shouldLiveOnWhereverAnErrorStrikes() {
        return errorsStrike(1);
    }

    /** What the quick form of the tests has of it. */
    @TestFactory
    Stream<DynamicTest> shouldLiveOnWhereSomeErrorsStrike() {
        return errorsStrike(10);
    }

    /** At each so-many-th step. */
    private Stream<DynamicTest> errorsStrike(int step) {
        return operations()
                .filter(o -> !o.name()
                        .matches(
                                "named.*|acknowledge|.*all die|create.?|create, retained|delete|.*close.*|.*leave.*|receive"
                                        + "|poll|seek.*|unsub.*"))
                .map(o -> DynamicTest.dynamicTest(o.name(), () -> {
                    int points = 0;
                    while (!stumblesAt(o, 1 + points * step)) points++;
                    System.out.printf("stumbling points of %-32s %4d%n", o.name(), points);
                }));
    }

    /** Of a product known to be broken nobody waits so long for a publish. */
    public static void expectingFailure(Runnable points) {
        Scene.soon = Duration.ofSeconds(5);
        try {
            points.run();
        } finally {
            Scene.soon = Patience.limit();
        }
    }

    /** The same, where it may stand still. */
    public static void expectingHang(Runnable points) {
        Duration usual = patience;
        patience = Duration.ofSeconds(8);
        try {
            expectingFailure(points);
        } finally {
            patience = usual;
        }
    }

    /** Each of this operation. */
    public static void diesAtEach(Operation operation, Supplier<Participant> victims, Supplier<Participant> others) {
        for (int k = 1; !diesAt(operation, k, victims, others); k++) {
            // the next step
        }
    }

    static Duration patience() {
        return patience;
    }

    private static boolean stumblesAt(Operation operation, int k) {
        String[] where = {""};
        try {
            return assertTimeoutPreemptively(patience, () -> {
                try (Scene scene =
                        new Scene(operation.config(), operation.slots(), Participant::new, Participant::new)) {
                    operation.before().accept(scene);
                    scene.victim.stumbleAt(k);
                    scene.mayDie(scene.victim, () -> operation.run().accept(scene));
                    where[0] = scene.victim.where();
                    if (!scene.victim.hasStopped()) return true;
                    goesOn(scene);
                    boolean alone = operation.slots() == 1 || operation.name().contains("xclusive");
                    MessageQueue fresh = null;
                    if (!alone) scene.checkAlive(fresh = scene.open(scene.process()));
                    if (scene.publisher != null) publishOrRefuse(scene);
                    if (scene.queue != null) scene.queue.close();
                    scene.checkAlive(fresh != null ? fresh : (fresh = scene.open(scene.process())));
                    scene.checkLaps(fresh);
                    scene.checkNothingStays(fresh);
                    return false;
                }
            });
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(operation.name() + ", an Error before step " + k + ", " + where[0], failure);
        }
    }

    /** The process's next call: what it had no stack left to do is done there. */
    private static void goesOn(Scene scene) {
        try {
            if (scene.queue != null) scene.queue.stats();
        } catch (QueueCorruptedException abandoned) {
            // others find a dead owner now
        }
    }

    private static void publishOrRefuse(Scene scene) {
        try {
            scene.publishSoon(scene.publisher, 100);
        } catch (MessageQueueException refused) {
            assertThat(refused).isInstanceOf(QueueCorruptedException.class);
        }
    }

    /** True: the operation ran to its end before that. */
    public static boolean diesAt(
            Operation operation, int k, Supplier<Participant> victims, Supplier<Participant> others) {
        return deaths(operation, victims, others, k)[0];
    }

    /**
     * The victim dies at the first step given, the next process at the second and so on; then all
     * promises are checked. Returns which process ran to its end before.
     */
    private static boolean[] deaths(
            Operation operation, Supplier<Participant> victims, Supplier<Participant> others, int... steps) {
        List<String> where = new ArrayList<>();
        try {
            return assertTimeoutPreemptively(patience, () -> {
                try (Scene scene = new Scene(operation.config(), operation.slots(), victims, others)) {
                    boolean[] ran = new boolean[steps.length];
                    operation.before().accept(scene);
                    scene.victim.dieAt(steps[0]);
                    ran[0] = scene.mayDie(scene.victim, () -> operation.run().accept(scene));
                    where.add(scene.victim.where());
                    scene.victim.kill(); // at the latest now
                    for (int i = 1; i < steps.length; i++) {
                        Participant rescuer = scene.process();
                        rescuer.dieAt(steps[i]);
                        ran[i] = scene.mayDie(rescuer, () -> rescue(scene, rescuer));
                        where.add(rescuer.where());
                        rescuer.kill();
                    }
                    check(operation, scene);
                    return ran;
                }
            });
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(
                    operation.name() + ", died before steps " + Arrays.toString(steps) + ", " + where, failure);
        }
    }

    private static void rescue(Scene scene, Participant rescuer) {
        MessageQueue queue = scene.open(rescuer);
        Publisher publisher = queue.createPublisher();
        scene.publish(publisher, 80);
        Subscriber oldest = queue.createSubscriber(SubscriberOptions.builder()
                .startAt(StartAt.OLDEST_RETAINED)
                .spin(Duration.ZERO)
                .build());
        scene.readAllThatIsLeft(oldest, 0); // so that it does not hold the gate
        scene.publish(publisher, 80);
        queue.close();
        steps = rescuer.events();
    }

    /** What a death leaves the next one repairs: it is no damage to the doctor. */
    private static void requireUndamaged(Scene scene) {
        Machine machine = Machine.real();
        SharedMemory object = QueueFile.open(machine.libC(), scene.name());
        if (object == null) return;
        assertThat(Inside.damage(Segment.look(machine, scene.name(), object))).isEmpty();
    }

    static void check(Operation operation, Scene scene) {
        requireUndamaged(scene);
        MessageQueue fresh = scene.open(scene.process());
        scene.checkAlive(fresh);
        operation.after().accept(scene, fresh);
        scene.checkLaps(fresh);
        scene.checkSlots(fresh);
        scene.checkNothingStays(fresh);
    }
}
