package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.file.FileProgram.Step;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Shortened;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;

/** Random programs over queues in files, beside what the pages say: {@link FileProgram}. */
@OneJdk
@Timeout(3600)
class FileProgramsTest {
    private static final int STEPS = 120;

    /** Programs of each seed: {@code -Dbelfry.programs} says another number. */
    private static final int PROGRAMS = Integer.getInteger("belfry.programs", Depth.pick(60, 60, 20_000));

    @Slow
    @Seeded({1, 2})
    void programsDoWhatThePagesSay(long seed) {
        FileProgram.MET.clear();
        run(seed, PROGRAMS);
        assertThat(FileProgram.MET)
                .containsKeys("overrun", "overrun, to the newest", "disconnected", "disconnected in a set", "moved");
    }

    private static void run(long seed, int programs) {
        Random random = new Random(seed);
        for (int i = 0; i < programs; i++) {
            long luck = random.nextLong();
            boolean syncsAlways = random.nextBoolean();
            boolean grows = random.nextBoolean();
            List<Step> program = Step.program(luck, STEPS);
            String found = broken(program, syncsAlways, grows, luck);
            if (found == null) continue;
            List<Step> shortest = Shortened.of(program, p -> broken(p, syncsAlways, grows, luck) != null);
            throw new AssertionError("Seed " + seed + ", program " + (i + 1) + ", " + (syncsAlways ? "always" : "os")
                    + (grows ? ", grows" : "") + ": " + found + "\nshortened: "
                    + broken(shortest, syncsAlways, grows, luck));
        }
    }

    /** Null: nothing. */
    private static String broken(List<Step> program, boolean syncsAlways, boolean grows, long luck) {
        try (FileProgram run = new FileProgram(syncsAlways, grows, luck)) {
            run.run(program);
            return null;
        } catch (AssertionError broken) {
            return broken.getMessage();
        }
    }
}
