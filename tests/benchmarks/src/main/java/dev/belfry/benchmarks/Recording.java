package dev.belfry.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A file of results, read again. */
record Recording(String first, List<Result> results) {
    /** How the names of scenarios begin whose rounds are told apart by {@link #where}. */
    static final String NEAR_AND_APART = "near and apart ";

    static final String C_RING = "C ring of 32 B";

    /** Where the cores share a cache it carries 30 to 85, else 10 to 17. */
    private static final double MILLIONS_WHERE_NEAR = 25;

    static Recording read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).contains("\"command\""))
            throw new IllegalArgumentException(file + " does not begin with a line that describes a run");
        return new Recording(
                lines.get(0),
                lines.stream().map(Result::parse).flatMap(Optional::stream).toList());
    }

    /**
     * The rounds of {@link #NEAR_AND_APART}, of all runs of a scenario, in which the ring in C says that the cores were
     * near each other; else the others. A scenario without such a round is left out.
     */
    Recording where(boolean near) {
        Map<String, Result> all = new LinkedHashMap<>();
        for (Result r : results)
            if (r.scenario().startsWith(NEAR_AND_APART) && !r.isRatio())
                all.merge(r.scenario() + r.contestant(), r, Result::and);
        List<Result> there = new ArrayList<>();
        for (Result r : all.values()) {
            double[] ring = all.get(r.scenario() + C_RING).values();
            double[] values = IntStream.range(0, ring.length)
                    .filter(i -> ring[i] >= MILLIONS_WHERE_NEAR == near)
                    .mapToDouble(i -> r.values()[i])
                    .toArray();
            if (values.length > 0) there.add(r.with(values));
        }
        return new Recording(first, there);
    }

    /** Something of the line that describes the run. */
    String run(String key) {
        Matcher m = Pattern.compile("\"" + key + "\":\"(.*?)\"").matcher(first);
        return m.find() ? m.group(1) : "unknown";
    }

    /** Like 17. */
    String jdk() {
        Matcher m = Pattern.compile(" (\\d+)[^ ]*$").matcher(run("jdk"));
        return m.find() ? m.group(1) : "unknown";
    }

    Optional<Result> find(String scenario, String contestant, String figure) {
        return results.stream()
                .filter(r -> r.scenario().equals(scenario)
                        && r.contestant().equals(contestant)
                        && r.figure().equals(figure))
                .findFirst();
    }

    /** How the best of those whose names begin so stands to the best of others, round by round. */
    Optional<Result> ratio(String scenario, String contestants, String others, String figure) {
        return best(scenario, contestants, figure)
                .flatMap(its -> best(scenario, others, figure).map(its::dividedBy));
    }

    /** How much more it is, in the same rounds. */
    Optional<Result> beyond(String scenario, String contestants, String others, String figure) {
        return best(scenario, contestants, figure)
                .flatMap(its -> best(scenario, others, figure).map(its::minus));
    }

    Optional<Result> best(String scenario, String contestants, String figure) {
        return Result.best(
                contestants,
                results.stream()
                        .filter(r -> r.scenario().equals(scenario) && r.figure().equals(figure) && !r.isRatio()));
    }

    List<String> contestants(String scenario) {
        return results.stream()
                .filter(r -> r.scenario().equals(scenario) && !r.isRatio())
                .map(Result::contestant)
                .distinct()
                .toList();
    }
}
