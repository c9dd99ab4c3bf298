package dev.belfry.judgement;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueHealth.Status;
import dev.belfry.api.QueueStats;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueReport;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Makes the readings of one queue: each is compared with those before. One thread at a time. */
public final class Readings {
    private final Ages ages = new Ages();
    private final Judgement judgement;
    private final Events events = new Events();
    private final Filling filling = new Filling();
    private final DomainHealth domainHealth;
    private QueueStats last;
    private long lastNanos;

    /** Judges as the command {@code belfry} does. */
    public Readings() {
        this(Judgement.MAX_LAG, QueueHealth.STUCK_AFTER);
    }

    /** {@code maxLag}, {@code stuckAfter}: as of {@link QueueHealth}. */
    public Readings(long maxLag, Duration stuckAfter) {
        judgement = new Judgement(maxLag, stuckAfter, System::nanoTime);
        domainHealth = new DomainHealth(stuckAfter);
    }

    public Reading of(QueueStats stats) {
        return next(stats, List.of(), null, false);
    }

    /** The next one of a queue of which all is known that an observer sees. */
    public Reading of(QueueReport report) {
        return next(report.stats(), filling.of(report, System.nanoTime()), null, false);
    }

    /** The next one of a domain; {@code contents}: null if it is not known what is in it. */
    public Reading of(QueueStats stats, Contents contents) {
        return next(stats, List.of(), contents, true);
    }

    private Reading next(QueueStats stats, List<Judgement.Reason> more, Contents contents, boolean isDomain) {
        long nanos = System.nanoTime();
        double seconds = last == null ? Double.POSITIVE_INFINITY : (nanos - lastNanos) / 1e9;
        QueueStats before = last == null ? stats : last;
        double messages = (stats.newestPosition() - before.newestPosition()) / seconds;
        double bytes = (QueueCounter.BYTES.of(stats) - QueueCounter.BYTES.of(before)) / seconds;
        last = stats;
        lastNanos = nanos;
        ages.read(stats, nanos);
        List<Judgement.Reason> reasons =
                Stream.concat(judgement.of(stats).stream(), more.stream()).toList();
        boolean isStuck = !reasons.isEmpty() && reasons.get(0).stuck();
        Status status = reasons.isEmpty() ? Status.OK : isStuck ? Status.STUCK : Status.LAGGING;
        List<String> texts = reasons.stream().map(Judgement.Reason::text).toList();
        events.tell(stats.id(), isStuck, status.name(), texts);
        QueueHealth.Report report = new QueueHealth.Report(
                status,
                texts,
                reasons.stream().map(reason -> reason.kind().check).toList());
        if (isDomain) report = domainHealth.with(report, contents);
        return new Reading(stats, contents, messages, bytes, reasons, report, ages);
    }
}
