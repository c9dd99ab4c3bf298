package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.shm.hostile.Cut.Length;
import dev.belfry.shm.hostile.Cut.Primitive;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Isolated;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.Luck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import dev.belfry.testing.Yardstick;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A stranger cuts the files of a queue short while a JVM uses it: on each JDK, interpreted and
 * compiled, at each thing that the product does. The JVM lives, the user sees an exception of the
 * interface, the handle stays unusable, and closing it works.
 */
@Tag("T6")
@WaitsForOthers
@Slow
@OneJdk
class TruncationMatrixTest {
    private static final String DAMAGED = "QueueCorruptedException";
    private static final String QUIET = "-XX:CompileCommand=quiet"; // it says nothing of what it was told
    private static final List<String> MODES = List.of("-Xint", "-XX:TieredStopAtLevel=1", "-XX:+TieredCompilation");

    /** The default compiles what was done so often. */
    record Cell(int jdk, String mode, Primitive primitive, Length length) {}

    private final String name = "cut-" + ProcessHandle.current().pid();

    @TempDir
    Path directory;

    @AfterEach
    void remove() throws Exception {
        Files.deleteIfExists(Images.file(name));
        for (int i = 0; i < CutInASet.QUEUES; i++) Files.deleteIfExists(Images.file(name + i));
    }

    /**
     * Long: all. Whole: each primitive, length, mode and JDK several times, each pair of neighbours
     * once. Sample: fewer.
     */
    static Stream<Cell> cells() {
        int every = Depth.pick(47, 31, 1); // both prime to the lengths of the lists
        return all().stream().filter(cell -> all().indexOf(cell) % every == 0);
    }

    private static List<Cell> all() {
        List<Cell> all = new ArrayList<>();
        for (int jdk : new int[] {17, 25})
            for (String mode : MODES)
                for (Primitive primitive : EnumSet.complementOf(EnumSet.of(Primitive.ASLEEP)))
                    for (Length length : Length.values()) all.add(new Cell(jdk, mode, primitive, length));
        return all;
    }

    /** Whichever comes, and within 2 s. */
    @Luck
    @Seeded(35)
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void f35AndF36ACutFileIsAnExceptionSoon(long seed) throws Exception {
        try (Yardstick yardstick = new Yardstick()) {
            List<String> said = answers(all().get(new Random(seed).nextInt(all().size())));
            String slowest = said.get(said.size() - 3).substring(Cut.SLOWEST.length());
            assertThat(Duration.ofNanos(Long.parseLong(slowest)))
                    .isLessThan(yardstick.late().plusSeconds(2));
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    @Tag("F35")
    @Tag("F36")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void f35AndF36ACutFileIsAnException(Cell cell) throws Exception {
        answers(cell);
    }

    /** Compare-and-set may be the interpreter's where the guard before it is compiled already, on the way to sleep. */
    @ParameterizedTest
    @ValueSource(ints = {100, 300, 2_000, 30_000})
    @Tag("F35")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void shouldLiveWhenAQueueIsCutWhileItsSubscriberSleeps(int messages) throws Exception {
        assertThat(cutAsleep(messages, System.getProperty("java.class.path"))).endsWith(DAMAGED, "exit 0");
    }

    /** The caller, the guard and the reader may each be the interpreter's or a compiler's, and inlined or not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "exclude,dev.belfry.shm.layout.SharedBytes::*",
                "compileonly,dev.belfry.shm.layout.SharedBytes::*",
                "dontinline,dev.belfry.shm.layout.SharedBytes::*",
                "exclude,dev.belfry.shm.memory.*::*",
                "compileonly,dev.belfry.shm.memory.*::*",
                "exclude,dev.belfry.shm.sync.*::*",
                "compileonly,dev.belfry.shm.sync.*::*",
                "compileonly,dev.belfry.*::*",
                "exclude,dev.belfry.*::*"
            })
    @Tag("F35")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void shouldLiveInEachMixtureOfInterpretedAndCompiled(String mixture) throws Exception {
        assertThat(cutAsleep(2_000, System.getProperty("java.class.path"), mixture))
                .endsWith(DAMAGED, "exit 0");
        answers(new Cell(17, mixed(mixture), Primitive.PUBLISH, Length.NOTHING));
    }

    /** As a mode of a cell: one flag. */
    private static String mixed(String mixture) {
        return "-XX:CompileCommand=" + mixture;
    }

    /** Each member's fault is its own, also where the VM says it late. */
    @ParameterizedTest
    @CsvSource({"17, 0, 100", "17, 1, 2000", "17, 2, 300", "25, 2, 300", "25, 0, 2000"})
    @Tag("F35")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void shouldReadTheOthersOnWhenTheQueueOfOneMemberIsCut(int jdk, int cut, int messages) throws Exception {
        Path java = Jdks.java(jdk);
        assumeTrue(java != null, () -> "no JDK " + jdk + " is installed");
        try (ChildJvm child = Isolated.command(CutInASet.class, name, Integer.toString(cut), Integer.toString(messages))
                .java(java)
                .flags(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=off"))
                .start()) {
            List<String> said = child.rest();
            for (int i = 0; i < CutInASet.QUEUES; i++)
                Fuzz.removeSemaphores(said.get(i).substring(Cut.ID.length()));
            assertThat(said).endsWith("thrown [" + DAMAGED + "], got 2, members 2, closed 2", "exit 0");
        }
    }

    private List<String> cutAsleep(int messages, String classPath) throws Exception {
        return cutAsleep(messages, classPath, "quiet");
    }

    private List<String> cutAsleep(int messages, String classPath, String mixture) throws Exception {
        Path java = Jdks.java(17);
        assumeTrue(java != null, "no JDK 17 is installed");
        try (ChildJvm child = Isolated.command(CutAsleep.class, name, Integer.toString(messages))
                .java(java)
                .flags(List.of(QUIET, mixed(mixture), "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"))
                .classPath(classPath)
                .start()) {
            List<String> said = child.rest();
            Fuzz.removeSemaphores(said.get(0).substring(Cut.ID.length()));
            return said;
        }
    }

    /** The lines of the child, which are checked. */
    private List<String> answers(Cell cell) throws Exception {
        List<String> said = cut(cell, System.getProperty("java.class.path"));
        System.out.println(cell + ": " + said);
        assertThat(said).last().isEqualTo("exit 0");
        String[] outcomes = said.get(said.size() - 2).split(", (then |close )?");
        assertThat(outcomes[0]).isIn(expected(cell));
        for (int next = 1; next <= 2; next++) assertThat(outcomes[next]).isIn(expected(cell));
        if (List.of(outcomes).contains(DAMAGED))
            assertThat(outcomes[2]).as("the handle stays unusable").isEqualTo(DAMAGED);
        assertThat(outcomes[3]).as("close").isEqualTo("nothing");
        return said;
    }

    private static List<String> expected(Cell cell) {
        return switch (cell.length) {
            case SEMAPHORES -> List.of("nothing"); // a sleeper without its semaphore checks by itself
            // The JVM may tell only when compiled code has returned: then it tells the user.
            case NOTHING, HEADER_PAGE -> List.of(DAMAGED, "InternalError");
            case HALF -> List.of(DAMAGED, "InternalError", "nothing"); // what it needs may all lie in the other half
        };
    }

    private List<String> cut(Cell cell, String classPath) throws Exception {
        Path java = Jdks.java(cell.jdk);
        assumeTrue(java != null, "no JDK " + cell.jdk + " is installed");
        int before = cell.mode.equals("-Xint") ? 300 : 4_000;
        List<String> flags = List.of(QUIET, cell.mode, "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
        try (ChildJvm child = Isolated.command(
                        Cut.class, name, cell.primitive.name(), cell.length.name(), Integer.toString(before))
                .java(java)
                .flags(flags)
                .classPath(classPath)
                .start()) {
            List<String> said = child.rest();
            if (said.get(0).startsWith(Cut.ID))
                Fuzz.removeSemaphores(said.get(0).substring(Cut.ID.length()));
            return said;
        }
    }

    /** Known to be fatal, and not promised (N3): the C library itself writes to the page when its wait ends. */
    @Test
    @Tag("F36")
    void f36WhoIsAsleepOnASemaphoreThatIsCutDies() throws Exception {
        Cell cell = new Cell(17, "-XX:+TieredCompilation", Primitive.ASLEEP, Length.SEMAPHORES);
        List<String> said = List.of();
        for (int tries = 0; tries < 6 && !died(said); tries++) // between two slices it was not asleep, and lives
        said = cut(cell, System.getProperty("java.class.path"));
        assertDied(said);
    }

    private static boolean died(List<String> said) {
        return said.contains("exit 134") || said.contains("exit 135");
    }

    /** By the JVM's own hand, or by the C library's. */
    static void assertDied(List<String> said) {
        assertThat(said)
                .containsAnyOf(
                        "# A fatal error has been detected by the Java Runtime Environment:", "exit 134", "exit 135");
    }

    // Twins: what ends the JVM if the guards are left out

    @Test
    void shouldNoticeWhenACompareAndSetIsNotPrecededByAReadThatTells() throws Exception {
        try (Patched twin = Patched.in(SharedBytes.class, "Object asked = new byte[none][none];", "")) {
            assertDied(cut(new Cell(17, "-Xint", Primitive.PUBLISH, Length.NOTHING), twin.classPath()));
        }
    }

    @Test
    void shouldNoticeWhenTheGuardIsOneThatACompilerLeavesOut() throws Exception {
        try (Patched twin =
                Patched.in(SharedBytes.class, "Object asked = new byte[none][none];", "Object asked = new byte[0];")) {
            List<String> said = cutAsleep(300, twin.classPath());
            for (int again = 0; again < 9 && said.contains("exit 0"); again++) // how far a compiler is by then is luck
            said = cutAsleep(300, twin.classPath());
            assertDied(said);
        }
    }

    @Test
    void shouldNoticeWhenASemaphoreIsPostedUnread() throws Exception {
        try (Patched twin =
                Patched.in(NamedSemaphore.class, "int shared = bytes.getInt(SEM_PRIVATE);", "int shared = 0;")) {
            assertDied(
                    cut(new Cell(17, "-XX:TieredStopAtLevel=1", Primitive.WAKE, Length.SEMAPHORES), twin.classPath()));
        }
    }
}
