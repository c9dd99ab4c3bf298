package dev.belfry.judgement;

import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.judgement.Judgement.Kind;
import dev.belfry.judgement.Judgement.Reason;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.util.Comparator;
import java.util.List;

/**
 * Tells of one queue of files that publishers will wait for room in them: from half of what these may take on, or from
 * seven eighths if all is kept, as that grows though all is well. A ring is no backlog: publishers of such a queue do
 * not wait for it.
 */
final class Filling {
    private static final long MEBI = 1 << 20;

    private long usedBefore;
    private long nanosBefore;

    /** The next reading, at {@code nanos}. Empty: less is taken, or publishers would not wait. */
    List<Reason> of(QueueReport report, long nanos) {
        long used = report.used();
        double perSecond = nanosBefore == 0 ? 0 : 1e9 * (used - usedBefore) / (nanos - nanosBefore);
        usedBefore = used;
        nanosBefore = nanos;
        if (!isMuch(report, used)) return List.of();
        SubscriberStats first = report.keepsAll() ? null : first(report.stats().subscribers());
        if (first == null && !report.keepsAll()) return List.of();
        long most = report.mostNow();
        String text = "it is filling: " + (first == null ? "with keep=all it" : who(first)) + " keeps "
                + 100 * used / most + " % of the "
                + Units.size(most & -MEBI)
                + (report.isLimitedByDisk() ? " that the disk can take" : " that maxSize allows")
                + (perSecond > 0 ? fullIn((long) ((most - used) / perSecond)) : "");
        return List.of(new Reason(Kind.FILLING, false, text, first, null));
    }

    private static boolean isMuch(QueueReport report, long used) {
        boolean mayGrow = report.hasHistory()
                && !Boolean.FALSE.equals(report.properties().get("open"))
                && !Boolean.TRUE.equals(report.properties().get("readOnly"));
        if (!mayGrow || report.mostNow() == null) return false;
        long most = report.mostNow();
        return used > 0 && used >= (report.keepsAll() ? most - most / 8 : most / 2);
    }

    /** The subscription that publishers wait for, among those that need the oldest message; null: there is none. */
    private static SubscriberStats first(List<SubscriberStats> all) {
        return all.stream()
                .filter(s -> s.slowSubscriber() != SlowSubscriber.OVERRUN && QueueCounter.ENDED.of(s) == 0)
                .min(Comparator.comparingLong(SubscriberStats::acknowledgedPosition)
                        .thenComparing(s -> !isWaitedFor(s)))
                .filter(Filling::isWaitedFor)
                .orElse(null);
    }

    private static boolean isWaitedFor(SubscriberStats s) {
        return s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER;
    }

    private static String who(SubscriberStats s) {
        if (ShellWords.OVERFLOW.equals(s.name())) return "a domain of Jakarta Messaging";
        String name = s.name() == null ? "the subscriber in slot " + QueueCounter.SLOT.of(s) : "'" + s.name() + "'";
        return name + (s.attached() ? " (pid " + s.pid() + ")" : ", which no process reads,");
    }

    private static String fullIn(long seconds) {
        return ". At the present rate it is full in "
                + (seconds < 120 ? Math.max(0, seconds) + " s" : Units.number(seconds / 60) + " min");
    }
}
