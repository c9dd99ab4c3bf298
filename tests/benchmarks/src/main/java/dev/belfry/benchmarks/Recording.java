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

    /**
     * How the best of those whose names begin so stands to the best of others, as the run said
     * first; if it did not say, how the one of this name stands to the first of those that took
     * part in as many rounds.
     */
    Optional<Result> ratio(String scenario, String contestant, String others, String figure) {
        Optional<Result> said = results.stream()
                .filter(r -> r.isRatio()
                        && r.scenario().equals(scenario)
                        && r.contestant().startsWith(contestant)
                        && r.contestant().contains(" / " + others)
                        && r.figure().equals(figure))
                .findFirst();
        return said.isPresent()
                ? said
                : find(scenario, contestant, figure)
                        .flatMap(its -> firstOther(its, others).map(its::dividedBy));
    }

    /** How much more it is than another's in the same rounds. */
    Optional<Result> beyond(String scenario, String contestant, String other, String figure) {
        return find(scenario, contestant, figure)
                .flatMap(its -> firstOther(its, other).map(its::minus));
    }

    private Optional<Result> firstOther(Result its, String others) {
        return contestants(its.scenario()).stream()
                .filter(name -> name.startsWith(others))
                .flatMap(name -> find(its.scenario(), name, its.figure()).stream())
                .filter(other -> other.values().length == its.values().length)
                .findFirst();
    }

    List<String> contestants(String scenario) {
        return results.stream()
                .filter(r -> r.scenario().equals(scenario) && !r.isRatio())
                .map(Result::contestant)
                .distinct()
                .toList();
    }
}
