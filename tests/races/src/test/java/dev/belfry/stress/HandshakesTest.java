package dev.belfry.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Alone;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.TestGrading;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs jcstress in JVMs of its own: no handshake may show a forbidden outcome. With luck the twins
 * race too, and each must show its own mistake, for which two must meet within nanoseconds: that
 * the mistakes are wrong is known without luck, from the schedules of shm-transport's
 * StoreBufferTest and InterleavingTwinsTest.
 */
@Tag("T4")
@WaitsForOthers
@Alone
@Slow
class HandshakesTest {
    private static final Path RESULTS = Path.of("target", "jcstress");

    /** A twin that showed nothing yet is raced again, for longer. */
    private static final int MOST_ROUNDS = 6;

    /** For the JVMs that race: nothing in Belfry needs a flag, but a newer JDK would warn. */
    private static final String FLAGS = "-XX:+UseParallelGC " + String.join(" ", JavaCommand.QUIET);

    @TestFactory
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    Stream<DynamicTest> shouldShowNoForbiddenOutcome() throws Exception {
        List<String> handshakes =
                TestList.tests().stream().filter(test -> !isTwin(test)).toList();
        return judge(raceAll(handshakes), HandshakesTest::judge);
    }

    @Luck
    @TestFactory
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    Stream<DynamicTest> shouldShowTheMistakeInEachTwin() throws Exception {
        Map<String, TestGrading> gradings = raceAll(TestList.tests());
        for (int again = 0; again < MOST_ROUNDS; again++) {
            List<String> unseen = gradings.entrySet().stream()
                    .filter(e -> isTwin(e.getKey()) && !e.getValue().hasInteresting)
                    .map(Map.Entry::getKey)
                    .toList();
            if (unseen.isEmpty()) break;
            race(unseen, 5, 1_000);
            gradings = gradings();
        }
        return judge(gradings, (test, grading) -> {
            judge(test, grading);
            assertThat(grading.hasInteresting)
                    .as("the mistake shows: " + outcomes(grading))
                    .isEqualTo(isTwin(test));
        });
    }

    private static Map<String, TestGrading> raceAll(Collection<String> tests) throws Exception {
        deleteOldResults();
        String end = race(tests, Depth.pick(1, 1, 5), Depth.pick(100, 100, 500));
        Map<String, TestGrading> gradings = gradings();
        assertThat(gradings.keySet()).as(end).containsExactlyInAnyOrderElementsOf(tests);
        return gradings;
    }

    private static Stream<DynamicTest> judge(
            Map<String, TestGrading> gradings, BiConsumer<String, TestGrading> verdict) {
        return gradings.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> verdict.accept(e.getKey(), e.getValue())));
    }

    /** A twin is a test that says which wrong outcome is to be seen. */
    private static void judge(String test, TestGrading grading) {
        String seen = outcomes(grading);
        System.out.println(test + ": " + seen);
        assertThat(grading.failureMessages).as(seen).isEmpty();
        assertThat(grading.isPassed).as(seen).isTrue();
    }

    private static boolean isTwin(String test) {
        return TestList.getInfo(test).cases().stream().anyMatch(c -> c.expect() == Expect.ACCEPTABLE_INTERESTING);
    }

    private static String outcomes(TestGrading grading) {
        List<String> all = new ArrayList<>();
        for (GradingResult result : grading.gradingResults.values()) all.add(result.id + " x " + result.count);
        return String.join("; ", all);
    }

    /** Returns how it ended. Its results are files in the directory in which it runs. */
    private static String race(Collection<String> tests, int iterations, int millis) {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "-C",
                RESULTS.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                absolute(System.getProperty("java.class.path")),
                Main.class.getName(),
                "-t",
                tests.stream().map(test -> "^" + Pattern.quote(test) + "$").collect(Collectors.joining("|")),
                // Their product is how many states live at one time: fewer than there are cells.
                "-strideSize",
                "64",
                "-strideCount",
                "16",
                "-af",
                "NONE",
                "-f",
                "1",
                "-fsm",
                "1",
                "-sc",
                String.valueOf(Depth.isLong()),
                "-iters",
                String.valueOf(iterations),
                "-time",
                String.valueOf(millis),
                "-jvmArgs",
                FLAGS));
        try (ChildJvm jcstress = ChildJvm.startMerged("jcstress", command)) {
            jcstress.rest();
            return jcstress.report();
        }
    }

    private static String absolute(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    private static void deleteOldResults() throws IOException {
        Files.createDirectories(RESULTS);
        try (DirectoryStream<Path> old = Files.newDirectoryStream(RESULTS, "jcstress-results-*")) {
            for (Path file : old) Files.delete(file);
        }
    }

    /** All runs of a test, in whatever mode it was compiled, are judged as one. */
    private static Map<String, TestGrading> gradings() throws IOException, ClassNotFoundException {
        InProcessCollector all = new InProcessCollector();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(RESULTS, "jcstress-results-*")) {
            for (Path file : files) {
                DiskReadCollector reader = new DiskReadCollector(file.toString(), all);
                reader.dump();
                reader.close();
            }
        }
        Map<String, TestResult> merged = new TreeMap<>();
        for (TestResult result : all.getTestResults()) {
            TestResult before = merged.putIfAbsent(result.getName(), result);
            if (before != null) before.addState(result.getCounter());
        }
        Map<String, TestGrading> gradings = new TreeMap<>();
        merged.forEach((name, result) -> gradings.put(name, result.grading()));
        return gradings;
    }
}
