package dev.belfry.conformance;

import dev.belfry.testing.Seeded;
import dev.belfry.testing.Shortened;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * Random operations, one after the other, compared with a list: for cases that are missing in the
 * suites' examples. A failure prints the seed and the shortest sequence found that fails.
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
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class ModelSuite extends ConformanceSuite {
    private static final int OPERATIONS = 2_000;

    protected ModelSuite() {}

    @Seeded({1, 2, 3})
    void modelOfAQueueThatKeepsEverything(long seed) {
        check(seed, "capacity=4m&maxCapacity=16m");
    }

    @Seeded({1, 2, 3})
    void modelOfAQueueThatGrows(long seed) {
        check(seed, "capacity=4k&maxCapacity=64k");
    }

    @Seeded({1, 2, 3})
    void modelOfAQueueThatIsFull(long seed) {
        check(seed, "capacity=4k&maxCapacity=4k");
    }

    private void check(long seed, String parameters) {
        Random random = new Random(seed);
        List<ModelRun.Operation> operations = new ArrayList<>();
        for (int i = 0; i < OPERATIONS; i++) operations.add(ModelRun.Operation.random(random));
        Failure failure = failureOf(operations, parameters);
        if (failure == null) return;
        failure = failureOf(Shortened.of(failure.operations, o -> failureOf(o, parameters) != null), parameters);
        throw new AssertionError(
                "Seed " + seed + " (-Dbelfry.seed=" + seed + ") with " + parameters + " fails after:\n  "
                        + String.join("\n  ", failure.trace) + "\n" + failure.cause,
                failure.cause);
    }

    private Failure failureOf(List<ModelRun.Operation> operations, String parameters) {
        nextQueue();
        try (ModelRun run = new ModelRun(this, parameters)) {
            for (int i = 0; i < operations.size(); i++)
                try {
                    run.execute(operations.get(i));
                } catch (RuntimeException | AssertionError e) {
                    return new Failure(operations.subList(0, i + 1), run.trace(), e);
                }
        }
        return null;
    }

    private record Failure(List<ModelRun.Operation> operations, List<String> trace, Throwable cause) {}
}
