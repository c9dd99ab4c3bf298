package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the hot path takes by {@code java.lang.foreign}, and by Chronicle Bytes: one thread, a JVM for each case and
 * way, in turns. Needs JDK 22 or later.
 */
final class MemoryWays implements Scenario {
    private static final String FFM = "ffm";
    private static final String CHRONICLE = "chronicle";
    private static final String CALL = "a message";
    private static final int ROUNDS = 5;
    private static final int WARM_UP = 10;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Result> run(Mode mode) {
        Figures figures = new Figures(name());
        Map<String, Jvm> all = new LinkedHashMap<>();
        try {
            for (String kind : List.of("claim", "publish", "poll", "batch"))
                for (int length : new int[] {32, 256})
                    for (String way : List.of(CHRONICLE, FFM))
                        all.put(
                                kind + " " + length + " B, " + way,
                                Jvm.startWith(List.of("-Dbelfry.memory=" + way), MemoryTimer.class, kind, "" + length));
            all.values().forEach(jvm -> jvm.expect("ready"));
            int warmUp = mode == Mode.SMOKE ? 1 : WARM_UP;
            all.forEach((name, jvm) -> jvm.ask(Long.toString(warmUp * mode.millis), "got"));
            for (int i = 0; i < (mode == Mode.SMOKE ? 1 : ROUNDS); i++)
                all.forEach((name, jvm) ->
                        figures.add(name, CALL, "ns", jvm.ask(Long.toString(mode.millis), "got")[0] / 1e3));
        } finally {
            all.values().forEach(Jvm::close);
        }
        return withSpeeds(figures.results());
    }

    /** How fast ffm is in relation to Chronicle, row by row, and the median of these rows. */
    private static List<Result> withSpeeds(List<Result> times) {
        Map<String, Result> byName = times.stream().collect(Collectors.toMap(Result::contestant, Function.identity()));
        List<Result> all = new ArrayList<>(times);
        List<Double> speeds = new ArrayList<>();
        for (Result time : times) {
            if (!time.contestant().endsWith(CHRONICLE)) continue;
            Result speed = time.dividedBy(byName.get(time.contestant().replace(CHRONICLE, FFM)));
            speeds.add(speed.median());
            all.add(speed);
        }
        double[] ascending =
                speeds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double median = (ascending[ascending.length / 2] + ascending[(ascending.length - 1) / 2]) / 2;
        all.add(new Result("memory", "speed of ffm, median of the rows", CALL, "x", median));
        return all;
    }
}
