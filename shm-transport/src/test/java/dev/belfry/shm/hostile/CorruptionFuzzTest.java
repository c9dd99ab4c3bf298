package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.posix.Isolated;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole segments, damaged at rest and in use, one bit or everything, by accident or knowing the
 * layout; and the semaphores, too. A program that opens and uses one sees exceptions or data; no JVM
 * crashes, hangs or runs out of its 64 MiB. Within 2 s: that the clock says so is for luck.
 *
 * <p>{@code -Dbelfry.input=}: this one of a seed's inputs alone, as a failure says.
 */
@Tag("T5")
@WaitsForOthers
@Slow
class CorruptionFuzzTest {
    static final long SEED = 20261120;
    private static final Long ONE_INPUT = Long.getLong("belfry.input");
    static final int HANGS_SECONDS = 60;
    private static final int SOON_SECONDS = 2;

    @TempDir
    Path directory;

    /**
     * A child at its share of the inputs. No file of it may come to more than 64 MiB, whatever a
     * damaged header says.
     */
    static ChildJvm start(String classPath, Path progress, long seed, long first, long count, int hangsSeconds) {
        return Isolated.command(
                        Fuzz.class,
                        progress.toString(),
                        Long.toString(seed),
                        Long.toString(first),
                        Long.toString(count),
                        Integer.toString(hangsSeconds),
                        Integer.toString(Depth.chosen() == Depth.LUCK ? SOON_SECONDS : hangsSeconds))
                .flags(List.of("-XX:+ExitOnOutOfMemoryError", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"))
                .classPath(classPath)
                .through(List.of("sh", "-c", "ulimit -c 0; ulimit -f 131072; exec \"$0\" \"$@\""))
                .start();
    }

    static long input(Path progress) throws Exception {
        return Files.exists(progress)
                ? ByteBuffer.wrap(Files.readAllBytes(progress)).getLong()
                : -1;
    }

    @Seeded(SEED)
    @Tag("F31")
    @Tag("F32")
    @Tag("F33")
    @Tag("F34")
    @Tag("F37")
    @Tag("F38")
    @Timeout(value = 10, unit = TimeUnit.HOURS)
    void f31ToF38DamageIsAnExceptionOrDataSoon(long seed) throws Exception {
        long inputs = ONE_INPUT != null ? 1 : Depth.pick(1_200, 2_000, 300_000);
        int jvms = ONE_INPUT != null ? 1 : Math.min(4, Runtime.getRuntime().availableProcessors());
        List<ChildJvm> children = new ArrayList<>();
        try {
            for (int i = 0; i < jvms; i++) {
                long first = ONE_INPUT != null ? ONE_INPUT : inputs / jvms * i;
                children.add(start(
                        System.getProperty("java.class.path"), progress(i), seed, first, inputs / jvms, HANGS_SECONDS));
            }
            for (int i = 0; i < jvms; i++) {
                ChildJvm child = children.get(i);
                List<String> said = child.rest();
                long input = input(progress(i));
                assertThat(said.get(said.size() - 1))
                        .as(() -> "input " + input + " " + said + "; again with: mvn -pl tests/shm-transport -am test"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest=CorruptionFuzzTest#f31*"
                                + " -Dbelfry.seed=" + seed + " -Dbelfry.input=" + input + child.report())
                        .isEqualTo("exit 0");
                System.out.println("fuzz, seed " + seed + ": " + said.get(said.size() - 2));
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private Path progress(int i) {
        return directory.resolve("progress" + i);
    }
}
