package dev.belfry.shm.hostile;

import static dev.belfry.shm.hostile.CorruptionFuzzTest.HANGS_SECONDS;
import static dev.belfry.shm.hostile.CorruptionFuzzTest.SEED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.sync.Sleepers;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link CorruptionFuzzTest} must find: products with one defect each. */
@Tag("T5")
@WaitsForOthers
@Slow
@OneJdk
class CorruptionFuzzTwinsTest {
    private static final int ENOUGH = 20_000;

    /** The search begins so many inputs before the one that finds the defect, unless there is time for all. */
    private static final int BEFORE = 50;

    @TempDir
    Path directory;

    /**
     * The exit code, and what was said. {@code finds}: the first input that does; 0 where what lies after the
     * memory decides which one does.
     */
    private List<String> found(Patched twin, int finds, int hangsSeconds) throws Exception {
        Path progress = directory.resolve("progress");
        int first = Depth.isLong() ? 0 : Math.max(0, finds - BEFORE);
        try (twin;
                ChildJvm child =
                        CorruptionFuzzTest.start(twin.classPath(), progress, SEED, first, ENOUGH, hangsSeconds)) {
            List<String> said = child.rest();
            Fuzz.removeAfterDeath(child.pid());
            System.out.println(
                    "twin found at input " + CorruptionFuzzTest.input(progress) + ": " + said.get(said.size() - 1));
            return said;
        }
    }

    @ByTurns
    @Test
    void shouldNoticeWhenIndexesAreBelieved() throws Exception {
        List<String> said = found(
                Patched.in(SharedBytes.class, "if (index < 0 || index > length - size)", "if (false)")
                        .and(SegmentHeader.class, "if (mark < 0 || mark > slots)", "if (false)")
                        .and(Slots.class, "if (slot < 0 || slot >= count)", "if (false)"),
                0,
                HANGS_SECONDS);
        // Behind the memory lies nothing, and the JVM dies; or something, and what is read there makes no sense.
        if (!said.get(said.size() - 1).equals("exit " + Fuzz.FAILED)) TruncationMatrixTest.assertDied(said);
    }

    @ByTurns
    @Test
    void shouldNoticeWhenACutSemaphoreIsHandedToTheCLibrary() throws Exception {
        List<String> said = found(
                Patched.in(NamedSemaphore.class, "int shared = bytes.getInt(SEM_PRIVATE);", "int shared = 0;"),
                631,
                HANGS_SECONDS);
        TruncationMatrixTest.assertDied(said);
    }

    @ByTurns
    @Test
    void shouldNoticeALoopThatOnlyAStrangerEnds() throws Exception {
        List<String> said =
                found(Patched.in(Sleepers.class, "owed < MOST_OWED && bed.tryTake()", "bed.tryTake()"), 1109, 3);
        assertThat(said).last().isEqualTo("exit " + Fuzz.FAILED);
        assertThat(said.get(0)).contains("hangs");
    }

    @ByTurns
    @Test
    void shouldNoticeNumbersThatCannotBe() throws Exception {
        List<String> said = found(
                Patched.in(LogPlace.class, "if (position < 1 ||", "if (position < -1L << 60 ||"), 535, HANGS_SECONDS);
        assertThat(said).last().isEqualTo("exit " + Fuzz.FAILED);
        assertThat(said.get(0)).contains("NotData");
    }
}
