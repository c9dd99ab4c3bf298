package dev.belfry.tests;

import dev.belfry.api.QueueStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What a soak did and saw. */
final class SoakReport {
    private static final List<String> COUNTERS =
            List.of("ended", "fullWaits", "gateMoves", "grows", "reclaimed", "repairs");

    final List<String> violations = new ArrayList<>();
    int kills;
    int massacres;
    int stops;
    int closes;
    private final long seed;
    private final long began = System.nanoTime();
    private final List<Recovery.Took> recoveries = new ArrayList<>();
    private final List<Recovery.Took> namedRecoveries = new ArrayList<>();
    private final List<Footprint> veteran = new ArrayList<>();
    private final Map<String, Long> counters = new TreeMap<>();
    private final List<String> before =
            Footprint.of(ProcessHandle.current().pid()).ours();
    private Footprint own;
    private int queues;
    private long messages;
    private long bytes;
    private long deliveries;
    private long joins;
    private long refused;
    private long redelivered;
    private long lost;
    private long disconnected;
    private long finished;
    private long neverHappened;

    SoakReport(long seed) {
        this.seed = seed;
    }

    /**
     * {@code named}: a named subscription takes space until somebody has attached to it again and
     * read what it missed.
     */
    void recovered(Recovery.Took recovery, boolean named) {
        (named ? namedRecoveries : recoveries).add(recovery);
    }

    void veteran(Footprint footprint) {
        veteran.add(footprint);
    }

    void count(QueueStats stats) {
        for (String counter : COUNTERS) counters.merge(counter, stats.counters().get(counter), Long::sum);
    }

    void count(Ledger ledger) {
        queues++;
        messages += ledger.settled();
        bytes += ledger.bytes;
        deliveries += ledger.deliveries;
        joins += ledger.joins;
        refused += ledger.refused;
        redelivered += ledger.redelivered;
        lost += ledger.lost;
        disconnected += ledger.ended;
        finished += ledger.finishedForTheDead;
        neverHappened += ledger.neverHappened;
    }

    void end(Footprint footprint) {
        own = footprint;
        List<String> left = new ArrayList<>(own.ours());
        left.removeAll(before);
        if (!left.isEmpty()) violations.add("all is over, but the parent still has " + left);
        if (veteran.size() < 4) return;
        Footprint early = veteran.get(2);
        Footprint last = veteran.get(veteran.size() - 1);
        if (last.descriptors() > early.descriptors() + 4
                || last.threads() > early.threads() + 4
                || last.maps() > early.maps() + 100
                || last.residentKiB() > early.residentKiB() + 128 * 1024)
            violations.add("the survivor grew: " + early + ", at last " + last);
    }

    long messages() {
        return messages;
    }

    private static String spread(List<Recovery.Took> all, ToLongFunction<Recovery.Took> what) {
        long[] sorted = all.stream().mapToLong(what).sorted().toArray();
        if (sorted.length == 0) return "none";
        return String.format(
                "median %.1f ms, 99%% %.1f ms, slowest %.1f ms",
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    @Override
    public String toString() {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return String.join(
                "\n",
                "soak of " + took.toSeconds() + " s, seed " + seed + ", JDK " + System.getProperty("java.version")
                        + (violations.isEmpty() ? "" : ", FAILED"),
                String.format("  queues         %,d, grown %,d times", queues, counters.getOrDefault("grows", 0L)),
                String.format(
                        "  messages       %,d of %,d MiB, delivered %,d times, every one accounted for",
                        messages, bytes >> 20, deliveries),
                String.format(
                        "  deaths         %,d JVMs killed, %,d times all at once; %,d died holding the publish lock",
                        kills, massacres, counters.getOrDefault("repairs", 0L)),
                String.format(
                        "  in the middle  %,d messages of the killed were published, %,d were not",
                        finished, neverHappened),
                String.format("  stops          %,d; orderly closes %,d; subscriptions %,d", stops, closes, joins),
                String.format(
                        "  refused        %,d publishes that threw, timed out or were given up: none was published",
                        refused),
                String.format(
                        "  with notice    %,d messages lost by OVERRUN, %,d subscribers disconnected, %,d messages"
                                + " redelivered",
                        lost, disconnected, redelivered),
                "  recovery       from a death to the next publish: " + spread(recoveries, Recovery.Took::nanos),
                "                 of that, with nobody reading either: "
                        + spread(recoveries, Recovery.Took::standstill),
                "                 if a named subscription had to be taken over: "
                        + spread(namedRecoveries, Recovery.Took::nanos),
                "  counters       " + counters,
                veteran.isEmpty()
                        ? "  no process lived through it"
                        : "  the survivor   at first " + veteran.get(0) + "; at last "
                                + veteran.get(veteran.size() - 1),
                "  the parent     " + own,
                "  violations     "
                        + (violations.isEmpty()
                                ? "0"
                                : violations.size() + ":\n    " + String.join("\n    ", violations)));
    }
}
