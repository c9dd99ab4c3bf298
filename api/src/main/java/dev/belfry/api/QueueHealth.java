package dev.belfry.api;

import dev.belfry.judgement.Events;
import dev.belfry.judgement.Judgement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells whether a queue does its work. For a health check that is called now and then: each
 * {@link #check} compares with the earlier ones. Any thread may call it.
 *
 * <pre>{@code
 * QueueHealth health = new QueueHealth(queue, 100_000, Duration.ofSeconds(30)); // once
 * return health.check().status() != QueueHealth.Status.STUCK; // the probe
 * }</pre>
 * @since 0.1
 */
public final class QueueHealth {
    /** From good to bad. These three stay: no constant is added. */
    public enum Status {
        /** No reason was found. */
        OK,
        /** Messages are delivered, but a subscriber is behind or missing. */
        LAGGING,
        /** Something that should move does not, or the queue cannot be used. */
        STUCK
    }

    /**
     * {@code reasons}: one sentence each, empty if it is OK. If a domain of Jakarta Messaging has
     * very many records, one says that its messages were not checked. {@code checks}: of each reason, the word by
     * which {@code belfry doctor} tells it, such as {@code waiting}; empty if it tells no such thing.
     * Components may be added.
     */
    public record Report(Status status, List<String> reasons, List<String> checks) {
        public Report {
            reasons = List.copyOf(reasons);
            checks = List.copyOf(checks);
            if (checks.size() != reasons.size())
                throw new IllegalArgumentException(checks.size() + " checks for " + reasons.size() + " reasons");
        }

        /** Makes a report whose reasons have no such words. */
        public Report(Status status, List<String> reasons) {
            this(status, reasons, Collections.nCopies(reasons.size(), ""));
        }
    }

    /** From when on the command {@code belfry} calls it stuck. */
    public static final Duration STUCK_AFTER = Duration.ofSeconds(30);

    private final String subject; // before each reason
    private final Supplier<QueueStats> stats;
    private final Judgement judgement;
    private final Events events = new Events();
    private UUID id; // as it was read last

    /** As below, of a queue whose URI the reasons begin with. */
    public QueueHealth(MessageQueue queue, long maxLag, Duration stuckAfter) {
        this(queue.uri() + ": ", queue::stats, maxLag, stuckAfter, System::nanoTime);
    }

    /**
     * @param stats such as {@code queue::stats}; an exception that it throws is a reason, too
     * @param maxLag a subscriber with more unread messages counts as lagging
     * @param stuckAfter a subscriber or publisher that has not moved for so long, although there is
     * something to do, is stuck
     */
    public QueueHealth(Supplier<QueueStats> stats, long maxLag, Duration stuckAfter) {
        this("", stats, maxLag, stuckAfter, System::nanoTime);
    }

    QueueHealth(Supplier<QueueStats> stats, long maxLag, Duration stuckAfter, LongSupplier nanoTime) {
        this("", stats, maxLag, stuckAfter, nanoTime);
    }

    private QueueHealth(
            String subject, Supplier<QueueStats> stats, long maxLag, Duration stuckAfter, LongSupplier nanoTime) {
        this.subject = subject;
        this.stats = Objects.requireNonNull(stats, "stats");
        this.judgement = new Judgement(maxLag, Objects.requireNonNull(stuckAfter, "stuckAfter"), nanoTime);
    }

    /**
     * Reads the queue, and compares with the earlier checks of this object. If the queue cannot be read, that is a
     * reason, and nothing is thrown.
     */
    public synchronized Report check() {
        Report report = judge();
        events.tell(id, report.status() == Status.STUCK, report.status().name(), report.reasons());
        return report;
    }

    private Report judge() {
        QueueStats now;
        try {
            now = stats.get();
        } catch (MessageQueueException unusable) {
            return new Report(Status.STUCK, List.of(String.valueOf(unusable.getMessage())));
        }
        id = now.id();
        List<Judgement.Reason> reasons = judgement.of(now);
        Status status = reasons.isEmpty() ? Status.OK : reasons.get(0).stuck() ? Status.STUCK : Status.LAGGING;
        return new Report(
                status,
                reasons.stream().map(reason -> subject + reason.text()).toList(),
                reasons.stream().map(reason -> reason.kind().check).toList());
    }
}
