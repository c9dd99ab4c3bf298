package dev.belfry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code Table FILE...}: the goals, and what each file has of them, as the table in Markdown of docs/benchmarks.md. */
final class Table {
    /**
     * Where a figure stands. Others: it is that of the best of those whose names begin with the
     * contestant's in relation to the best of those whose names begin so, or how much more it is;
     * empty: it is the figure itself.
     */
    private record Place(String scenario, String contestant, String others, String figure, boolean beyond) {
        String peer() {
            if (others.isEmpty()) return "";
            return (beyond ? " beyond " : " ") + (others.equals("chronicle") ? "Chronicle Queue" : Svg.named(others));
        }

        Optional<Result> in(Recording recording) {
            if (others.isEmpty()) return recording.find(scenario, contestant, figure);
            return beyond
                    ? recording.beyond(scenario, contestant, others, figure)
                    : recording.ratio(scenario, contestant, others, figure);
        }
    }

    /** Something to reach: at most or at least so many of its unit. NaN: it has no bound. */
    private record Goal(Place place, boolean atMost, double bound, String unit) {
        String text() {
            return String.format(Locale.ROOT, bound % 1 == 0 ? "%,.0f" : "%s", bound) + unit;
        }

        /** With the lowest and the highest round, and with a star if it was missed. */
        String measured(Recording recording) {
            return place.in(recording)
                    .map(r -> Report.digits(r.median())
                            + unit
                            + " (" + Report.digits(r.low()) + " to " + Report.digits(r.high()) + ")"
                            + (isMet(r.median()) ? "" : "*"))
                    .orElse("-");
        }

        private boolean isMet(double value) {
            return Double.isNaN(bound) || (atMost ? value <= bound : value >= bound);
        }
    }

    /** Goals of a kind. */
    private record Row(String what, List<Goal> goals) {
        String goal() {
            Goal first = goals.get(0);
            if (Double.isNaN(first.bound())) return "no goal";
            List<String> bounds = goals.stream().map(Goal::text).toList();
            boolean isOne = bounds.stream().distinct().count() == 1;
            String which = goals.size() > 1 ? "" : first.atMost() ? "at most " : "at least ";
            return which
                    + (isOne ? bounds.get(0) : String.join(", ", bounds))
                    + first.place().peer();
        }

        String measured(Recording recording) {
            return goals.stream().map(goal -> goal.measured(recording)).collect(Collectors.joining(", "));
        }

        boolean isIn(Recording recording) {
            return goals.stream().anyMatch(goal -> goal.place().in(recording).isPresent());
        }
    }

    private static final String THROUGHPUT = "throughput";
    private static final int HEADINGS = 2;
    private static final int[] SIZES = {32, 256, 1024, 16384};

    private static final List<Row> ROWS = Stream.of(throughput(), latency(), ofOneProduct(), jakarta())
            .flatMap(List::stream)
            .toList();

    private static final List<Row> NEAR_AND_APART = nearAndApart();

    private Table() {}

    private static List<Row> nearAndApart() {
        String checks = " without its bounds checks";
        return List.of(
                ofBoth("a ring in C of 32 B, in the rounds of 32 B, of 256 B", Recording.C_RING, "", " M/s"),
                ofBoth("claims of 32 B, 256 B, beside Aeron", "belfry claim", "aeron tryClaim", "x"),
                ofBoth("the same beside Aeron" + checks, "belfry claim", "unchecked aeron tryClaim", "x"),
                ofBoth("shared publish of 32 B, 256 B, beside Aeron", "belfry publish", "aeron offer", "x"),
                ofBoth("the same beside Aeron" + checks, "belfry publish", "unchecked aeron offer", "x"));
    }

    private static Row ofBoth(String what, String contestants, String others, String unit) {
        List<Goal> goals = new ArrayList<>();
        for (int length : List.of(32, 256)) {
            String scenario = Recording.NEAR_AND_APART + length;
            Place place = new Place(scenario, contestants, others, THROUGHPUT, false);
            goals.add(new Goal(place, false, Double.NaN, unit));
        }
        return new Row(what, goals);
    }

    private static List<Row> throughput() {
        String exclusive = "throughput exclusive 32";
        return List.of(
                ofSizes("one to one, claims of ", "throughput exclusive", "belfry claim", "aeron", 1.5, 1.7, 1.7, 1.7),
                inDefault("throughput exclusive", "belfry claim default"),
                new Row(
                        "in batches of 16 and of 32, 32 B",
                        List.of(
                                atLeast(exclusive, "belfry batch of 16", "aeron", THROUGHPUT, 2),
                                atLeast(exclusive, "belfry batch of 32", "aeron", THROUGHPUT, 2.5))),
                ofSizes("one to one, shared publish of ", "throughput shared", "belfry publish", "aeron", 1.8),
                inDefault("throughput shared", "belfry publish default"),
                ofRings("one to three", 1.2, 1.5, 1.2),
                ofRings("four to one", 1.2, 1.2, 1.2),
                ofSizes("one to one, ", "others", "belfry publish", "chronicle", 10),
                ofSizes("one to one, ", "others", "belfry publish", "artemis", 200));
    }

    /** {@code bounds}: one for each size, or one for all. */
    private static Row ofSizes(String what, String scenario, String contestants, String others, double... bounds) {
        List<Goal> goals = new ArrayList<>();
        for (int i = 0; i < SIZES.length; i++) {
            double bound = bounds[Math.min(i, bounds.length - 1)];
            goals.add(atLeast(scenario + " " + SIZES[i], contestants, others, THROUGHPUT, bound));
        }
        return new Row(what + Arrays.stream(SIZES).mapToObj(Charts::bytes).collect(Collectors.joining(", ")), goals);
    }

    private static Row inDefault(String scenario, String contestant) {
        Row row = ofSizes("", scenario, contestant, "aeron", Double.NaN);
        return new Row("the same in a ring of default size", row.goals());
    }

    private static Row ofRings(String shape, double best, double byDefault, double small) {
        String scenario = shape + " 256";
        return new Row(
                shape + ", 256 B; in a ring of default size; of 1 MiB",
                List.of(
                        atLeast(scenario, "belfry sleeping", "aeron", THROUGHPUT, best),
                        atLeast(scenario, "belfry default", "aeron", THROUGHPUT, byDefault),
                        atLeast(scenario, "belfry 1m", "aeron", THROUGHPUT, small)));
    }

    private static List<Row> latency() {
        return List.of(
                row("round trip spinning, p50", atMost("round trip spinning", "belfry", "aeron", "p50", 1)),
                new Row(
                        "the same of 64 B, of 256 B",
                        List.of(
                                atMost("round trip spinning 64", "belfry", "aeron", "p50", Double.NaN),
                                atMost("round trip spinning 256", "belfry", "aeron", "p50", Double.NaN))),
                row("round trip spinning, p50", atMost("round trip spinning", "belfry", "C word", "p50", 1.5)),
                row("round trip sleeping, p50", atMost("round trip sleeping", "belfry", "C semaphores", "p50", 1.2)),
                row("one way at 1,000/s, p50", atMost("paced 1000", "belfry", "aeron", "p50", 0.25)),
                row("one way at 20,000/s, p50", atMost("paced 20000", "belfry", "aeron", "p50", 1)),
                row("processor time at 20,000/s", atMost("paced 20000", "belfry", "aeron", "all", 1)));
    }

    private static List<Row> ofOneProduct() {
        String above = "more than a sleeping JVM";
        String first = "until first message";
        String start = "JVM start to first message";
        Place pause = new Place("growth", "grown from 4 KiB", "created at 64 MiB", "reader's longest pause", true);
        return List.of(
                row(
                        "publish, one asleep",
                        atMost("publish cost", "belfry publish, one asleep", "sem_post", "one call, p50", 1.2)),
                row(
                        "publish, nobody asleep",
                        itself("publish cost", "belfry publish, nobody", "mean of a batch", 30, " ns")),
                row(
                        "idle publisher above a sleeping JVM",
                        itself("idle", "belfry publisher", above, 0.1, " % of a core")),
                row(
                        "idle subscriber above a sleeping JVM",
                        itself("idle", "belfry subscriber", above, 0.02, " % of a core")),
                row(start, atMost("start", "belfry alone", "aeron alone, driver started with it", first, 1)),
                row(start, atMost("start", "belfry alone", "aeron alone, driver in the process", first, 1)),
                row("reader's longest pause while the queue grows", new Goal(pause, true, 1000, " us")),
                row(
                        "throughput once it has grown",
                        atLeast("growth", "grown from 4 KiB", "created at 64 MiB", "throughput afterwards", 0.9)));
    }

    private static List<Row> jakarta() {
        String above = "more than a sleeping JVM";
        String queue = "Jakarta queue, AUTO, one to one";
        Place asleep = new Place("jakarta asleep", "belfry shm", "plain queue", "p50", true);
        return List.of(
                row(queue, reaches("jakarta auto", 1.5)),
                row(queue, atLeast("jakarta auto", "belfry shm", "artemis vm", THROUGHPUT, 10)),
                row(queue, atLeast("jakarta auto", "belfry shm", "artemis tcp", THROUGHPUT, 15)),
                row("Jakarta queue, transacted by 100", reaches("jakarta transacted by 100", 2)),
                row("Jakarta queue, one way asleep, p50", new Goal(asleep, true, 5, " us")),
                row(
                        "Jakarta, open to close with a send",
                        itself("jakarta opening", "belfry shm", "open, send, close", 5, " us")),
                row(
                        "Jakarta, first of a million messages",
                        itself("jakarta backlog", "belfry shm", "first message", 300, " ms")),
                row("Jakarta, idle consumer", itself("jakarta idle", "belfry consumer", above, 0.1, " % of a core")),
                row("Jakarta, idle producer", itself("jakarta idle", "belfry producer", above, 0.1, " % of a core")));
    }

    private static Row row(String what, Goal goal) {
        return new Row(what, List.of(goal));
    }

    private static Goal reaches(String scenario, double millions) {
        return new Goal(new Place(scenario, "belfry shm", "", THROUGHPUT, false), false, millions, " M/s");
    }

    private static Goal atLeast(String scenario, String contestants, String others, String figure, double bound) {
        return new Goal(new Place(scenario, contestants, others, figure, false), false, bound, "x");
    }

    private static Goal atMost(String scenario, String contestants, String others, String figure, double bound) {
        return new Goal(new Place(scenario, contestants, others, figure, false), true, bound, "x");
    }

    private static Goal itself(String scenario, String contestant, String figure, double bound, String unit) {
        return new Goal(new Place(scenario, contestant, "", figure, false), true, bound, unit);
    }

    public static void main(String[] files) throws IOException {
        List<Recording> recordings = new ArrayList<>();
        for (String file : files) recordings.add(Recording.read(Path.of(file)));
        for (List<String> table : List.of(lines(recordings), lines(recordings, true), lines(recordings, false)))
            if (table.size() > HEADINGS) System.out.println(String.join("\n", table) + "\n");
    }

    static List<String> lines(List<Recording> recordings) {
        return lines(ROWS, recordings);
    }

    /** Of the rounds in which the cores were near each other, or of the others. */
    static List<String> lines(List<Recording> recordings, boolean near) {
        return lines(NEAR_AND_APART, recordings.stream().map(r -> r.where(near)).toList());
    }

    /** The rows of which a recording has something. */
    private static List<String> lines(List<Row> rows, List<Recording> recordings) {
        List<String> lines = new ArrayList<>();
        lines.add(line("what", "goal", recordings, r -> "JDK " + r.jdk() + collector(r)));
        lines.add(line("---", "---", recordings, r -> "---"));
        for (Row row : rows)
            if (recordings.stream().anyMatch(row::isIn))
                lines.add(line(row.what(), row.goal(), recordings, row::measured));
        return lines;
    }

    private static String collector(Recording recording) {
        String collector = recording.run("collector");
        return collector.equals("Serial") || collector.equals("unknown") ? "" : ", " + collector;
    }

    private static String line(String what, String goal, List<Recording> recordings, Function<Recording, String> cell) {
        return Stream.concat(Stream.of(what, goal), recordings.stream().map(cell))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }
}
