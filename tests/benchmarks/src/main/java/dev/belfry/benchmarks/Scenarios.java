package dev.belfry.benchmarks;

import dev.belfry.benchmarks.Comparison.Against;
import java.util.ArrayList;
import java.util.List;

/** All that is measured, in the order in which it runs. */
final class Scenarios {
    /**
     * Each product with a small buffer, and with one so big that the memory written next has left both
     * processors' caches.
     */
    private static final String RING = "capacity=1m&maxCapacity=1m";

    private static final String BIG_RING = "capacity=64m&maxCapacity=64m";

    private static final String DEFAULTS = "capacity=1m";
    private static final String SMALL = "capacity=64k";

    private Scenarios() {}

    /** The shorter the mode, the fewer sizes. */
    static List<Scenario> all(Mode mode) {
        List<Scenario> all = new ArrayList<>();
        int[] sizes =
                switch (mode) {
                    case SMOKE -> new int[] {256};
                    case QUICK -> new int[] {32, 1024};
                    case FULL -> new int[] {32, 256, 1024, 16384};
                };
        for (int length : sizes) all.add(throughputExclusive(length));
        for (int length : sizes) all.add(throughputShared(length));
        if (mode == Mode.FULL) for (int length : List.of(32, 256, 32, 256)) all.add(nearAndApart(length));
        all.add(oneToThree());
        all.add(fourToOne());
        for (int length : mode == Mode.FULL ? sizes : new int[] {256}) all.add(others(length));
        for (int length : List.of(32, 64, 256)) all.add(roundTripSpinning(length));
        all.add(roundTripSleeping());
        for (long rate : new long[] {1_000, 20_000}) all.add(paced(rate));
        all.addAll(ofOneProduct());
        if (mode != Mode.QUICK) all.add(new Pieces());
        return all;
    }

    /** All that can be asked for by name. */
    static List<Scenario> named() {
        List<Scenario> all = new ArrayList<>(all(Mode.FULL));
        all.add(new MemoryWays());
        all.addAll(JakartaScenarios.all());
        return all;
    }

    /** Those that are no comparison of processes that take turns. */
    private static List<Scenario> ofOneProduct() {
        return List.of(
                new PublishCost(),
                new Sleepers(),
                new Idle(),
                new Start(),
                new Growth(),
                new Allocation(),
                new History());
    }

    private static Scenario throughputExclusive(int length) {
        return new Comparison(
                "throughput exclusive " + length,
                List.of(Figure.THROUGHPUT),
                List.of(
                        Entrant.burst(
                                "belfry claim 64m", Entry.belfry("claim-exclusive", true, BIG_RING), length, 1, 1),
                        Entrant.burst("aeron tryClaim 64m", Entry.aeron("claim", true, "64m"), length, 1, 1),
                        Entrant.burst("belfry claim 1m", Entry.belfry("claim-exclusive", true, RING), length, 1, 1),
                        Entrant.burst("belfry claim default", Entry.belfry("claim-exclusive", true, ""), length, 1, 1),
                        Entrant.burst(
                                "belfry batch of 16", Entry.belfry("batch-16-exclusive", true, BIG_RING), length, 1, 1),
                        Entrant.burst(
                                "belfry batch of 32", Entry.belfry("batch-32-exclusive", true, BIG_RING), length, 1, 1),
                        Entrant.burst("aeron tryClaim 1m", Entry.aeron("claim", true, "1m"), length, 1, 1),
                        Entrant.burst(
                                "belfry publish 64m", Entry.belfry("publish-exclusive", true, BIG_RING), length, 1, 1),
                        Entrant.peers("C ring", "ring", length),
                        Entrant.peers("C memcpy", "memcpy", length)),
                List.of(
                        new Against(Figure.THROUGHPUT, "belfry claim", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry claim 1m", "aeron tryClaim 1m"),
                        new Against(Figure.THROUGHPUT, "belfry claim default", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry batch of 16", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry batch of 32", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry publish 64m", "aeron")));
    }

    private static Scenario throughputShared(int length) {
        return new Comparison(
                "throughput shared " + length,
                List.of(Figure.THROUGHPUT),
                List.of(
                        Entrant.burst("belfry publish 64m", Entry.belfry("publish", true, BIG_RING), length, 1, 1),
                        Entrant.burst("aeron offer 64m", Entry.aeron("offer", true, "64m"), length, 1, 1),
                        Entrant.burst("belfry publish 1m", Entry.belfry("publish", true, RING), length, 1, 1),
                        Entrant.burst("belfry publish default", Entry.belfry("publish", true, ""), length, 1, 1),
                        Entrant.burst("aeron offer 1m", Entry.aeron("offer", true, "1m"), length, 1, 1)),
                List.of(
                        new Against(Figure.THROUGHPUT, "belfry publish", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry publish 1m", "aeron offer 1m"),
                        new Against(Figure.THROUGHPUT, "belfry publish default", "aeron")));
    }

    /**
     * Twice, as the host moves the cores within minutes. In each round also a ring in C, always of 32 B, which is four
     * times as fast where the cores share a cache: see {@link Recording#where}. Aeron, too, without the checks of its
     * bounds, which its users often turn off.
     */
    private static Scenario nearAndApart(int length) {
        Figure throughput = Figure.THROUGHPUT;
        return new Comparison(
                Recording.NEAR_AND_APART + length,
                List.of(throughput),
                List.of(
                        Entrant.peers(Recording.C_RING, "ring", 32),
                        Entrant.burst(
                                "belfry claim 64m", Entry.belfry("claim-exclusive", true, BIG_RING), length, 1, 1),
                        Entrant.burst("aeron tryClaim", Entry.aeron("claim", true, "64m"), length, 1, 1),
                        Entrant.burst(
                                "unchecked aeron tryClaim", Entry.aeron("unchecked-claim", true, "64m"), length, 1, 1),
                        Entrant.burst("belfry claim 1m", Entry.belfry("claim-exclusive", true, RING), length, 1, 1),
                        Entrant.burst("belfry publish 64m", Entry.belfry("publish", true, BIG_RING), length, 1, 1),
                        Entrant.burst("aeron offer", Entry.aeron("offer", true, "64m"), length, 1, 1),
                        Entrant.burst(
                                "unchecked aeron offer", Entry.aeron("unchecked-offer", true, "64m"), length, 1, 1),
                        Entrant.burst("belfry publish 1m", Entry.belfry("publish", true, RING), length, 1, 1)),
                List.of(
                        new Against(throughput, "belfry claim", "aeron tryClaim"),
                        new Against(throughput, "belfry claim", "unchecked aeron tryClaim"),
                        new Against(throughput, "belfry publish", "aeron offer"),
                        new Against(throughput, "belfry publish", "unchecked aeron offer")));
    }

    /** Four busy processes: whoever spins takes the others' processors. */
    private static Scenario oneToThree() {
        return new Comparison(
                "one to three 256",
                true,
                List.of(Figure.THROUGHPUT, Figure.CPU_EACH),
                List.of(
                        Entrant.burst(
                                "belfry sleeping 64m", Entry.belfry("claim-exclusive", false, BIG_RING), 256, 1, 3),
                        Entrant.burst("belfry default", Entry.belfry("claim-exclusive", false, ""), 256, 1, 3),
                        Entrant.burst("belfry 1m", Entry.belfry("claim-exclusive", false, RING), 256, 1, 3),
                        Entrant.burst("aeron backoff 64m", Entry.aeron("claim", false, "64m"), 256, 1, 3),
                        Entrant.burst("aeron backoff 1m", Entry.aeron("claim", false, "1m"), 256, 1, 3),
                        Entrant.burst("aeron yielding 64m", Entry.aeronYielding("claim", "64m"), 256, 1, 3),
                        Entrant.burst(
                                "belfry spinning 64m", Entry.belfry("claim-exclusive", true, BIG_RING), 256, 1, 3),
                        Entrant.burst("aeron spinning 64m", Entry.aeron("claim", true, "64m"), 256, 1, 3),
                        Entrant.burst("aeron spinning 1m", Entry.aeron("claim", true, "1m"), 256, 1, 3)),
                List.of(
                        new Against(Figure.THROUGHPUT, "belfry sleeping", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry default", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry 1m", "aeron"),
                        new Against(Figure.CPU_EACH, "belfry default", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry spinning 64m", "aeron spinning")));
    }

    private static Scenario fourToOne() {
        return new Comparison(
                "four to one 256",
                true,
                List.of(Figure.THROUGHPUT, Figure.CPU_EACH),
                List.of(
                        Entrant.burst("belfry sleeping 64m", Entry.belfry("publish", false, BIG_RING), 256, 4, 1),
                        Entrant.burst("belfry default", Entry.belfry("publish", false, ""), 256, 4, 1),
                        Entrant.burst("belfry 1m", Entry.belfry("publish", false, RING), 256, 4, 1),
                        Entrant.burst("aeron backoff 64m", Entry.aeron("offer", false, "64m"), 256, 4, 1),
                        Entrant.burst("aeron backoff 1m", Entry.aeron("offer", false, "1m"), 256, 4, 1),
                        Entrant.burst("aeron yielding 64m", Entry.aeronYielding("offer", "64m"), 256, 4, 1),
                        Entrant.burst("belfry spinning 64m", Entry.belfry("publish", true, BIG_RING), 256, 4, 1),
                        Entrant.burst("aeron spinning 64m", Entry.aeron("offer", true, "64m"), 256, 4, 1),
                        Entrant.burst("aeron spinning 1m", Entry.aeron("offer", true, "1m"), 256, 4, 1)),
                List.of(
                        new Against(Figure.THROUGHPUT, "belfry sleeping", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry default", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry 1m", "aeron"),
                        new Against(Figure.CPU_EACH, "belfry default", "aeron"),
                        new Against(Figure.THROUGHPUT, "belfry spinning 64m", "aeron spinning")));
    }

    /** Each with the setting that makes it fast; those that are not there are left out. */
    private static Scenario others(int length) {
        return new Comparison(
                "others " + length,
                List.of(Figure.THROUGHPUT),
                List.of(
                        Entrant.burst("belfry publish 64m", Entry.belfry("publish", true, BIG_RING), length, 1, 1),
                        Entrant.burst("belfry publish 1m", Entry.belfry("publish", true, RING), length, 1, 1),
                        Entrant.burst("chronicle", Entry.chronicle(true, true), length, 1, 1)
                                .ifThere(),
                        Entrant.burst("artemis", Entry.artemis(), length, 1, 1).ifThere(),
                        Entrant.burst("belfry claim 1m", Entry.belfry("claim-exclusive", true, RING), length, 1, 1),
                        Entrant.burst("agrona claim", Entry.agrona("claim", true, 1 << 20), length, 1, 1)
                                .ifThere(),
                        Entrant.burst("agrona write", Entry.agrona("write", true, 1 << 20), length, 1, 1)
                                .ifThere()),
                List.of(
                        new Against(Figure.THROUGHPUT, "belfry publish", "chronicle"),
                        new Against(Figure.THROUGHPUT, "belfry publish", "artemis"),
                        new Against(Figure.THROUGHPUT, "belfry claim 1m", "agrona claim"),
                        new Against(Figure.THROUGHPUT, "belfry publish", "agrona write")));
    }

    /** Of 32 bytes, which fill a line of the cache with Aeron's header; of 64 and 256. A ring in C has our layout. */
    private static Scenario roundTripSpinning(int length) {
        Figure p50 = Figure.ROUND_TRIP.get(0);
        List<Entrant> entrants = new ArrayList<>(List.of(
                Entrant.exchange("belfry", Entry.belfry("claim-exclusive", true, SMALL), length),
                Entrant.exchange("aeron", Entry.aeron("claim", true, "1m"), length),
                Entrant.peers("C log", "log", length)));
        List<Against> against =
                new ArrayList<>(List.of(new Against(p50, "belfry", "aeron"), new Against(p50, "belfry", "C log")));
        if (length == 32) {
            entrants.add(Entrant.peers("C word", "spin", length));
            against.add(new Against(p50, "belfry", "C word"));
        }
        return new Comparison(
                "round trip spinning" + (length == 32 ? "" : " " + length), Figure.ROUND_TRIP, entrants, against);
    }

    /** Two processes that answer each other at once: without spinning, or neither would ever fall asleep. */
    private static Scenario roundTripSleeping() {
        Figure p50 = Figure.ROUND_TRIP.get(0);
        List<Entrant> entrants = new ArrayList<>(List.of(
                Entrant.exchange("belfry", Entry.belfryAsleep("publish", SMALL), 32),
                Entrant.peers("C semaphores", "semaphores", 32)));
        for (String kind :
                List.of("futex", "condition", "sysv-flag", "sysv-queue", "posix-queue", "pipe", "fifo", "unix-socket"))
            entrants.add(Entrant.peers("C " + kind, kind, 32));
        return new Comparison(
                "round trip sleeping",
                Figure.ROUND_TRIP,
                entrants,
                List.of(new Against(p50, "belfry", "C semaphores")));
    }

    private static Scenario paced(long perSecond) {
        return new Comparison(
                "paced " + perSecond,
                Figure.PACED,
                List.of(
                        Entrant.paced("belfry", Entry.belfry("publish", false, DEFAULTS), 256, perSecond),
                        Entrant.paced("aeron backoff", Entry.aeron("offer", false, "1m"), 256, perSecond)),
                List.of(
                        new Against(Figure.PACED.get(0), "belfry", "aeron"),
                        new Against(Figure.CORES, "belfry", "aeron")));
    }
}
