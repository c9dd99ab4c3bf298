package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Entrants that take turns, A B A B ..., and what the first of them are in relation to others. */
record Comparison(String name, boolean crowded, List<Figure> figures, List<Entrant> entrants, List<Against> ratios)
        implements Scenario {
    /** More processes than processors: their compilers take so much longer. */
    private static final int CROWDED = 2;

    Comparison(String name, List<Figure> figures, List<Entrant> entrants, List<Against> ratios) {
        this(name, false, figures, entrants, ratios);
    }

    /**
     * How the best of those whose names begin so stands to the best of others: each with the ring,
     * or the term length, that suits it better ({@link Result#best}).
     */
    record Against(Figure figure, String contestants, String others) {}

    @Override
    public List<Result> run(Mode mode) {
        Map<Entrant, Entrant.Turns> playing = new LinkedHashMap<>();
        Map<String, List<Round>> rounds = new LinkedHashMap<>();
        try {
            startAll(mode, playing, rounds);
            for (int i = -mode.warmUps * (crowded ? CROWDED : 1); i < mode.rounds; i++)
                for (Entrant entrant : List.copyOf(playing.keySet()))
                    takeTurn(entrant, mode.millis, i >= 0, playing, rounds);
        } finally {
            playing.values().forEach(Entrant.Turns::close);
        }
        return results(rounds);
    }

    /**
     * In turn. In a smoke test most of the time goes into starts of JVMs: it starts them side by side, and of those
     * that differ in their ring or in how they wait only the first.
     */
    private void startAll(Mode mode, Map<Entrant, Entrant.Turns> playing, Map<String, List<Round>> rounds) {
        Map<Entrant, Entrant.Turns> started = new ConcurrentHashMap<>();
        List<Entrant> those = mode == Mode.SMOKE ? oneOfAKind() : entrants;
        Stream<Entrant> all = mode == Mode.SMOKE ? those.parallelStream() : those.stream();
        try {
            all.forEach(entrant -> start(entrant, started));
        } finally {
            for (Entrant entrant : those) {
                if (!started.containsKey(entrant)) continue;
                playing.put(entrant, started.get(entrant));
                rounds.put(entrant.name(), new ArrayList<>());
            }
        }
    }

    private List<Entrant> oneOfAKind() {
        Map<String, Entrant> kinds = new LinkedHashMap<>();
        for (Entrant entrant : entrants)
            kinds.putIfAbsent(
                    entrant.name().replaceFirst("( sleeping| spinning| backoff| yielding)?( \\d+m| default)?$", ""),
                    entrant);
        return List.copyOf(kinds.values());
    }

    private void start(Entrant entrant, Map<Entrant, Entrant.Turns> started) {
        try {
            started.put(entrant, entrant.starts().get());
        } catch (RuntimeException | LinkageError e) {
            Failures.add(name, entrant.name(), entrant.needed(), e);
        }
    }

    /** One that fails is out, and what it did before is not told: the others' rounds would stand beside none of its. */
    private void takeTurn(
            Entrant entrant,
            long millis,
            boolean counts,
            Map<Entrant, Entrant.Turns> playing,
            Map<String, List<Round>> rounds) {
        try {
            Round round = playing.get(entrant).take(millis);
            if (counts) rounds.get(entrant.name()).add(round);
        } catch (RuntimeException | LinkageError e) {
            Failures.add(name, entrant.name(), entrant.needed(), e);
            rounds.remove(entrant.name());
            playing.remove(entrant).close();
        }
    }

    private List<Result> results(Map<String, List<Round>> rounds) {
        List<Result> results = new ArrayList<>();
        rounds.forEach((contestant, its) -> {
            for (Figure figure : figures) results.add(figure.result(name, contestant, its));
        });
        for (Against ratio : ratios) ratio(ratio, rounds).ifPresent(results::add);
        return results;
    }

    /** Of each round, since neighbours in time met the same machine. */
    private Optional<Result> ratio(Against ratio, Map<String, List<Round>> rounds) {
        return best(ratio.figure(), ratio.contestants(), rounds)
                .flatMap(its -> best(ratio.figure(), ratio.others(), rounds).map(its::dividedBy));
    }

    private Optional<Result> best(Figure figure, String beginning, Map<String, List<Round>> rounds) {
        return Result.best(
                beginning, rounds.entrySet().stream().map(e -> figure.result(name, e.getKey(), e.getValue())));
    }
}
