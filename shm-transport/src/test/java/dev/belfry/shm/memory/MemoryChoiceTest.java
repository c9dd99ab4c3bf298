package dev.belfry.shm.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.RemoteMain;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM takes one way to memory, and loads nothing of the other. */
@WaitsForOthers
@Slow
class MemoryChoiceTest {
    private static final int JDK = Runtime.version().feature();

    /** Of JNA and Chronicle, by package. */
    private static final List<String> OTHERS = List.of("com.sun.jna.", "net.openhft.");

    private static String loadedBy(Path directory, List<String> how) throws Exception {
        Path loaded = directory.resolve("loaded");
        List<String> flags = Stream.concat(how.stream(), Stream.of("-Xlog:class+load:file=" + loaded))
                .toList();
        String name = "shm:choice-" + ProcessHandle.current().pid();
        try (RemoteJvm jvm = RemoteJvm.start(flags)) {
            jvm.ask("open " + name);
            jvm.ask("publisher");
            jvm.ask("subscribe start=OLDEST");
            jvm.ask("publish hello 1");
            assertThat(jvm.ask("receive 1 5000")).contains("hello");
            jvm.ask("close");
            jvm.ask("delete " + name);
            jvm.exit();
        }
        return Files.readString(loaded);
    }

    @Test
    @Tag("F65")
    void shouldLoadNeitherChronicleNorJnaWhereUnsafeIsDenied(@TempDir Path directory) throws Exception {
        assumeTrue(JDK >= 23, "needs JDK 23 or later: older ones deny nothing");
        assertThat(loadedBy(directory, List.of("--sun-misc-unsafe-memory-access=deny")))
                .contains("ForeignMemory", "ForeignLibC")
                .doesNotContain(OTHERS);
    }

    /** Denies Unsafe, and does not tell: what a JDK may do that denies it by default. */
    static final class DeniesInSilence {
        public static void main(String[] args) throws Exception {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            try {
                type.getMethod("allocateMemory", long.class).invoke(field.get(null), 8L);
                throw new AssertionError("Unsafe is not denied");
            } catch (InvocationTargetException denied) {
                System.clearProperty("sun.misc.unsafe.memory.access");
            }
            RemoteMain.main(args);
        }
    }

    @Test
    @Tag("F65")
    void shouldUseForeignMemoryWhereUnsafeFailsWithoutAFlag() {
        assumeTrue(JDK >= 23, "needs JDK 23 or later: older ones deny nothing");
        opens(JavaCommand.of(DeniesInSilence.class).flags(List.of("--sun-misc-unsafe-memory-access=deny")));
    }

    @Test
    void shouldNeedNoChronicleWhereForeignMemoryIs() {
        assumeTrue(JDK >= 22, "needs JDK 22 or later: older ones have no java.lang.foreign");
        opens(JavaCommand.of(RemoteMain.class).classPath(without("chronicle")));
    }

    private static void opens(JavaCommand command) {
        try (ChildJvm jvm = command.start()) {
            jvm.expect("ok");
            jvm.ask("open shm:silent-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true", "ok");
            jvm.ask("publisher", "ok");
            jvm.ask("close", "ok");
        }
    }

    private static String without(String part) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(place -> !place.contains(part))
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void shouldLoadNothingForeignForChronicle(@TempDir Path directory) throws Exception {
        assertThat(loadedBy(directory, List.of("-Dbelfry.memory=chronicle", allow())))
                .contains(OTHERS)
                .doesNotContain("ForeignMemory", "ForeignLibC");
    }

    private static String allow() {
        return JDK < 23 ? "-ea" : "--sun-misc-unsafe-memory-access=allow";
    }

    @Test
    void shouldSayWhatMayBeAskedFor() {
        assertThat(refusal("mmap")).contains("belfry.memory is 'mmap'; it may be chronicle or ffm");
    }

    @Test
    void shouldSayWhyForeignMemoryIsNotThere() {
        assumeTrue(JDK < 22, "needs a JDK older than 22: newer ones have it");
        assertThat(refusal("ffm")).contains("belfry.memory=ffm needs JDK 22 or later; this is " + JDK);
    }

    private static String refusal(String asked) {
        try (ChildJvm jvm = JavaCommand.of(RemoteMain.class)
                .flags(List.of("-Dbelfry.memory=" + asked, allow()))
                .start()) {
            jvm.expect("ok");
            return jvm.ask("open shm:refused-" + ProcessHandle.current().pid(), "error");
        }
    }

    /** Whichever JDK compiled it: on 17 this runs what that built, and would not find what only a newer one can. */
    @Test
    @Tag("F65")
    void shouldUseForeignMemoryOnANewerJdkThanTheOneThatBuiltIt() {
        Path newer = Jdks.java(25);
        assumeTrue(newer != null, "needs a JDK 25 in /usr/lib/jvm");
        opens(JavaCommand.of(RemoteMain.class)
                .java(newer)
                .classPath(without("chronicle"))
                .flags(List.of("--sun-misc-unsafe-memory-access=deny")));
    }
}
