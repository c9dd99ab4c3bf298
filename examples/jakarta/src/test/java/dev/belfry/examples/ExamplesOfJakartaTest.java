package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The examples do what they say, print what their javadoc shows, and leave nothing. */
@WaitsForOthers
@Slow
@OneJdk
class ExamplesOfJakartaTest {
    @Test
    void shouldDoEachJobOnceThoughAWorkerIsKilled() throws IOException {
        List<String> lines = run(WorkQueue.class);
        MatchResult hangs = first("\\[(W.)] took job 7", lines);
        String killed = "[main] Killed " + hangs.group(1) + " in the middle of job 7, with SIGKILL";
        MatchResult again = first("\\[(W.)] took job 7, redelivered: delivery ([2-9])", lines);
        assertThat(again.group(1)).isNotEqualTo(hangs.group(1));
        assertThat(lines.indexOf(again.group())).isGreaterThan(lines.indexOf(hangs.group()));
        assertThat(lines.lastIndexOf(killed)).isPositive();

        List<Integer> taken = all("\\[W.] took job (\\d+).*", lines);
        assertThat(taken)
                .hasSize(13)
                .hasSameElementsAs(IntStream.rangeClosed(1, 12).boxed().toList());
        assertThat(of("main", lines))
                .containsExactly(killed, "[main] 12 results, their sum is 650", "[main] Results left: none");
        assertThat(of("main", javadoc(WorkQueue.class)).stream().map(ExamplesOfJakartaTest::anyWorker))
                .isEqualTo(of("main", lines).stream()
                        .map(ExamplesOfJakartaTest::anyWorker)
                        .toList());
        assertThat(all("\\[W.] took job (\\d+).*", javadoc(WorkQueue.class)))
                .containsExactlyInAnyOrderElementsOf(taken);
    }

    private static String anyWorker(String line) {
        return line.replaceAll("W\\d", "W");
    }

    @Test
    void shouldNeverMoveHalf() throws IOException {
        List<String> lines = run(Transfer.class);
        List<String> main = of("main", lines);
        MatchResult inBetween = first("\\[main] A has (\\d+) coins, B has (\\d+)", main.subList(4, 5));
        int left = Integer.parseInt(inBetween.group(1));
        assertThat(left % 10).isZero();
        assertThat(left + Integer.parseInt(inBetween.group(2))).isEqualTo(100);
        assertThat(of("main", javadoc(Transfer.class)).stream().map(ExamplesOfJakartaTest::anyCoins))
                .isEqualTo(main.stream().map(ExamplesOfJakartaTest::anyCoins).toList());
        assertThat(main)
                .startsWith(
                        "[main] A has 100 coins, B has 0",
                        "[main] Killed the first teller, with SIGKILL",
                        "[main] A has 80 coins, B has 20",
                        "[main] Killed the second teller, with SIGKILL")
                .endsWith("[main] A has 0 coins, B has 100");
        assertThat(of("first", lines))
                .containsExactly(
                        "[first] moved 10 coins",
                        "[first] moved 10 coins",
                        "[first] has moved 5 coins, and not committed")
                .isEqualTo(of("first", javadoc(Transfer.class)));
        assertThat(of("third", lines)).hasSize(left / 10 + 1).endsWith("[third] has nothing left to move");
    }

    private static String anyCoins(String line) {
        return line.replaceAll("\\d+", "N");
    }

    @Test
    void shouldMissNothingThoughTheReaderIsKilled() throws IOException {
        assertThat(run(DurableNews.class)).isEqualTo(javadoc(DurableNews.class));
    }

    /** All that it and the JVMs that it starts print, when it has ended well. */
    private static List<String> run(Class<?> example) {
        try (ChildJvm jvm = ChildJvm.startMerged(
                example.getSimpleName(),
                JavaCommand.of(example)
                        .flags(JavaCommand.QUICK)
                        .flags(JavaCommand.QUIET)
                        .words())) {
            jvm.awaitEnd();
            String[] left = new File("/dev/shm").list((directory, name) -> name.endsWith("-" + jvm.pid()));
            assertThat(left).as("left in /dev/shm").isEmpty();
            List<String> lines = jvm.output().lines().toList();
            assertThat(lines).as("lines of speakers").allMatch(line -> line.matches("\\[\\w+] (?!INFO).*"));
            return lines.stream()
                    .filter(line -> !line.contains("] WARN ")) // of what a death left, if it came at such a moment
                    .toList();
        }
    }

    /** What its own source shows of it. */
    private static List<String> javadoc(Class<?> example) throws IOException {
        Path source = Path.of("src/main/java", example.getName().replace('.', '/') + ".java");
        Matcher shown = Pattern.compile("(?s)<pre>\n(.*?) \\* </pre>").matcher(Files.readString(source));
        assertThat(shown.find()).as("the output of %s", example).isTrue();
        return shown.group(1)
                .lines()
                .map(line -> line.replaceFirst(" \\*   ", ""))
                .toList();
    }

    private static List<String> of(String speaker, List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("[" + speaker + "]"))
                .toList();
    }

    private static MatchResult first(String pattern, List<String> lines) {
        return lines.stream()
                .map(Pattern.compile(pattern)::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + pattern + " in " + lines))
                .toMatchResult();
    }

    private static List<Integer> all(String pattern, List<String> lines) {
        return lines.stream()
                .map(Pattern.compile(pattern)::matcher)
                .filter(Matcher::matches)
                .map(m -> Integer.parseInt(m.group(1)))
                .toList();
    }
}
