package dev.belfry.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of results, read again. */
record Recording(String first, List<Result> results) {
    static Recording read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).contains("\"command\""))
            throw new IllegalArgumentException(file + " does not begin with a line that describes a run");
        return new Recording(
                lines.get(0),
                lines.stream().map(Result::parse).flatMap(Optional::stream).toList());
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
