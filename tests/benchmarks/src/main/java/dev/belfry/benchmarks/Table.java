package dev.belfry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code Table FILE...}: the goals, and what each file has of them, as a table in Markdown. */
final class Table {
    /**
     * Where a figure stands. Others: it is that of the best of those whose names begin with the
     * contestant's in relation to the best of those whose names begin so, or how much more it is;
     * empty: it is the figure itself.
     */
    private record Place(String scenario, String contestant, String others, String figure, boolean beyond) {
        String peer() {
            return others.isEmpty() ? "" : (beyond ? " beyond " : " ") + Svg.named(others);
        }

        Optional<Result> in(Recording recording) {
            if (others.isEmpty()) return recording.find(scenario, contestant, figure);
            return beyond
                    ? recording.beyond(scenario, contestant, others, figure)
                    : recording.ratio(scenario, contestant, others, figure);
        }
    }

    /** Something to reach: at most or at least so many of its unit. */
    private record Goal(String what, Place place, boolean atMost, double bound, String unit) {
        String text() {
            return (atMost ? "at most " : "at least ")
                    + String.format(Locale.ROOT, bound % 1 == 0 ? "%,.0f" : "%s", bound)
                    + unit
                    + place.peer();
        }

        String measured(Recording recording) {
            return place.in(recording)
                    .map(r -> Report.digits(r.median()) + unit + " (" + Report.digits(r.low()) + " to "
                            + Report.digits(r.high()) + ")" + (isMet(r.median()) ? "" : ", **missed**"))
                    .orElse("-");
        }

        private boolean isMet(double value) {
            return atMost ? value <= bound : value >= bound;
        }
    }

    private static final int[] SIZES = {32, 256, 1024, 16384};

    private static final List<Goal> GOALS = Stream.of(
                    ofSizes(
                            "throughput one to one, exclusive, claim",
                            "throughput exclusive",
                            "belfry claim",
                            1.5,
                            1.7),
                    ofSizes("throughput one to one, shared, publish", "throughput shared", "belfry publish", 1.8, 1.8),
                    batches(),
                    throughput(),
                    latency(),
                    ofOneProduct(),
                    jakarta())
            .flatMap(List::stream)
            .toList();

    private Table() {}

    /** With one bound for the shortest messages and one for the others. */
    private static List<Goal> ofSizes(String what, String scenario, String contestant, double shortest, double others) {
        List<Goal> goals = new ArrayList<>();
        for (int length : SIZES)
            goals.add(atLeast(
                    what + ", " + Charts.bytes(length),
                    scenario + " " + length,
                    contestant,
                    "aeron",
                    "throughput",
                    length == SIZES[0] ? shortest : others));
        return goals;
    }

    private static List<Goal> batches() {
        String scenario = "throughput exclusive 32";
        String what = "throughput one to one, exclusive, 32 B, in ";
        return List.of(
                atLeast(what + "batches of 16", scenario, "belfry batch of 16", "aeron", "throughput", 2),
                atLeast(what + "batches of 32", scenario, "belfry batch of 32", "aeron", "throughput", 2.5));
    }

    private static List<Goal> throughput() {
        List<Goal> goals = new ArrayList<>();
        for (String shape : List.of("one to three", "four to one")) {
            String what = "throughput " + shape + ", 256 B";
            String scenario = shape + " 256";
            goals.add(atLeast(what, scenario, "belfry sleeping", "aeron", "throughput", 1.2));
            double bound = shape.equals("one to three") ? 1.5 : 1.2;
            goals.add(
                    atLeast(what + ", ring of default size", scenario, "belfry default", "aeron", "throughput", bound));
            goals.add(atLeast(what + ", ring of 1 MiB", scenario, "belfry 1m", "aeron", "throughput", 1.2));
        }
        for (int length : SIZES) {
            String what = "throughput one to one, " + Charts.bytes(length);
            String scenario = "others " + length;
            goals.add(atLeast(what, scenario, "belfry publish", "chronicle", "throughput", 10));
            goals.add(atLeast(what, scenario, "belfry publish", "artemis", "throughput", 200));
        }
        return goals;
    }

    private static List<Goal> latency() {
        return List.of(
                atMost("round trip spinning, p50", "round trip spinning", "belfry", "aeron", "p50", 1),
                atMost("round trip spinning, p50", "round trip spinning", "belfry", "C word", "p50", 1.5),
                atMost("round trip sleeping, p50", "round trip sleeping", "belfry", "C semaphores", "p50", 1.2),
                atMost("one way at 1,000/s, p50", "paced 1000", "belfry", "aeron", "p50", 0.25),
                atMost("one way at 20,000/s, p50", "paced 20000", "belfry", "aeron", "p50", 1),
                atMost("processor time at 20,000/s", "paced 20000", "belfry", "aeron", "all", 1));
    }

    private static List<Goal> ofOneProduct() {
        String above = "more than a sleeping JVM";
        String first = "until first message";
        String after = "throughput afterwards";
        return List.of(
                atMost(
                        "publish, one asleep",
                        "publish cost",
                        "belfry publish, one asleep",
                        "sem_post",
                        "one call, p50",
                        1.2),
                itself(
                        "publish, nobody asleep",
                        "publish cost",
                        "belfry publish, nobody",
                        "mean of a batch",
                        30,
                        " ns"),
                itself(
                        "idle subscriber above a sleeping JVM",
                        "idle",
                        "belfry subscriber",
                        above,
                        0.02,
                        " % of a core"),
                itself("idle publisher above a sleeping JVM", "idle", "belfry publisher", above, 0.1, " % of a core"),
                atMost(
                        "JVM start to first message",
                        "start",
                        "belfry alone",
                        "aeron alone, driver started with it",
                        first,
                        1),
                atMost(
                        "JVM start to first message",
                        "start",
                        "belfry alone",
                        "aeron alone, driver in the process",
                        first,
                        1),
                new Goal(
                        "reader's longest pause while the queue grows",
                        new Place("growth", "grown from 4 KiB", "created at 64 MiB", "reader's longest pause", true),
                        true,
                        1000,
                        " us"),
                atLeast("throughput once it has grown", "growth", "grown from 4 KiB", "created at 64 MiB", after, 0.9));
    }

    private static List<Goal> jakarta() {
        String above = "more than a sleeping JVM";
        String queue = "Jakarta queue, AUTO, one to one";
        return List.of(
                reaches(queue, "jakarta auto", 1.5),
                atLeast(queue, "jakarta auto", "belfry shm", "artemis vm", "throughput", 10),
                atLeast(queue, "jakarta auto", "belfry shm", "artemis tcp", "throughput", 15),
                reaches("Jakarta queue, transacted by 100", "jakarta transacted by 100", 2),
                new Goal(
                        "Jakarta queue, one way asleep, p50",
                        new Place("jakarta asleep", "belfry shm", "plain queue", "p50", true),
                        true,
                        5,
                        " us"),
                itself(
                        "Jakarta, open to close with a send",
                        "jakarta opening",
                        "belfry shm",
                        "open, send, close",
                        5,
                        " us"),
                itself(
                        "Jakarta, first of a million messages",
                        "jakarta backlog",
                        "belfry shm",
                        "first message",
                        300,
                        " ms"),
                itself("Jakarta, idle consumer", "jakarta idle", "belfry consumer", above, 0.1, " % of a core"),
                itself("Jakarta, idle producer", "jakarta idle", "belfry producer", above, 0.1, " % of a core"));
    }

    private static Goal reaches(String what, String scenario, double millions) {
        return new Goal(what, new Place(scenario, "belfry shm", "", "throughput", false), false, millions, " M/s");
    }

    private static Goal atLeast(
            String what, String scenario, String contestant, String others, String figure, double bound) {
        return new Goal(what, new Place(scenario, contestant, others, figure, false), false, bound, "x");
    }

    private static Goal atMost(
            String what, String scenario, String contestant, String others, String figure, double bound) {
        return new Goal(what, new Place(scenario, contestant, others, figure, false), true, bound, "x");
    }

    private static Goal itself(
            String what, String scenario, String contestant, String figure, double bound, String unit) {
        return new Goal(what, new Place(scenario, contestant, "", figure, false), true, bound, unit);
    }

    public static void main(String[] files) throws IOException {
        List<Recording> recordings = new ArrayList<>();
        for (String file : files) recordings.add(Recording.read(Path.of(file)));
        row("what", "goal", recordings.stream().map(r -> "JDK " + r.jdk() + collector(r)));
        row("---", "---", recordings.stream().map(r -> "---"));
        for (Goal goal : GOALS)
            if (recordings.stream().anyMatch(r -> goal.place().in(r).isPresent()))
                row(goal.what(), goal.text(), recordings.stream().map(goal::measured));
    }

    private static String collector(Recording recording) {
        String collector = recording.run("collector");
        return collector.equals("Serial") || collector.equals("unknown") ? "" : ", " + collector;
    }

    private static void row(String what, String goal, Stream<String> cells) {
        System.out.println(Stream.concat(Stream.of(what, goal), cells).collect(Collectors.joining(" | ", "| ", " |")));
    }
}
