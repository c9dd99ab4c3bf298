package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What comes out of a scenario's rounds, figure by figure. */
final class Figures {
    private record Key(String contestant, String figure, String unit) {}

    private final String scenario;
    private final Map<Key, List<Double>> values = new LinkedHashMap<>();

    Figures(String scenario) {
        this.scenario = scenario;
    }

    void add(String contestant, String figure, String unit, double value) {
        values.computeIfAbsent(new Key(contestant, figure, unit), k -> new ArrayList<>())
                .add(value);
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        values.forEach((key, rounds) -> results.add(new Result(
                scenario,
                key.contestant,
                key.figure,
                key.unit,
                rounds.stream().mapToDouble(Double::doubleValue).toArray())));
        return results;
    }
}
