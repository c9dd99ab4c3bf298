package dev.belfry.shm.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.Depth;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What processes do to the floor of a queue at the same time, step by step; as {@link InterleavingTest}. */
@Tag("T2")
@Tag(LeakCheck.PLANTED)
@Timeout(600)
@ExtendWith(Quiet.Always.class)
@OneJdk
class FloorSchedulesTest {
    private static final int FIRST = 15;
    private static final int MOST = Depth.pick(600, 700, 100_000);
    private static final int RANDOM = Depth.pick(200, 200, 20_000);
    private static final long SEED = 20261128;

    private static int explore(Sim.Scenario scenario, int most, int random) {
        try (Sim sim = new Sim(scenario, p -> new LeaderScenarios.Process())) {
            int tried = 0;
            for (int p = 0; p <= scenario.preemptions() && tried < most; p++) tried = sim.explore(p, most);
            return tried + sim.exploreRandomly(SEED, random);
        }
    }

    private static Stream<DynamicTest> tests(int most, int random) {
        return FloorScenarios.all().stream()
                .map(s -> DynamicTest.dynamicTest(s.name(), () -> {
                    int tried = explore(s, most, random);
                    assertThat(tried).isPositive();
                    System.out.printf("%-60s %6d schedules%n", s, tried);
                }));
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

    /** Of the scenario of this name. */
    static final class Schedules implements Consumer<String> {
        @Override
        public void accept(String scenario) {
            try (Sim sim = new Sim(FloorScenarios.named(scenario), p -> new LeaderScenarios.Process())) {
                sim.explore(0, 1_000);
                sim.explore(1, 1_000);
                sim.exploreRandomly(1, 2_000);
            }
        }
    }

    private static void requireSeen(Patched twin, String scenario) {
        try (twin) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Schedules.class, scenario))
                    .isNotInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    @Slow
    void shouldNoticeARaiseWithoutTheLock() {
        requireSeen(
                Patched.in(
                                "FloorRaiser",
                                "joining.underGateLock(System.nanoTime() + LOCK_NANOS, () -> {",
                                "((java.util.function.Supplier<Boolean>) () -> {")
                        .and("FloorRaiser", "}); if (raised)", "}).get(); if (raised)"),
                "raise against join");
    }

    @Test
    @Slow
    void shouldNoticeARaiseThatDoesNotAskAgain() {
        requireSeen(
                Patched.in(
                        "FloorRaiser",
                        "boolean isNeeded = needed(givesWay) < first.offset();",
                        "boolean isNeeded = false;"),
                "raise against join");
    }

    @Test
    @Slow
    void shouldNoticeASeekThatDoesNotCompareUnderTheLock() {
        requireSeen(
                Patched.in(
                        "Seeking", "() -> segment.floor.isBelowFloor(found.offset()) ? null : found;", "() -> found;"),
                "raise against seek");
    }

    @Test
    @Slow
    void shouldNoticeAJoinThatDoesNotCompareUnderTheLock() {
        requireSeen(
                Patched.in(
                        "Joining", "if (found != null && segment.floor.isBelowFloor(found.offset())) return null;", ""),
                "raise against join");
    }

    @Test
    @Slow
    void shouldNoticeAnAttachThatDoesNotCompareUnderTheLock() {
        requireSeen(
                Patched.in(
                        "Joining",
                        "if (found != null && found.offset() != (passed ? segment.floor.offset() : offset)) return null;",
                        ""),
                "attach against attach below the gate");
    }

    @Test
    @Slow
    void shouldNoticeAReaderThatAsksTheFloorBeforeItReads() {
        requireSeen(
                Patched.in(
                        "ReadBelow",
                        "LogFiles.Read read = leader.reads(piece, offset); if (isBelowFloor(offset)) return false;",
                        "if (isBelowFloor(offset)) return false; LogFiles.Read read = leader.reads(piece, offset);"),
                "raise against a reader below the gate");
    }

    @Test
    @Slow
    void shouldNoticeThatNobodyReclaimsDeadSlots() {
        requireSeen(
                Patched.in(
                        "FloorRaiser", "for (int slot = 0; slot < highMark; slot++) subscriptions.reclaim(slot);", ""),
                "publish into a full directory against join");
    }
}
