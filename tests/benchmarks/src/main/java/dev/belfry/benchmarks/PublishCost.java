package dev.belfry.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * What the call costs whoever makes it: while the subscriber sleeps, next to a {@code sem_post} in
 * C; and while none does.
 */
final class PublishCost implements Scenario {
    private static final String RING = "capacity=1m&maxCapacity=1m";

    @Override
    public String name() {
        return "publish cost";
    }

    @Override
    public List<Result> run(Mode mode) {
        int rounds = mode == Mode.SMOKE ? 1 : mode == Mode.QUICK ? 3 : 15;
        long millis = mode == Mode.SMOKE ? 20 : mode == Mode.QUICK ? 100 : 300;
        Figures figures = new Figures(name());
        List<Timed> all = new ArrayList<>();
        try {
            for (String kind : List.of("publish", "publish-exclusive", "claim-exclusive")) {
                if (mode != Mode.SMOKE || kind.equals("publish"))
                    all.add(Timed.asleep("belfry " + kind + ", one asleep", kind, RING, 1, 1, 0));
                if (mode != Mode.SMOKE || kind.equals("publish-exclusive"))
                    all.add(Timed.awake("belfry " + kind + ", nobody", kind, RING, 0, 0));
                if (mode != Mode.SMOKE || kind.equals("claim-exclusive"))
                    all.add(Timed.awake("belfry " + kind + ", one spinning", kind, RING, 1, 0));
            }
            if (CProgram.compiler().isPresent()) {
                Jvm c = Jvm.program(CProgram.compiled("sem_post"));
                c.expect("ready");
                all.add(Timed.program("sem_post (C), one asleep", c));
            }
            Timed.rounds(all, rounds, millis, figures);
        } finally {
            all.forEach(Timed::close);
        }
        return figures.results();
    }
}
