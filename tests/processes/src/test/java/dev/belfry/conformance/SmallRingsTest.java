package dev.belfry.conformance;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueFullException;
import dev.belfry.conformance.ComparedRun.Room;
import dev.belfry.conformance.ComparedRun.Step;
import dev.belfry.mem.MemOldest;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Shortened;
import dev.belfry.testing.Slow;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The random programs of {@link SameAsMemSuite} in rings that are full after a few messages, so that subscribers are
 * overrun, disconnected and waited for. When a ring is full, and what it overwrites, {@code mem:} is told.
 */
class SmallRingsTest {
    private static final List<String> RINGS =
            List.of("capacity=4k&maxCapacity=4k", "capacity=4k&maxCapacity=16k", "capacity=8k&maxCapacity=8k");
    private static final int STEPS = 100;

    /** What came of a publish, and the oldest message after it. */
    private record Outcome(boolean rejected, long oldest) {}

    /**
     * The same programs each time. Others show two differences in what nobody promises: an overrun subscriber that
     * acknowledges what was overwritten goes on there over {@code mem:}, and jumps over {@code shm:}; and the place of
     * one that was disconnected while it read a message once more.
     */
    @Test
    void programsDoTheSameAsOverMem() {
        doTheSame(3);
    }

    @Slow
    @ParameterizedTest
    @ValueSource(longs = {22, 31})
    void moreProgramsDoTheSameAsOverMem(long seed) {
        doTheSame(seed);
    }

    private static void doTheSame(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < Depth.pick(50, 200, 300); i++) {
            String ring = RINGS.get(random.nextInt(RINGS.size()));
            List<Step> program = Step.program(random.nextLong(), STEPS);
            if (difference(program, ring) == null) continue;
            List<Step> shortest = Shortened.of(program, p -> difference(p, ring) != null);
            throw new AssertionError("Seed " + seed + ", program " + (i + 1) + ", " + ring + ", shortened:\n  "
                    + difference(shortest, ring));
        }
    }

    /** All steps as both did them, and the first that differs; null if none does. */
    private static String difference(List<Step> program, String ring) {
        String name = "small-rings-" + ProcessHandle.current().pid();
        StringBuilder same = new StringBuilder();
        Queue<Outcome> outcomes = new ArrayDeque<>();
        MessageQueue queue = MessageQueues.open("shm:" + name + "?deleteOnLastClose=true&" + ring);
        MessageQueue roomy = MessageQueues.open("mem:" + name + "?deleteOnLastClose=true&capacity=16m&maxCapacity=16m");
        try (ComparedRun here = new ComparedRun(queue, told(outcomes, queue));
                ComparedRun mem = new ComparedRun(roomy, asTold(outcomes, roomy))) {
            for (Step step : program) {
                String actual = here.execute(step);
                String expected = mem.execute(step);
                if (!actual.equals(expected)) return same + "mem: " + expected + "\n  shm: " + actual;
                same.append(expected).append("\n  ");
            }
        }
        return null;
    }

    private static Room told(Queue<Outcome> outcomes, MessageQueue queue) {
        return publish -> {
            boolean rejected = false;
            try {
                return publish.get();
            } catch (QueueFullException full) {
                rejected = true;
                return "full";
            } finally {
                outcomes.add(new Outcome(rejected, Math.max(1, queue.stats().oldestPosition())));
            }
        };
    }

    private static Room asTold(Queue<Outcome> outcomes, MessageQueue mem) {
        return publish -> {
            Outcome outcome = outcomes.remove();
            try {
                return outcome.rejected ? "full" : publish.get();
            } finally {
                MemOldest.raise(mem, outcome.oldest);
            }
        };
    }
}
