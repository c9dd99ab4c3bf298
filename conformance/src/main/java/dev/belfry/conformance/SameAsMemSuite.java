package dev.belfry.conformance;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.conformance.ComparedRun.Step;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Shortened;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * Random programs of one thread, over this transport and over {@code mem:}, which reads as the specification: all
 * that a user sees must be the same. The transport's tests need {@code mem:} on their class path. A failure prints
 * the shortest program found that fails.
 */
@Tag("POSITIONS")
@Tag("HISTORY")
@Tag("NAMED")
@Tag("CLIENT_ACK")
@Tag("AWAIT_ACK")
@Tag("GATING")
@Tag("OVERRUN")
@Tag("PROPERTIES")
@Tag("CLAIM")
@Tag("BATCH")
@Tag("SEEK")
@Tag("MEMBERS")
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class SameAsMemSuite extends ConformanceSuite {
    private static final String ROOMY = "capacity=1m&maxCapacity=1m"; // a full queue differs by its layout
    private static final int STEPS = 60;
    private static final int FEW = 60;

    protected SameAsMemSuite() {}

    @Seeded(1)
    void programsDoTheSameAsOverMem(long seed) {
        compare(seed, FEW);
    }

    @Slow
    @Seeded(2)
    void aThousandProgramsDoTheSameAsOverMem(long seed) {
        compare(seed, Depth.pick(200, 1_000, 20_000));
    }

    private void compare(long seed, int programs) {
        Random random = new Random(seed);
        for (int i = 0; i < programs; i++) {
            List<Step> program = Step.program(random.nextLong(), STEPS);
            String found = difference(program);
            if (found == null) continue;
            String shortest = difference(Shortened.of(program, p -> difference(p) != null));
            throw new AssertionError("Seed " + seed + " (-Dbelfry.seed=" + seed + "), program " + (i + 1)
                    + (shortest == null ? ", not each time:\n  " + found : ", shortened:\n  " + shortest));
        }
    }

    /** All steps as both did them, and the first that differs; null if none does. */
    private String difference(List<Step> program) {
        nextQueue();
        StringBuilder same = new StringBuilder();
        MessageQueue queue = open(ROOMY);
        MessageQueue inMem = MessageQueues.open("mem:" + queueName() + "?deleteOnLastClose=true&" + ROOMY);
        try (ComparedRun here = new ComparedRun(queue);
                ComparedRun mem = new ComparedRun(inMem)) {
            for (Step step : program) {
                String expected = mem.execute(step);
                String actual = here.execute(step);
                if (!actual.equals(expected))
                    return same + "mem: " + expected + "\n  " + fixture().scheme() + ": " + actual;
                same.append(expected).append("\n  ");
            }
        } finally {
            forget(queue, List.of());
            fixture().remove(plainUri());
        }
        return null;
    }
}
