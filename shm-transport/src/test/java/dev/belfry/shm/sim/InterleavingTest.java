package dev.belfry.shm.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Luck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test decides which process makes the next step, at each step: all schedules of small scenarios with few
 * pre-emptions, random ones with many. What runs is the product, on a {@link FakeKernel}.
 * Sequentially consistent; with store buffers: {@link StoreBufferTest}. As many scenarios at a time
 * as there are processors.
 */
@Tag("T2")
@Tag("F79")
@Timeout(600)
@ExtendWith(Quiet.Always.class)
@OneJdk
class InterleavingTest {
    private static final int MOST = Depth.pick(4_000, 4_000, 300_000);

    /** Of so many pre-emptions that all would be more than {@link #MOST}, see {@link #isTooMany}. */
    private static final int CUT = Depth.pick(250, 250, 300_000);

    /** With none, one and two pre-emptions these have few schedules, and with one more than {@link #MOST}. */
    private static final List<String> LARGE = List.of(
            "two publishers against join against leave.*",
            "gate move against (join OLDEST_RETAINED|poll|re-attach|seek back).*|3 messages.*|evict by maxGateTime.*",
            "close against publish|publish against publish, who may die.*|wait for room against acknowledge, without.*");

    private static final int RANDOM = Depth.pick(300, 300, 50_000);
    private static final int FIRST = 20;
    private static final int PROMISED = Depth.pick(30_000, 30_000, 5_000_000);
    private static final long SEED = 20260711;
    private static ExecutorService workers;

    @BeforeAll
    static void hire() {
        workers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    }

    @AfterAll
    static void dismiss() {
        workers.shutdownNow();
    }

    /** {@code complete}: all schedules with so many pre-emptions were run. */
    private record Figures(Sim.Scenario scenario, int systematic, int complete, int random) {
        @Override
        public String toString() {
            boolean cut = complete < scenario.preemptions();
            return "%-58s %7d schedules: all with %d pre-emptions%s; %d random ones from seed %d"
                    .formatted(
                            scenario,
                            systematic,
                            complete,
                            cut ? ", then some with " + (complete + 1) + " (cut)" : "",
                            random,
                            SEED);
        }
    }

    private static Figures explore(Sim.Scenario scenario) {
        if (!scenario.threads()) return exploreHere(scenario);
        try (Patched product = Patched.withoutDefect().through(FieldSteps::into)) {
            int[] figures = product.call(OfThreads.class, scenario.name());
            return new Figures(scenario, figures[0], figures[1], figures[2]);
        }
    }

    /** In a product whose fields are steps, too. */
    static final class OfThreads implements Function<String, int[]> {
        @Override
        public int[] apply(String scenario) {
            Figures figures = exploreHere(Scenarios.named(scenario));
            return new int[] {figures.systematic, figures.complete, figures.random};
        }
    }

    private static Figures exploreHere(Sim.Scenario scenario) {
        try (Sim sim = new Sim(scenario, p -> new Sim.Process())) {
            int tried = 0;
            int most = MOST;
            int complete = -1;
            while (tried < most && complete < scenario.preemptions()) {
                most = isTooMany(scenario, complete, tried) ? CUT : MOST;
                tried = sim.explore(complete + 1, most);
                if (tried < most) complete++;
            }
            return new Figures(scenario, tried, complete, sim.exploreRandomly(SEED, randomOnes(scenario)));
        }
    }

    /** Twice as many of threads of one process: their mistakes show in random schedules, see {@code Noticers}. */
    private static int randomOnes(Sim.Scenario scenario) {
        return scenario.threads() ? RANDOM : RANDOM / 2;
    }

    /** One pre-emption more multiplies schedules by tens, by fewer for the third than for the second. */
    private static boolean isTooMany(Sim.Scenario scenario, int complete, int tried) {
        return tried > MOST / (complete < 2 ? 20 : 4)
                || !Depth.isLong()
                        && complete >= 0
                        && complete < LARGE.size()
                        && scenario.name().matches(LARGE.get(complete));
    }

    /** What the quick form of the tests has of the whole search. */
    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesInTheFirstSchedules() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Sim.Scenario scenario : Scenarios.all()) {
            Future<Integer> tried = workers.submit(() -> exploreFirst(scenario));
            tests.add(DynamicTest.dynamicTest(
                    scenario.name(), () -> assertThat(tried.get()).isPositive()));
        }
        return tests.stream();
    }

    private static int exploreFirst(Sim.Scenario scenario) {
        if (!scenario.threads()) return exploreFirstHere(scenario);
        try (Patched product = Patched.withoutDefect().through(FieldSteps::into)) {
            return product.call(FirstOfThreads.class, scenario.name());
        }
    }

    /** In a product whose fields are steps, too. */
    static final class FirstOfThreads implements Function<String, Integer> {
        @Override
        public Integer apply(String scenario) {
            return exploreFirstHere(Scenarios.named(scenario));
        }
    }

    private static int exploreFirstHere(Sim.Scenario scenario) {
        try (Sim sim = new Sim(scenario, p -> new Sim.Process())) {
            int tried = 0;
            for (int p = 0; p <= scenario.preemptions() && tried < FIRST; p++) tried = sim.explore(p, FIRST);
            return tried;
        }
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldKeepPromisesInEverySchedule() {
        List<Future<Figures>> running = new ArrayList<>();
        List<DynamicTest> tests = new ArrayList<>();
        int[] total = {0};
        for (Sim.Scenario scenario : Scenarios.all()) {
            Future<Figures> figures = workers.submit(() -> explore(scenario));
            running.add(figures);
            tests.add(DynamicTest.dynamicTest(scenario.name(), () -> {
                Figures done = figures.get();
                System.out.println(done);
                total[0] += done.systematic + done.random;
            }));
        }
        tests.add(DynamicTest.dynamicTest("as many schedules as promised", () -> {
            System.out.printf("schedules in all: %,d of %d scenarios%n", total[0], running.size());
            assertThat(total[0]).isGreaterThanOrEqualTo(PROMISED);
        }));
        return tests.stream();
    }

    /** Others than those of {@link #SEED}. */
    @Luck
    @Seeded(SEED)
    void shouldKeepPromisesInAnyRandomSchedule(long seed) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        running.add(workers.submit(() -> {
            try (Patched product = Patched.withoutDefect().through(FieldSteps::into)) {
                product.run(RandomOfThreads.class, String.valueOf(seed));
            }
        }));
        for (Sim.Scenario scenario : Scenarios.all())
            if (!scenario.threads()) running.add(workers.submit(() -> exploreRandomly(scenario, seed)));
        for (Future<?> one : running) one.get();
    }

    /** In a product whose fields are steps, too. */
    static final class RandomOfThreads implements Consumer<String> {
        @Override
        public void accept(String seed) {
            for (Sim.Scenario scenario : Scenarios.all())
                if (scenario.threads()) exploreRandomly(scenario, Long.parseLong(seed));
        }
    }

    private static void exploreRandomly(Sim.Scenario scenario, long seed) {
        try (Sim sim = new Sim(scenario, p -> new Sim.Process())) {
            sim.exploreRandomly(seed, RANDOM / 10);
        }
    }

    @Test
    void shouldWaitForRoomAlsoWhereThePublisherYields() {
        Sim.Scenario yields = WakeScenarios.roomWithYields();
        for (Sim.Scenario scenario : List.of(yields.withoutSlices(), yields.mortal()))
            for (boolean buffers : new boolean[] {false, true})
                try (Sim sim = new Sim(scenario, p -> new Sim.Process())) {
                    if (buffers) sim.bufferStores();
                    sim.exploreRandomly(SEED, RANDOM);
                }
    }

    /** The same decisions lead to the same choices: or "all schedules" would mean nothing. */
    @Test
    void shouldRunAScheduleTwiceAlike() {
        for (String name : List.of("publish against join NOW", "two publishers against join against leave")) {
            try (Sim sim = new Sim(Scenarios.named(name), p -> new Sim.Process())) {
                sim.exploreRandomly(SEED, 1);
                String once = sim.trace();
                for (int i = 0; i < 20; i++) {
                    sim.exploreRandomly(SEED, 1);
                    assertThat(sim.trace()).isEqualTo(once);
                }
            }
        }
    }

    /** Waits last longer than a slice there: they are not shown to operators, which would be steps. */
    @Test
    @Slow
    void shouldRunAScheduleAlikeHoweverSlowTheMachineIs() {
        for (Sim.Scenario scenario : Scenarios.all()) {
            if (scenario.slices() != Scheduler.Slices.END_EARLY) continue;
            assertThat(traces(scenario, p -> new Stands()))
                    .as(scenario.name())
                    .isEqualTo(traces(scenario, p -> new Sim.Process()));
        }
    }

    private static List<String> traces(Sim.Scenario scenario, Function<Integer, Sim.Process> processes) {
        List<String> traces = new ArrayList<>();
        try (Sim sim = new Sim(scenario, processes)) {
            for (int i = 0; i < 10; i++) {
                sim.exploreRandomly(SEED + i, 1);
                traces.add(sim.trace());
            }
        }
        return traces;
    }

    /** It stands still for a while, before one of its loads in each run. */
    private static final class Stands extends Sim.Process {
        private int loads;

        @Override
        protected long load(Words words, long at, int size) {
            if (scheduler.isActing() && loads++ == 30) LockSupport.parkNanos(30_000_000);
            return super.load(words, at, size);
        }
    }

    /**
     * A machine that stands still for long enough makes one run look at the clock and take steps of
     * its own. What follows that run must be what would have followed it otherwise.
     */
    @Test
    @Slow
    void shouldRunEachScheduleAlthoughSomeStrayed() {
        for (boolean buffers : new boolean[] {false, true}) {
            Set<String> all = schedules(p -> new Sim.Process(), buffers);
            int firsts = Depth.pick(4, 4, 12);
            for (int lateRuns : new int[] {1, 3, 5})
                for (int first = 1; first < all.size(); first += 1 + all.size() / firsts) {
                    Late late = new Late(first, lateRuns, first % 23);
                    assertThat(schedules(late, buffers))
                            .as("%d runs from %d on are late, buffers: %s", lateRuns, first, buffers)
                            .containsAll(all);
                    assertThat(late.steps).isPositive();
                }
        }
    }

    @Test
    void shouldSayThatNoScheduleCanBeRunTwice() {
        assertThatThrownBy(() -> schedules(new Late(2, Integer.MAX_VALUE, 3), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("strays again and again");
    }

    /** Some runs make steps of their own, each time more of them, before one of their loads. */
    private static final class Late implements Function<Integer, Sim.Process> {
        private final int first;
        private final int runs;
        private final int load;
        private int opened;
        private int loads;
        private int steps;

        Late(int first, int runs, int load) {
            this.first = first;
            this.runs = runs;
            this.load = load;
        }

        @Override
        public Sim.Process apply(Integer process) {
            if (process == 0) {
                opened++;
                loads = 0;
            }
            return new Sim.Process() {
                @Override
                protected long load(Words words, long at, int size) {
                    boolean late = opened >= first && opened - first < runs;
                    if (late && scheduler.isActing() && loads++ == load) {
                        steps++;
                        for (int i = 0; i < steps; i++) scheduler.step("late");
                    }
                    return super.load(words, at, size);
                }
            };
        }
    }

    private static Set<String> schedules(Function<Integer, Sim.Process> processes, boolean buffers) {
        try (Sim sim = new Sim(Scenarios.named("await against acknowledge, without slices"), processes)) {
            if (buffers) sim.bufferStores();
            Set<String> all = new HashSet<>();
            sim.explore(2, 10_000, () -> all.add(sim.trace()));
            assertThat(all).hasSizeBetween(10, 9_999);
            return all;
        }
    }
}
