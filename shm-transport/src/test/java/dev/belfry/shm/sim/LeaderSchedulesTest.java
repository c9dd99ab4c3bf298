package dev.belfry.shm.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What leaders of a queue's files and those that wait for them do, step by step; as {@link InterleavingTest}. */
@Tag("T2")
@Timeout(600)
@ExtendWith(Quiet.Always.class)
@OneJdk
class LeaderSchedulesTest {
    private static final int FIRST = 15;
    private static final int MOST = Depth.pick(600, 700, 100_000);
    private static final int RANDOM = Depth.pick(200, 200, 20_000);
    private static final long SEED = 20261127;

    private static int explore(Sim.Scenario scenario, int most, int random) {
        try (Sim sim = new Sim(scenario, p -> new LeaderScenarios.Process())) {
            int tried = 0;
            for (int p = 0; p <= scenario.preemptions() && tried < most; p++) tried = sim.explore(p, most);
            return tried + sim.exploreRandomly(SEED, random);
        }
    }

    private static Stream<DynamicTest> tests(int most, int random) {
        return LeaderScenarios.all().stream()
                .map(s -> DynamicTest.dynamicTest(s.name(), () -> {
                    int tried;
                    if (s.threads())
                        try (Patched product = Patched.withoutDefect().through(FieldSteps::into)) {
                            tried = product.call(OfThreads.class, most + " " + random + " " + s.name());
                        }
                    else tried = explore(s, most, random);
                    assertThat(tried).isPositive();
                    System.out.printf("%-60s %6d schedules%n", s, tried);
                }));
    }

    /** In a product whose fields are steps, too. */
    static final class OfThreads implements Function<String, Integer> {
        @Override
        public Integer apply(String asked) {
            String[] words = asked.split(" ", 3);
            return explore(LeaderScenarios.named(words[2]), Integer.parseInt(words[0]), Integer.parseInt(words[1]));
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesInTheFirstSchedules() {
        return tests(FIRST, FIRST);
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldKeepPromisesInEverySchedule() {
        return tests(MOST, RANDOM);
    }
}
