package dev.belfry.benchmarks;

import dev.belfry.benchmarks.Comparison.Against;
import java.util.ArrayList;
import java.util.List;

/** Belfry's provider of Jakarta Messaging beside others: run when asked for by name. */
final class JakartaScenarios {
    /** A hundred bytes, in whole words. */
    static final int LENGTH = 104;

    private JakartaScenarios() {}

    static List<Scenario> all() {
        return List.of(
                throughput("jakarta auto", "listener", true),
                throughput("jakarta transacted by 100", "transacted", false),
                asleep(),
                new JakartaOpening(),
                new JakartaBacklog(),
                new JakartaIdle());
    }

    /** Belfry keeps both kinds alike; the brokers store nothing. */
    private static Scenario throughput(String name, String way, boolean receives) {
        List<Entrant> entrants = new ArrayList<>(List.of(
                burst("belfry shm", way, false, "shm:%s"),
                burst("artemis tcp", way, false, "artemis-tcp"),
                burst("belfry mem", way, false, "mem:%s"),
                burst("artemis vm", way, false, "artemis-vm:"),
                burst("classic vm", way, false, "classic-vm:%s"),
                burst("belfry shm, persistent", way, true, "shm:%s")));
        if (receives) entrants.add(burst("belfry shm, receive", "receive", false, "shm:%s"));
        Figure figure = Figure.THROUGHPUT;
        return new Comparison(
                name,
                List.of(figure, Figure.CPU_EACH),
                entrants,
                List.of(
                        new Against(figure, "belfry shm", "artemis tcp"),
                        new Against(figure, "belfry shm", "artemis vm"),
                        new Against(figure, "belfry mem", "artemis vm"),
                        new Against(figure, "belfry mem", "classic vm"),
                        new Against(Figure.CPU_EACH, "belfry shm", "artemis vm"),
                        new Against(Figure.CPU_EACH, "belfry shm", "artemis tcp")));
    }

    private static Entrant burst(String name, String way, boolean persistent, String where) {
        return Entrant.longBurst(name, Entry.jakarta(way, persistent, where), LENGTH, !leaves(where));
    }

    /** A thousand a second: the consumer sleeps before each. */
    private static Scenario asleep() {
        Figure p50 = Figure.PACED.get(0);
        return new Comparison(
                "jakarta asleep",
                Figure.PACED,
                List.of(
                        Entrant.paced("belfry shm", Entry.jakarta("listener", false, "shm:%s"), LENGTH, 1000, false),
                        Entrant.paced("plain queue", Entry.belfry("publish", false, "capacity=1m"), LENGTH, 1000),
                        Entrant.paced(
                                "artemis tcp", Entry.jakarta("listener", false, "artemis-tcp"), LENGTH, 1000, false),
                        Entrant.paced("belfry mem", Entry.jakarta("listener", false, "mem:%s"), LENGTH, 1000, true),
                        Entrant.paced(
                                "artemis vm", Entry.jakarta("listener", false, "artemis-vm:"), LENGTH, 1000, true),
                        Entrant.paced(
                                "classic vm", Entry.jakarta("listener", false, "classic-vm:%s"), LENGTH, 1000, true)),
                List.of(
                        new Against(p50, "belfry shm", "plain queue"),
                        new Against(p50, "belfry shm", "artemis tcp"),
                        new Against(p50, "belfry mem", "artemis vm")));
    }

    private static boolean leaves(String where) {
        return where.startsWith("shm:") || where.startsWith("artemis-tcp");
    }
}
