package dev.belfry.api;

import dev.belfry.spi.Ages;
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
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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
 */
public final class QueueHealth {
    /** From good to bad. */
    public enum Status {
        OK,
        /** Messages are delivered, but a subscriber is behind or missing. */
        LAGGING,
        /** Something that should move does not, or the queue cannot be used. */
        STUCK
    }

    /**
     * {@code reasons}: one sentence each, empty if it is OK. Of a domain of Jakarta Messaging with very many records
     * one says that its messages were not checked.
     */
    public record Report(Status status, List<String> reasons) {
        public Report {
            reasons = List.copyOf(reasons);
        }
    }

    /** A figure that should change, and since when it has not; {@code beforeNanos}: the check before, 0: none. */
    private record Still(long value, long sinceNanos, long beforeNanos) {}

    /** What a subscription had missed and passed at the check before. */
    private record Missed(long lost, long position, long atNanos) {}

    /** From when on the command {@code belfry} calls it stuck. */
    public static final Duration STUCK_AFTER = Duration.ofSeconds(30);

    private static final String NEWEST = "newest";
    private static final long LEAST_AGE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** One that works wants what it reads; who only watches, without a name, may miss all. */
    private static final double MUCH = 0.1;

    /** A shorter wait only means that a reader was busy. */
    private static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static volatile Events events;

    private final String subject; // before each reason
    private final Supplier<QueueStats> stats;
    private final long maxLag;
    private final long stuckNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Still> before = new HashMap<>();
    private final Map<String, Missed> lost = new HashMap<>(); // at the check before
    private final Ages ages = new Ages();
    private UUID id; // as it was read last
    private boolean recorded; // that it is stuck
    private long roomBefore = -1;
    private long locksBefore = -1;
    private long checkedNanos; // the check before this one, 0: none

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
        this.maxLag = maxLag;
        this.stuckNanos = Deadlines.nanos(Objects.requireNonNull(stuckAfter, "stuckAfter"));
        this.nanoTime = nanoTime;
        events();
    }

    public synchronized Report check() {
        Report report = judge();
        boolean isStuck = report.status() == Status.STUCK;
        if (isStuck != recorded) {
            String reasons = String.join("; ", report.reasons());
            recorded = events().changed(id, report.status().name(), reasons) && isStuck;
        }
        return report;
    }

    /** Made before the first verdict, which may come where there is no memory. */
    private static Events events() {
        Events known = events;
        if (known != null) return known;
        try {
            known = loadEvents();
        } catch (Throwable failure) { // an initializer that has failed would never run again
            known = new Events();
        }
        return events = known;
    }

    private static Events loadEvents() {
        return ModuleLayer.boot()
                .findModule("jdk.jfr")
                .filter(QueueHealth.class.getModule()::canRead)
                .<Events>map(there -> new JfrEvents())
                .orElseGet(Events::new);
    }

    private Report judge() {
        QueueStats now;
        try {
            now = stats.get();
        } catch (MessageQueueException unusable) {
            return new Report(Status.STUCK, List.of(String.valueOf(unusable.getMessage())));
        }
        long time = nanoTime.getAsLong();
        id = now.id();
        ages.read(now, time);
        List<String> lagging = new ArrayList<>();
        List<String> stuck = new ArrayList<>();
        Set<String> present = new HashSet<>(Set.of(NEWEST));
        for (Waiting w : now.waiting()) {
            String who = "waiting " + w.pid() + " since " + w.since();
            waiting(w, who, time, lagging, stuck);
            present.add(who);
        }
        publishers(now, time, lagging, stuck);
        if (now.counters().getOrDefault("unlinked", 0L) != 0)
            lagging.add("its name was removed: a process that opens it now gets another queue");
        long slots = now.counters().getOrDefault("slots", Long.MAX_VALUE);
        if (now.subscribers().size() >= slots)
            lagging.add("all its " + Units.number(slots) + " slots are taken: the next subscriber is refused");
        int anonymous = 0;
        for (SubscriberStats s : now.subscribers()) {
            String who = s.name() != null
                    ? "'" + s.name() + "'"
                    : "the subscriber in slot " + s.counters().getOrDefault("slot", (long) anonymous++);
            subscriber(s, who, time, lagging, stuck);
            present.add(who);
        }
        before.keySet().retainAll(present);
        lost.keySet().retainAll(present);
        checkedNanos = time;
        Status status = !stuck.isEmpty() ? Status.STUCK : !lagging.isEmpty() ? Status.LAGGING : Status.OK;
        stuck.addAll(lagging);
        stuck.replaceAll(reason -> subject + reason);
        return new Report(status, stuck);
    }

    /** Those that no entry shows: their waits end by time-outs and in other processes each time. */
    private void publishers(QueueStats now, long time, List<String> lagging, List<String> stuck) {
        long room = sum(now, "fullWaits", "fullWaitNanos");
        long locks = sum(now, "lockWaits", "lockWaitNanos");
        boolean forRoom = roomBefore >= 0 && room > roomBefore;
        boolean forLocks = locksBefore >= 0 && locks > locksBefore;
        roomBefore = room;
        locksBefore = locks;
        long still = time - still(NEWEST, now.newestPosition(), time).sinceNanos();
        if (still < LONG_WAIT_NANOS || !forRoom && !forLocks || !stuck.isEmpty()) return;
        if (still < stuckNanos && !lagging.isEmpty()) return;
        (still >= stuckNanos ? stuck : lagging)
                .add("publishers wait for " + (forRoom ? "room" : "a lock") + ", and nothing was published for "
                        + Units.duration(still));
    }

    private static long sum(QueueStats stats, String one, String other) {
        return stats.counters().getOrDefault(one, 0L) + stats.counters().getOrDefault(other, 0L);
    }

    /**
     * The wall clock tells since when, and it may have been set: so no wait has lasted longer than
     * since the last check that did not see it. One that begins in the future is told at once: only
     * since it was seen first is known how long it lasts.
     */
    private void waiting(Waiting w, String who, long time, List<String> lagging, List<String> stuck) {
        Still seen = still(who, 0, time);
        long waited = Duration.between(w.since(), Instant.now()).toNanos();
        long ahead = -waited;
        if (seen.beforeNanos() != 0) waited = Math.min(waited, time - seen.beforeNanos());
        waited = Math.max(waited, time - seen.sinceNanos());
        if (waited < LONG_WAIT_NANOS && ahead < LONG_WAIT_NANOS) return;
        String clock = ahead < LONG_WAIT_NANOS ? "" : ", whose clock is ahead by " + Units.duration(ahead) + ",";
        (waited >= stuckNanos ? stuck : lagging)
                .add(process(w.pid(), w.process()) + clock + " has waited " + Units.duration(waited)
                        + (clock.isEmpty() ? "" : " at least") + " for "
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
        misses(s, who, time, s.name() == null ? lagging : stuck, lagging);
        long still = stillFor(who, s.lag() == 0 ? -time : s.position(), time); // nothing to do: not still
        if (!s.attached()) {
            if (s.lag() > 0 || s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER)
                lagging.add("no process is attached to " + who + lag + alone(s));
        } else if (s.lag() > 0 && still >= stuckNanos) {
            (s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER ? stuck : lagging)
                    .add(who + " (pid " + s.pid() + ") has read nothing for " + Units.duration(still) + lag);
        } else if (s.lag() > 0 && s.counters().getOrDefault("processStopped", 0L) != 0) {
            lagging.add(who + " (pid " + s.pid() + ") is stopped, and publishers will wait for it" + lag);
        } else if (s.lag() > maxLag) {
            long oldest = ages.oldest(s);
            lagging.add(who + " (pid " + s.pid() + ") is behind" + lag
                    + (oldest < LEAST_AGE_NANOS ? "" : ", its oldest message " + Units.duration(oldest) + " at least"));
        }
    }

    private String alone(SubscriberStats s) {
        long alone = ages.alone(s);
        if (alone < LEAST_AGE_NANOS) return "";
        return ", for " + Units.duration(alone) + (Ages.isAloneSinceKnown(s) ? "" : " at least");
    }

    /** Since the check before this one; {@code many}: if that is more than a tenth of what it passed. */
    private void misses(SubscriberStats s, String who, long time, List<String> many, List<String> some) {
        Missed had = lost.put(who, new Missed(s.lostCount(), s.position(), time));
        if (had == null || had.lost >= s.lostCount()) return;
        long missed = s.lostCount() - had.lost;
        boolean isMany = missed > MUCH * (s.position() - had.position);
        (isMany ? many : some)
                .add(who + " (pid " + s.pid() + ") missed " + Units.number(missed) + " messages within "
                        + Units.duration(time - had.atNanos));
    }

    private long stillFor(String what, long value, long time) {
        return time - still(what, value, time).sinceNanos();
    }

    private Still still(String what, long value, long time) {
        Still still = before.get(what);
        if (still == null || still.value() != value) before.put(what, still = new Still(value, time, checkedNanos));
        return still;
    }
}
