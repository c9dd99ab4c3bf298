package dev.belfry.benchmarks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * One figure of one contestant in one scenario, as it came out of each round: a line of JSON.
 *
 * @param scenario what was done, like {@code throughput 256}: contestants are compared within it
 * @param contestant its name, like {@code belfry claim}
 * @param figure what was measured, like {@code throughput} or {@code p50}
 * @param unit of the values, like {@code M/s} or {@code us}
 * @param values of the rounds, in their order
 */
record Result(String scenario, String contestant, String figure, String unit, double... values) {
    /** The one unit of which more is better. */
    static final String MILLIONS = "M/s";

    private static final String RATIO = "x";
    private static final String DEFAULT = " default";

    private static final Pattern LINE = Pattern.compile(
            "\\{\"scenario\":\"(.*?)\",\"contestant\":\"(.*?)\",\"figure\":\"(.*?)\",\"unit\":\"(.*?)\",.*\"values\":\\[(.*)]}");

    double median() {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    double low() {
        return Arrays.stream(values).min().orElseThrow();
    }

    double high() {
        return Arrays.stream(values).max().orElseThrow();
    }

    String json() {
        return "{\"scenario\":\"%s\",\"contestant\":\"%s\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%s,\"low\":%s,\"high\":%s,\"values\":[%s]}"
                .formatted(
                        scenario,
                        contestant,
                        figure,
                        unit,
                        number(median()),
                        number(low()),
                        number(high()),
                        DoubleStream.of(values).mapToObj(Result::number).collect(Collectors.joining(",")));
    }

    /**
     * The best by its median of those whose names begin so. A ring of default size is for itself: it is among them only
     * if the beginning names it.
     */
    static Optional<Result> best(String beginning, Stream<Result> all) {
        return all.filter(r -> r.contestant.startsWith(beginning)
                        && (beginning.endsWith(DEFAULT) || !r.contestant.endsWith(DEFAULT)))
                .min(Comparator.comparing(r -> r.unit.equals(MILLIONS) ? -r.median() : r.median()));
    }

    Result dividedBy(Result other) {
        return with(other, " / ", RATIO, (its, others) -> its / others);
    }

    Result minus(Result other) {
        return with(other, " - ", unit, (its, others) -> its - others);
    }

    /** Of two contestants' same figure, round by round. */
    private Result with(Result other, String sign, String unit, DoubleBinaryOperator operation) {
        double[] both = new double[values.length];
        for (int i = 0; i < both.length; i++) both[i] = operation.applyAsDouble(values[i], other.values[i]);
        return new Result(scenario, contestant + sign + other.contestant, figure, unit, both);
    }

    /** Of a later run, too. */
    Result and(Result later) {
        return with(DoubleStream.concat(Arrays.stream(values), Arrays.stream(later.values))
                .toArray());
    }

    Result with(double[] others) {
        return new Result(scenario, contestant, figure, unit, others);
    }

    boolean isRatio() {
        return unit.equals(RATIO);
    }

    /** What {@link #json} made; empty if the line is another one. */
    static Optional<Result> parse(String line) {
        Matcher m = LINE.matcher(line);
        if (!m.matches()) return Optional.empty();
        double[] values = Arrays.stream(m.group(5).split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
        return Optional.of(new Result(m.group(1), m.group(2), m.group(3), m.group(4), values));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }
}
