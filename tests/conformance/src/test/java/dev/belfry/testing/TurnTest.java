package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

@OneJdk
class TurnTest {
    private static final int TESTS = 7;
    private static final List<String> ALL = IntStream.range(0, TESTS)
            .boxed()
            .flatMap(i -> Stream.of("made " + i, "of a method " + i))
            .sorted()
            .toList();

    private static final List<String> RAN = new ArrayList<>();

    @Planted
    @ByTurns
    static class Twins {
        static IntStream numbers() {
            return IntStream.range(0, TESTS);
        }

        @ParameterizedTest
        @MethodSource("numbers")
        void shouldRun(int number) {
            RAN.add("of a method " + number);
        }

        @TestFactory
        Stream<DynamicTest> shouldMake() {
            return Turn.of(numbers().mapToObj(i -> DynamicTest.dynamicTest("" + i, () -> RAN.add("made " + i))));
        }

        @Test
        void shouldRunAlways() {}
    }

    @Planted
    static class Plain {
        @Test
        @ByTurns
        void shouldRunFirst() {
            RAN.add("first");
        }

        @Test
        @ByTurns
        void shouldRunSecond() {
            RAN.add("second");
        }

        @Test
        @ByTurns
        void shouldRunThird() {
            RAN.add("third");
        }

        @ByTurns
        @ParameterizedTest
        @ValueSource(strings = {"one", "two", "three"})
        void shouldRunOne(String name) {
            RAN.add(name);
        }

        @Test
        void shouldRunAlways() {}
    }

    @Planted
    @Copy(1)
    static class Copied {
        static IntStream numbers() {
            return IntStream.range(0, TESTS);
        }

        @ParameterizedTest
        @MethodSource("numbers")
        void shouldRun(int number) {
            RAN.add("copy " + number);
        }

        @Nested
        class Inside {
            @Test
            void shouldRun() {
                RAN.add("inside a copy");
            }
        }
    }

    private final String ours = System.clearProperty(Turn.COMMIT);

    @AfterEach
    void restore() {
        if (ours == null) System.clearProperty(Turn.COMMIT);
        else System.setProperty(Turn.COMMIT, ours);
        RAN.clear();
    }

    @Test
    void shouldRunEachOnOneOfThreeCommits() {
        for (String commit : List.of("fffffffe", "ffffffff", "00000001c0ffee")) {
            System.setProperty(Turn.COMMIT, commit);
            int before = RAN.size();
            var summary = run();
            int ran = RAN.size() - before;
            assertThat(ran).isBetween(2 * (TESTS / 3), 2 * (TESTS / 3 + 1));
            assertThat(summary.getTestsSucceededCount()).isEqualTo(ran + 1L);
        }
        assertThat(RAN).containsExactlyInAnyOrderElementsOf(ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "8c41f07a"})
    void shouldRunTheSameAgainOnTheSameCommit(String commit) {
        System.setProperty(Turn.COMMIT, commit);
        run();
        List<String> once = List.copyOf(RAN);
        RAN.clear();
        run();
        assertThat(RAN).containsExactlyInAnyOrderElementsOf(once);
    }

    @Test
    void shouldTakePlainTestsByTurnsToo() {
        for (String commit : List.of("0", "1", "2")) {
            System.setProperty(Turn.COMMIT, commit);
            assertThat(run(Plain.class).getTestsSucceededCount()).isEqualTo(3);
        }
        assertThat(RAN).containsExactlyInAnyOrder("first", "second", "third", "one", "two", "three");
    }

    @Test
    void shouldTakeACopyOfOtherTestsAsAWholeOnOneOfThreeCommits() {
        for (String commit : List.of("0", "1", "2")) {
            System.setProperty(Turn.COMMIT, commit);
            assertThat(run(Copied.class).getTestsSucceededCount()).isEqualTo(commit.equals("1") ? TESTS + 1 : 0);
        }
        assertThat(RAN).hasSize(TESTS + 1);
    }

    @Test
    void shouldRunAllWithoutACommit() {
        run();
        assertThat(RAN).containsExactlyInAnyOrderElementsOf(ALL);
        assertThat(run(Copied.class).getTestsSucceededCount()).isEqualTo(TESTS + 1);
    }

    private static TestExecutionSummary run() {
        return run(Twins.class);
    }

    private static TestExecutionSummary run(Class<?> type) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(type))
                                .configurationParameter(Planted.TWIN, "true")
                                .build(),
                        listener);
        return listener.getSummary();
    }
}
