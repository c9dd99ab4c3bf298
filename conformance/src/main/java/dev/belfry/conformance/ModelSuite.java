package dev.belfry.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
    private static final long SHRINKING_NANOS = TimeUnit.SECONDS.toNanos(30);

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
        failure = shrunk(failure, parameters);
        throw new AssertionError(
                "Seed " + seed + " (-Dbelfry.seed=" + seed + ") with " + parameters + " fails after:\n  "
                        + String.join("\n  ", failure.trace) + "\n" + failure.cause,
                failure.cause);
    }

    /** Leaves out half, a quarter, an eighth ... for as long as it still fails. */
    private Failure shrunk(Failure failure, String parameters) {
        long start = System.nanoTime();
        for (int size = failure.operations.size() / 2; size >= 1; size /= 2)
            for (int from = 0; from < failure.operations.size(); ) {
                if (System.nanoTime() - start > SHRINKING_NANOS) return failure;
                List<ModelRun.Operation> fewer = new ArrayList<>(failure.operations);
                fewer.subList(from, Math.min(from + size, fewer.size())).clear();
                Failure smaller = failureOf(fewer, parameters);
                if (smaller == null) from += size;
                else failure = smaller;
            }
        return failure;
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
