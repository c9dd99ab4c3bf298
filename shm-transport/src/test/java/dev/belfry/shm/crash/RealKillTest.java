package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Function;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.Isolated;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The crash points once more, a sample of them, with nothing simulated: a JVM kills itself with
 * SIGKILL before one of its stores or native calls, and this one recovers and checks the same
 * promises. In a long run all of them.
 */
@Tag("T1")
@Tag("F1")
@Tag("F2")
@Tag("F3")
@Tag("F6")
@Tag("F8")
@Tag("F9")
@Tag("F10")
@Tag("F11")
@Tag("F17")
@ExtendWith(Quiet.Always.class)
@WaitsForOthers
@Slow
class RealKillTest {
    private static final int POINTS_PER_OPERATION = Depth.pick(0, 1, Integer.MAX_VALUE);
    private static final int POINTS_IN_A_SAMPLE = 6;
    private static final int SIGKILL = 9;
    private static ThreadPoolExecutor workers;

    @BeforeAll
    static void hire() {
        workers = (ThreadPoolExecutor)
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    }

    /** One test that is run again alone has begun others: they end, so that nothing of them stays. */
    @AfterAll
    static void dismiss() {
        workers.getQueue().clear();
        workers.shutdown();
        Patience.until("all have ended", workers::isTerminated);
    }

    /** The process that dies: really. */
    static final class Victim extends Participant {
        @Override
        protected void end() {
            Function.getFunction("c", "kill")
                    .invokeInt(new Object[] {(int) ProcessHandle.current().pid(), SIGKILL});
            throw new AssertionError("alive after SIGKILL");
        }
    }

    /** Prepares, says so, waits for a word, does it, and tells all along what it publishes. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            Operation operation = Operation.named(args[0]);
            Scene scene = new Scene(args[2], operation.config(), operation.slots(), Victim::new, Participant::new);
            scene.teller = System.out::println;
            try (Quiet silence = new Quiet()) {
                operation.before().accept(scene);
                System.out.println("ready");
                if (System.in.read() < 0 || silence == null) return;
                scene.victim.dieAt(Long.parseLong(args[1]));
                operation.run().accept(scene);
                System.out.println("done");
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** How many stores and calls it has. */
    private static long points(Operation operation) {
        try (Scene scene = new Scene(operation.config(), operation.slots(), Participant::new, Participant::new)) {
            operation.before().accept(scene);
            scene.victim.dieAt(Long.MAX_VALUE);
            operation.run().accept(scene);
            return scene.victim.events();
        }
    }

    /**
     * Where a member that waits until the others are dead would change what is done: these begin or
     * end a queue, or need each place in it.
     */
    private static boolean isAlone(Operation operation) {
        return operation.slots() == 1
                || operation.name().matches("create.?|create, retained|delete|last close.*|.*all die");
    }

    private static void killAt(Operation operation, long k, String name) throws Exception {
        killAt(operation, k, name, Isolated.command(Main.class, operation.name(), String.valueOf(k), name));
    }

    private static void killAt(Operation operation, long k, String name, JavaCommand victim) throws Exception {
        Scene scene = new Scene(name, operation.config(), operation.slots(), Participant::new, Participant::new);
        List<String> told = new ArrayList<>();
        try (scene;
                ChildJvm child = victim.flags(JavaCommand.QUICK).start()) {
            for (String line; !"ready".equals(line = child.line()); ) told.add(line);
            if (!isAlone(operation)) scene.open(scene.process());
            child.tell("go");
            told.addAll(child.rest());
            // Steps that only others make necessary, such as a wake, may be missing: then it died after the last one.
            assertThat(told.get(told.size() - 1))
                    .as(() -> "it was killed, or was done" + child.report())
                    .isEqualTo(told.contains("done") ? "exit 0" : "exit " + (128 + SIGKILL));
            scene.deleted = operation.name().equals("delete");
            told.forEach(scene::heard);
            CrashPointTest.check(operation, scene);
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(operation.name() + ", killed before step " + k + ": " + told, failure);
        }
    }

    @TestFactory
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    Stream<DynamicTest> shouldKeepPromisesWhereverAJvmIsKilled() {
        List<Operation> operations = Operation.all();
        if (POINTS_PER_OPERATION == 0) operations = operations.subList(0, POINTS_IN_A_SAMPLE);
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            long points = points(operation);
            long tried = Math.min(points, Math.max(1, POINTS_PER_OPERATION));
            List<Future<?>> kills = new ArrayList<>();
            for (long j = 0; j < tried; j++) {
                long k = tried == points ? j + 1 : 1 + (31L * (i + 1) + j * 17) % points;
                String name = "kill-" + ProcessHandle.current().pid() + "-" + i + "-" + k;
                kills.add(workers.submit(() -> {
                    killAt(operation, k, name);
                    return null;
                }));
            }
            tests.add(DynamicTest.dynamicTest(operation.name(), () -> {
                for (Future<?> kill : kills) kill.get();
                System.out.printf("JVMs killed in %-32s %4d of %4d points%n", operation.name(), kills.size(), points);
            }));
        }
        return tests.stream();
    }

    /** Java and the flag that make a JVM reach memory in one of the two ways: by Chronicle on 17, if it is here. */
    private enum Way {
        CHRONICLE,
        FOREIGN;

        JavaCommand command(Class<?> main, String... arguments) {
            Path older = Jdks.java(17);
            JavaCommand command = Isolated.command(main, arguments);
            if (this == CHRONICLE && older != null) return command.java(older);
            return command.java(Jdks.java(25))
                    .flags(List.of(
                            "-Dbelfry.memory=" + (this == FOREIGN ? "ffm" : "chronicle"),
                            "--sun-misc-unsafe-memory-access=" + (this == FOREIGN ? "deny" : "allow")));
        }
    }

    /** Kills the other way's process at points of each of these operations, and goes on where it was. */
    static final class Repairer {
        private static final Set<String> OPERATIONS =
                Set.of("publish", "publish as the favoured", "claim, commit", "batch", "grow");
        private static final int POINTS = 2;

        private Repairer() {}

        public static void main(String[] args) throws Exception {
            Way victims = Way.valueOf(args[0]);
            int killed = 0;
            try (Quiet silence = new Quiet()) {
                for (Operation operation : Operation.all()) {
                    if (!OPERATIONS.contains(operation.name()) || silence == null) continue;
                    long points = points(operation);
                    for (int i = 1; i <= POINTS; i++) {
                        long k = points * i / (POINTS + 1) + 1;
                        String name = "ways-" + ProcessHandle.current().pid() + "-" + killed;
                        killAt(
                                operation,
                                k,
                                name,
                                victims.command(Main.class, operation.name(), String.valueOf(k), name));
                        killed++;
                    }
                }
                System.out.println(RealMemory.MEMORY.getClass().getSimpleName() + " " + killed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void shouldRepairWhatAProcessOfTheOtherWayToMemoryLeft(Way repairer) throws Exception {
        assumeTrue(Jdks.java(25) != null, "needs a JDK 25 in /usr/lib/jvm");
        Way victims = repairer == Way.FOREIGN ? Way.CHRONICLE : Way.FOREIGN;
        try (ChildJvm child = repairer.command(Repairer.class, victims.name()).start()) {
            List<String> lines = child.rest();
            assertThat(lines)
                    .as(child::report)
                    .endsWith(
                            (repairer == Way.FOREIGN ? "ForeignMemory " : "ChronicleMemory ")
                                    + Repairer.OPERATIONS.size() * Repairer.POINTS,
                            "exit 0");
        }
    }
}
