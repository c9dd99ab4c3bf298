package dev.belfry.judgement;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Judges a queue's health by its figures. It is the only place that does: health checks, meters and the tools of
 * operators give its verdict. Each reading is compared with those before. One thread at a time.
 */
public final class Judgement {
    /** The subject of a reason, and with it what can be done. */
    public enum Kind {
        /** A publisher waits, and its entry says for whom. */
        WAITING("waiting"),
        /** Publishers wait, and no entry shows them. */
        PUBLISHERS("waiting"),
        REMOVED("removed-name"),
        DISK_FULL("disk-full"),
        NO_SLOTS("slots"),
        DISCONNECTED("ended"),
        LISTENER("stopped-listener"),
        LOSING("losing"),
        UNATTENDED("unattended"),
        STILL("still"),
        STOPPED("stopped-subscriber"),
        BEHIND("behind"),
        FILLING("filling");

        /** The word by which {@code doctor} tells it. */
        public final String check;

        Kind(String check) {
            this.check = check;
        }
    }

    /**
     * One sentence. {@code stuck}: else it is only slow or missing. {@code subscriber}, {@code waiting}: which one it
     * is about, or null.
     */
    public record Reason(Kind kind, boolean stuck, String text, SubscriberStats subscriber, Waiting waiting) {}

    /** A figure that should change, and since when it has not; {@code beforeNanos}: the check before, 0: none. */
    private record Still(long value, long sinceNanos, long beforeNanos) {}

    /** The messages that a subscription had missed and passed at the check before. */
    private record Missed(long lost, long position, long atNanos) {}

    /** From so many messages on, the command {@code belfry} calls a subscription behind. */
    public static final long MAX_LAG = 100_000;

    private static final String NEWEST = "newest";
    private static final long LEAST_AGE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** One that works wants what it reads; who only watches, without a name, may miss all. */
    private static final double MUCH = 0.1;

    /** A shorter wait only means that a reader was busy. */
    private static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final long maxLag;
    private final long stuckNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Still> before = new HashMap<>();
    private final Map<String, Missed> lost = new HashMap<>(); // at the reading before
    private final Ages ages = new Ages();
    private final List<Reason> reasons = new ArrayList<>(); // of this reading
    private long roomBefore = -1;
    private long locksBefore = -1;
    private long checkedNanos; // the reading before this one, 0: none

    /** With more unread messages than {@code maxLag} a subscriber is behind. {@code stuckAfter}: without a move. */
    public Judgement(long maxLag, Duration stuckAfter, LongSupplier nanoTime) {
        this.maxLag = maxLag;
        this.stuckNanos = Deadlines.nanos(stuckAfter);
        this.nanoTime = nanoTime;
    }

    /** Those that are stuck come first; none: all is well. */
    public List<Reason> of(QueueStats now) {
        reasons.clear();
        long time = nanoTime.getAsLong();
        ages.read(now, time);
        Set<String> present = new HashSet<>(Set.of(NEWEST));
        for (Waiting w : now.waiting()) {
            String who = "waiting " + w.pid() + " since " + w.since();
            waiting(w, who, time);
            present.add(who);
        }
        publishers(now, time);
        if (QueueCounter.UNLINKED.of(now) != 0)
            add(Kind.REMOVED, false, "its name was removed: a process that opens it now gets another queue");
        if (QueueCounter.DISK_FULL.of(now) != 0)
            add(Kind.DISK_FULL, false, "the next file of its log was refused: its disk is full, or it has its maxSize");
        long slots = QueueCounter.SLOTS.of(now);
        if (slots != 0 && now.subscribers().size() >= slots)
            add(
                    Kind.NO_SLOTS,
                    false,
                    "all its " + Units.number(slots) + " slots are taken: the next subscriber is refused");
        int anonymous = 0;
        for (SubscriberStats s : now.subscribers()) {
            String who = s.name() != null
                    ? "'" + s.name() + "'"
                    : "the subscriber in slot "
                            + (QueueCounter.SLOT.isToldBy(s) ? QueueCounter.SLOT.of(s) : anonymous++);
            subscriber(s, who, time);
            present.add(who);
        }
        before.keySet().retainAll(present);
        lost.keySet().retainAll(present);
        checkedNanos = time;
        return Stream.concat(
                        reasons.stream().filter(Reason::stuck), reasons.stream().filter(r -> !r.stuck()))
                .toList();
    }

    private boolean has(boolean stuck) {
        return reasons.stream().anyMatch(reason -> reason.stuck() == stuck);
    }

    private void add(Kind kind, boolean stuck, String text) {
        reasons.add(new Reason(kind, stuck, text, null, null));
    }

    private void add(Kind kind, boolean stuck, String text, SubscriberStats subscriber) {
        reasons.add(new Reason(kind, stuck, text, subscriber, null));
    }

    /** Those that no entry shows: their waits end by time-outs and in other processes each time. */
    private void publishers(QueueStats now, long time) {
        long room = QueueCounter.FULL_WAITS.of(now) + QueueCounter.FULL_WAIT_NANOS.of(now);
        long locks = QueueCounter.LOCK_WAITS.of(now) + QueueCounter.LOCK_WAIT_NANOS.of(now);
        boolean forRoom = roomBefore >= 0 && room > roomBefore;
        boolean forLocks = locksBefore >= 0 && locks > locksBefore;
        roomBefore = room;
        locksBefore = locks;
        long still = time - still(NEWEST, now.newestPosition(), time).sinceNanos();
        if (still < LONG_WAIT_NANOS || !forRoom && !forLocks || has(true)) return;
        if (still < stuckNanos && has(false)) return;
        add(
                Kind.PUBLISHERS,
                still >= stuckNanos,
                "publishers wait for " + (forRoom ? "room" : "a lock") + ", and nothing was published for "
                        + Units.duration(still));
    }

    /**
     * The wall clock tells since when, and it may have been set: so no wait has lasted longer than
     * since the last check that did not see it. One that begins in the future is told at once: only
     * since it was seen first is known how long it lasts.
     */
    private void waiting(Waiting w, String who, long time) {
        Still seen = still(who, 0, time);
        long waited = Duration.between(w.since(), Instant.now()).toNanos();
        long ahead = -waited;
        if (seen.beforeNanos() != 0) waited = Math.min(waited, time - seen.beforeNanos());
        waited = Math.max(waited, time - seen.sinceNanos());
        if (waited < LONG_WAIT_NANOS && ahead < LONG_WAIT_NANOS) return;
        String clock = ahead < LONG_WAIT_NANOS ? "" : ", whose clock is ahead by " + Units.duration(ahead) + ",";
        String text = process(w.pid(), w.process()) + clock + " has waited " + Units.duration(waited)
                + (clock.isEmpty() ? "" : " at least") + " for "
                + (w.kind() == Waiting.Kind.ROOM ? "room" : "a lock") + because(w);
        reasons.add(new Reason(Kind.WAITING, waited >= stuckNanos, text, null, w));
    }

    /** The process in its way, after a comma; empty if that is not known. */
    public static String because(Waiting w) {
        Waiting.Cause because = w.cause();
        if (because == null) return "";
        String stopped = because.stopped() ? ", which is stopped" : "";
        String process = because.pid() == 0 ? "no process" : process(because.pid(), because.process());
        if (w.kind() == Waiting.Kind.LOCK) return ", held by " + process + stopped;
        String subscription = because.subscription() == null
                ? "the subscriber in slot " + because.number()
                : "'" + because.subscription() + "'";
        return ", held up by " + subscription + " of " + process + stopped;
    }

    public static String process(long pid, String process) {
        return "pid " + pid + (process == null ? "" : " (" + process + ")");
    }

    private void subscriber(SubscriberStats s, String who, long time) {
        if (ShellWords.OVERFLOW.equals(s.name())) {
            place(s);
            return;
        }
        String lag = ", lag " + Units.number(s.lag());
        if (QueueCounter.ENDED.of(s) != 0) {
            add(Kind.DISCONNECTED, false, who + " was disconnected because it was too slow" + lag, s);
            return;
        }
        long stopped = QueueCounter.STOPPED.of(s);
        if (stopped != 0) {
            String name = s.name() == null ? "a subscriber without a name" : who;
            String text = name + " has stopped: its listener failed at position " + Units.number(stopped) + lag;
            add(Kind.LISTENER, true, text, s);
            return;
        }
        misses(s, who, time);
        long still =
                time - still(who, s.lag() == 0 ? -time : s.position(), time).sinceNanos(); // nothing to do: not still
        boolean isStopped = QueueCounter.PROCESS_STOPPED.of(s) != 0;
        if (!s.attached()) {
            if (s.lag() > 0 || s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER)
                add(Kind.UNATTENDED, false, "no process is attached to " + who + lag + alone(s), s);
        } else if (s.lag() > 0 && still >= stuckNanos) {
            boolean gates = s.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER;
            String text = who + " (pid " + s.pid() + ") has read nothing for " + Units.duration(still) + lag;
            add(isStopped ? Kind.STOPPED : Kind.STILL, gates, text, s);
        } else if (s.lag() > 0 && isStopped) {
            add(
                    Kind.STOPPED,
                    false,
                    who + " (pid " + s.pid() + ") is stopped, and publishers will wait for it" + lag,
                    s);
        } else if (s.lag() > maxLag) {
            long oldest = ages.oldest(s);
            String age = oldest < LEAST_AGE_NANOS ? "" : ", its oldest message " + Units.duration(oldest) + " at least";
            add(Kind.BEHIND, false, who + " (pid " + s.pid() + ") is behind" + lag + age, s);
        }
    }

    /** Members of a domain attach to it for moments: it is nobody's else, and what it passes was not lost. */
    private void place(SubscriberStats s) {
        if (!s.attached() || QueueCounter.PROCESS_STOPPED.of(s) == 0) return;
        String text = process(s.pid(), null) + " is stopped, and holds the place of a domain's messages: none of their"
                + " files go until it continues";
        add(Kind.STOPPED, false, text, s);
    }

    private String alone(SubscriberStats s) {
        long alone = ages.alone(s);
        if (alone < LEAST_AGE_NANOS) return "";
        return ", for " + Units.duration(alone) + (Ages.isAloneSinceKnown(s) ? "" : " at least");
    }

    /** Since the reading before this one. It is stuck if it works and misses more than a tenth of what it passed. */
    private void misses(SubscriberStats s, String who, long time) {
        Missed had = lost.put(who, new Missed(s.lostCount(), s.position(), time));
        if (had == null || had.lost >= s.lostCount()) return;
        long missed = s.lostCount() - had.lost;
        boolean isMany = s.attached() && s.name() != null && missed > MUCH * (s.position() - had.position);
        String text = who + (s.attached() ? " (pid " + s.pid() + ")" : "") + " missed " + Units.number(missed)
                + " messages within " + Units.duration(time - had.atNanos);
        add(Kind.LOSING, isMany, text, s);
    }

    private Still still(String what, long value, long time) {
        Still still = before.get(what);
        if (still == null || still.value() != value) before.put(what, still = new Still(value, time, checkedNanos));
        return still;
    }
}
