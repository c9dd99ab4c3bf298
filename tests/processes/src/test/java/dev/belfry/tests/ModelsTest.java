package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.Turn;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * The protocol's models, searched by Spin to the last state: those that are right pass, each
 * planted hole is found. The table is tests/models/runs.txt.
 */
@Tag("T3")
@Slow
@OneJdk
@ByTurns
class ModelsTest {
    private static final Path MODELS = Path.of("..", "models").toAbsolutePath().normalize();

    /** A line of the table. */
    private record Run(boolean passes, boolean isLong, List<String> arguments) {
        static Run of(String line) {
            List<String> words = List.of(line.trim().split("\\s+"));
            return new Run(words.get(0).equals("ok"), words.get(1).equals("long"), words.subList(2, words.size()));
        }
    }

    @TestFactory
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    Stream<DynamicTest> shouldPassAsTheyAreAndFailForEachHole() throws IOException {
        assumeTrue(isInstalled("spin") && isInstalled("cc"), "needs spin and cc: apt-get install spin gcc");
        assumeTrue(Depth.chosen() != Depth.SAMPLE, "models know no JDK: searched where the depth is whole or long");
        return Turn.of(runs().filter(run -> Depth.isLong() || !run.isLong())
                .map(run -> DynamicTest.dynamicTest(String.join(" ", run.arguments), () -> search(run))));
    }

    private static void search(Run run) throws IOException, InterruptedException {
        String found = output(run.arguments);
        System.out.println(String.join(" ", run.arguments) + ": " + found);
        assertThat(found).startsWith(run.passes ? "errors=0 " : "errors=1 ");
    }

    private static String output(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(MODELS.resolve("run.sh").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (!Depth.isLong()) { // small searches, many of them: what counts is how long the compiler takes
            if (isInstalled("tcc")) builder.environment().putIfAbsent("CC", "tcc");
            builder.environment().put("CFLAGS", "-O0");
            builder.environment().put("HASH", "20");
            builder.environment().put("STORE", "");
        }
        Process search = builder.start();
        try {
            return new String(search.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        } finally {
            search.descendants().forEach(ProcessHandle::destroy);
            search.destroy();
            search.waitFor();
        }
    }

    private static Stream<Run> runs() throws IOException {
        return Files.readAllLines(MODELS.resolve("runs.txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Run::of);
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
