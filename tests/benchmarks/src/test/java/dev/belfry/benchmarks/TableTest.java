package dev.belfry.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The figures that the pages show are those of the recordings. */
@OneJdk
@Slow
class TableTest {
    private static final Path ROOT = Checkout.root();
    private static final Pattern COMMAND = Pattern.compile("`tests/benchmarks/run table (\\S+) (\\S+)`");
    private static final Pattern LONGER = Pattern.compile("; with 256 B (\\S+)x on 17 and (\\S+)x on 25 ");
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.(\\d+))?");

    /** A row of the README: how it begins, and where its figures are. */
    private record Shown(String row, String scenario, String contestants, String others, String figure) {}

    private static final List<Shown> README = List.of(
            new Shown("| one to one, claims of 32 B", "throughput exclusive 32", "belfry claim", "aeron", "throughput"),
            new Shown(
                    "| the same in a ring of default size",
                    "throughput exclusive 32",
                    "belfry claim default",
                    "aeron",
                    "throughput"),
            new Shown(
                    "| one to one, publishes of 256 B",
                    "throughput shared 256",
                    "belfry publish",
                    "aeron",
                    "throughput"),
            new Shown("| four publishers to one", "four to one 256", "belfry sleeping", "aeron", "throughput"),
            new Shown("| one way to a receiver", "paced 1000", "belfry", "aeron", "p50"),
            new Shown("| round trip of 32 B", "round trip spinning", "belfry", "aeron", "p50"),
            new Shown(
                    "| a subscriber with nothing",
                    "idle",
                    "belfry subscriber",
                    "aeron backoff subscriber",
                    "more than a sleeping JVM"));

    private static List<Recording> recordings(String page) throws IOException {
        Matcher command = COMMAND.matcher(page);
        assertThat(command.find()).as("the command that prints the table").isTrue();
        return List.of(Recording.read(ROOT.resolve(command.group(1))), Recording.read(ROOT.resolve(command.group(2))));
    }

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/benchmarks.md"));
    }

    @Test
    void shouldHaveOnThePageWhatTheRecordingsGive() throws IOException {
        List<String> table = Table.lines(recordings(page()));
        assertThat(table).hasSizeGreaterThan(20);
        assertThat(page()).contains(String.join("\n", table) + "\n\n");
    }

    @Test
    void shouldHaveOnThePageTheRoundsWithTheCoresNearAndApart() throws IOException {
        String section = page().substring(page().indexOf("\n## Cores near and apart\n"));
        List<Recording> both = recordings(section);
        for (boolean near : new boolean[] {true, false})
            assertThat(section).contains(String.join("\n", Table.lines(both, near)) + "\n\n");
    }

    @Test
    void shouldTellByTheRingInCWhereTheCoresWere() {
        String scenario = Recording.NEAR_AND_APART + 32;
        Recording recording = new Recording(
                "",
                List.of(
                        new Result(scenario, Recording.C_RING, "f", "M/s", 50, 11, 48),
                        new Result(scenario, "ours", "f", "M/s", 1, 2, 3),
                        result("ours", "M/s", 4),
                        new Result(scenario, Recording.C_RING, "f", "M/s", 10),
                        new Result(scenario, "ours", "f", "M/s", 5)));
        assertThat(recording
                        .where(true)
                        .best(scenario, "ours", "f")
                        .orElseThrow()
                        .values())
                .containsExactly(1, 3);
        assertThat(recording
                        .where(false)
                        .best(scenario, "ours", "f")
                        .orElseThrow()
                        .values())
                .containsExactly(2, 5);
        assertThat(recording.where(false).contestants("s")).isEmpty();
    }

    @Test
    void shouldHaveInTheReadmeWhatTheRecordingsGive() throws IOException {
        List<Recording> both = recordings(page());
        List<String> readme = Files.readAllLines(ROOT.resolve("README.md"));
        for (Shown shown : README) {
            String row = readme.stream()
                    .filter(line -> line.startsWith(shown.row()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no row " + shown.row()));
            String[] cells = row.split("\\|");
            Recording first = both.get(0);
            check(cells[2], first.best(shown.scenario(), shown.contestants(), shown.figure()));
            check(cells[3], first.best(shown.scenario(), shown.others(), shown.figure()));
            Matcher longer = LONGER.matcher(row);
            boolean hasLonger = longer.find();
            for (int i = 0; i < 2; i++) {
                check(cells[4 + i], ratio(both.get(i), shown, shown.scenario()));
                if (hasLonger) check(longer.group(1 + i), ratio(both.get(i), shown, ofLonger(shown.scenario())));
            }
        }
    }

    private static Optional<Result> ratio(Recording recording, Shown shown, String scenario) {
        return recording.ratio(scenario, shown.contestants(), shown.others(), shown.figure());
    }

    /** The scenario without a length is of 32 B. */
    private static String ofLonger(String scenario) {
        return scenario.replaceFirst("( 32)?$", " 256");
    }

    /** Its first numbers are the median, the lowest and the highest round, as exactly as they are written. */
    private static void check(String cell, Optional<Result> result) {
        Result its = result.orElseThrow();
        double[] expected = {its.median(), its.low(), its.high()};
        Matcher number = NUMBER.matcher(cell);
        for (int i = 0; i < expected.length && number.find(); i++) {
            int places = number.group(1) == null ? 0 : number.group(1).length();
            double half = 0.5000001 / Math.pow(10, places);
            assertThat(Double.parseDouble(number.group())).as("in '%s'", cell).isEqualTo(expected[i], within(half));
        }
    }

    /** A ring of default size is no size to choose from: it stands beside the best one. */
    @Test
    void shouldTakeTheBestRingByItsMedianWithoutTheDefaultOne() {
        Recording recording = new Recording(
                "",
                List.of(
                        result("ours 64m", "M/s", 4, 9, 2),
                        result("ours 1m", "M/s", 5, 5, 5),
                        result("ours default", "M/s", 6, 6, 6),
                        result("theirs", "M/s", 1, 2, 10)));
        assertThat(recording.best("s", "ours", "f")).map(Result::contestant).hasValue("ours 1m");
        assertThat(recording.ratio("s", "ours", "theirs", "f").orElseThrow().values())
                .containsExactly(5, 2.5, 0.5);
        assertThat(recording.best("s", "ours default", "f")).map(Result::median).hasValue(6.0);
        assertThat(Result.best("", List.of(result("a", "us", 4), result("b", "us", 3)).stream()))
                .map(Result::contestant)
                .hasValue("b");
    }

    private static Result result(String contestant, String unit, double... values) {
        return new Result("s", contestant, "f", unit, values);
    }
}
