package dev.belfry.api;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.StoppedSubscribers;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells whether a queue does its work. For a health check that is called now and then: each
 * {@link #check} compares with the earlier ones. Any thread may call it.
 *
 * <pre>{@code
 * QueueHealth health = new QueueHealth(queue::stats, 100_000, Duration.ofSeconds(30)); // once
 * return health.check().status() != QueueHealth.Status.STUCK; // the probe
 * }</pre>
 */
public final class QueueHealth {
    /** From good to bad. */
    public enum Status {
        ALIVE,
        /** Messages are delivered, but a subscriber is behind or missing. */
        LAGGING,
        /** Something that should move does not, or the queue cannot be used. */
        STUCK
    }

    /** {@code reasons}: one sentence each, empty if it is ALIVE. */
    public record Report(Status status, List<String> reasons) {
        public Report {
            reasons = List.copyOf(reasons);
        }
    }

    /** A figure that should change, and since when it has not. */
    private record Still(long value, long sinceNanos) {}

    private static final String NEWEST = "newest";

    /** A shorter wait only means that a reader was busy. */
    private static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Supplier<QueueStats> stats;
    private final long maxLag;
    private final long stuckNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Still> before = new HashMap<>();
    private long waitedBefore = -1;

    /**
     * @param stats such as {@code queue::stats}; an exception that it throws is a reason, too
     * @param maxLag a subscriber with more unread messages counts as lagging
     * @param stuckAfter a subscriber or publisher that has not moved for so long, although there is
     * something to do, is stuck
     */
    public QueueHealth(Supplier<QueueStats> stats, long maxLag, Duration stuckAfter) {
        this(stats, maxLag, stuckAfter, System::nanoTime);
    }

    QueueHealth(Supplier<QueueStats> stats, long maxLag, Duration stuckAfter, LongSupplier nanoTime) {
        this.stats = Objects.requireNonNull(stats, "stats");
        this.maxLag = maxLag;
        this.stuckNanos = Deadlines.nanos(Objects.requireNonNull(stuckAfter, "stuckAfter"));
        this.nanoTime = nanoTime;
    }

    public synchronized Report check() {
        QueueStats now;
        try {
            now = stats.get();
        } catch (MessageQueueException unusable) {
            return new Report(Status.STUCK, List.of(String.valueOf(unusable.getMessage())));
        }
        long time = nanoTime.getAsLong();
        List<String> lagging = new ArrayList<>();
        List<String> stuck = new ArrayList<>();
        publishers(now, time, stuck);
        if (now.counters().getOrDefault("unlinked", 0L) != 0)
            lagging.add("its name was removed: a process that opens it now gets another queue");
        Set<String> present = new HashSet<>(Set.of(NEWEST));
        for (Waiting w : now.waiting()) {
            String who = "waiting " + w.pid() + " since " + w.since();
            waiting(w, who, time, lagging, stuck);
            present.add(who);
        }
        int anonymous = 0;
        for (SubscriberStats s : now.subscribers()) {
            String who = s.name() != null
                    ? "'" + s.name() + "'"
                    : "the subscriber in slot " + s.counters().getOrDefault("slot", (long) anonymous++);
            subscriber(s, who, time, lagging, stuck);
            present.add(who);
        }
        before.keySet().retainAll(present);
        Status status = !stuck.isEmpty() ? Status.STUCK : !lagging.isEmpty() ? Status.LAGGING : Status.ALIVE;
        stuck.addAll(lagging);
        return new Report(status, stuck);
    }

    /** They wait for room, and none of them has got any. */
    private void publishers(QueueStats now, long time, List<String> stuck) {
        long waited = now.counters().getOrDefault("fullWaitNanos", 0L);
        boolean waiting = waitedBefore >= 0 && waited > waitedBefore;
        waitedBefore = waited;
        long still = stillFor(NEWEST, now.newestPosition(), time);
        if (waiting && still >= stuckNanos)
            stuck.add("publishers wait for room, and nothing was published for " + Units.duration(still));
    }

    /** The monotonic clock decides whether it is stuck: a wall clock may be set. */
    private void waiting(Waiting w, String who, long time, List<String> lagging, List<String> stuck) {
        long still = stillFor(who, 0, time);
        long waited = Math.max(still, Duration.between(w.since(), Instant.now()).toNanos());
        if (waited < LONG_WAIT_NANOS) return;
        (still >= stuckNanos ? stuck : lagging)
                .add(process(w.pid(), w.process()) + " has waited " + Units.duration(waited) + " for "
                        + (w.what() == Waiting.What.ROOM ? "room" : "a lock") + because(w));
    }

    private static String because(Waiting w) {
        Waiting.Because because = w.because();
        if (because == null) return "";
        String stopped = because.stopped() ? ", which is stopped" : "";
        String process = because.pid() == 0 ? "no process" : process(because.pid(), because.process());
        if (w.what() == Waiting.What.LOCK) return ", held by " + process + stopped;
        String subscription = because.subscription() == null
                ? "the subscriber in slot " + because.slot()
                : "'" + because.subscription() + "'";
        return ", held up by " + subscription + " of " + process + stopped;
    }

    private static String process(long pid, String process) {
        return "pid " + pid + (process == null ? "" : " (" + process + ")");
    }

    private void subscriber(SubscriberStats s, String who, long time, List<String> lagging, List<String> stuck) {
        String lag = ", lag " + Units.number(s.lag());
        if (s.counters().getOrDefault("ended", 0L) != 0) {
            lagging.add(who + " was disconnected because it was too slow" + lag);
            return;
        }
        long stopped = s.counters().getOrDefault(StoppedSubscribers.STOPPED, 0L);
        if (stopped != 0) {
            stuck.add((s.name() == null ? "a subscriber without a name" : who)
                    + " has stopped: its listener failed at position " + Units.number(stopped) + lag);
            return;
        }
        long still = stillFor(who, s.lag() == 0 ? -time : s.position(), time); // nothing to do: not still
        if (!s.attached()) {
            if (s.lag() > 0 || s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER)
                lagging.add("no process is attached to " + who + lag);
        } else if (s.lag() > 0 && still >= stuckNanos) {
            (s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER ? stuck : lagging)
                    .add(who + " (pid " + s.pid() + ") has read nothing for " + Units.duration(still) + lag);
        } else if (s.lag() > maxLag) {
            lagging.add(who + " (pid " + s.pid() + ") is behind" + lag);
        }
    }

    private long stillFor(String what, long value, long time) {
        Still still = before.get(what);
        if (still == null || still.value() != value) before.put(what, still = new Still(value, time));
        return time - still.sinceNanos();
    }
}
