package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** The cost of sleeping subscribers to a publisher, and of those that are only registered. */
final class Sleepers implements Scenario {
    private static final String RING = "capacity=1m&maxCapacity=1m&slots=1024";

    @Override
    public String name() {
        return "sleepers";
    }

    @Override
    public List<Result> run(Mode mode) {
        int rounds = mode == Mode.SMOKE ? 1 : mode == Mode.QUICK ? 3 : 15;
        long millis = mode == Mode.SMOKE ? 20 : mode == Mode.QUICK ? 120 : 350;
        Figures figures = new Figures(name());
        List<Timed> all = new ArrayList<>();
        try {
            if (mode == Mode.SMOKE) addSome(all);
            else addAll(all);
            Timed.rounds(all, rounds, millis, figures);
        } finally {
            all.forEach(Timed::close);
        }
        return figures.results();
    }

    private static void addAll(List<Timed> all) {
        all.add(Timed.awake("nobody", "publish", RING, 0, 0));
        all.add(Timed.awake("1000 registered", "publish", RING, 0, 1000));
        all.add(Timed.asleep("0 asleep", "publish", RING, 0, 0, 0));
        all.add(Timed.asleep("1 asleep", "publish", RING, 1, 1, 0));
        all.add(Timed.asleep("1 asleep, 1000 registered", "publish", RING, 1, 1, 1000));
        all.add(Timed.asleep("8 asleep", "publish", RING, 1, 8, 0));
        all.add(Timed.asleep("64 asleep", "publish", RING, 1, 64, 0));
        all.add(Timed.asleep("64 asleep in 4 processes", "publish", RING, 4, 16, 0));
    }

    /** Those that are only registered, and those that sleep in several processes. */
    private static void addSome(List<Timed> all) {
        all.add(Timed.awake("1000 registered", "publish", RING, 0, 1000));
        all.add(Timed.asleep("8 asleep in 2 processes", "publish", RING, 2, 4, 0));
    }
}
