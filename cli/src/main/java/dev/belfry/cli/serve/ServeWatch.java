package dev.belfry.cli.serve;

import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.cli.reading.Processes;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Scope;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Judgement;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The last reading of all queues, and what it and the ones before tell: what was lost, and what has happened. It reads
 * when it is asked, and at most once a second, on a thread of its own: a disk that hangs holds up no answer. Any
 * thread.
 */
public final class ServeWatch {
    private static final long CHECKUP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration LATE = Duration.ofSeconds(3);
    private static final Duration LOSSES = Duration.ofMinutes(5);
    private static final Duration EVENTS = Duration.ofHours(1);
    private static final Duration LEAST_WAIT = Duration.ofSeconds(1);
    private static final int MOST_EVENTS = 500;
    private static final int MOST_SAMPLES = 60;

    /** {@code queue}: null: all of them. {@code before}: the reading before, since when it may have happened. */
    public record Event(Instant at, Instant before, String queue, String what) {}

    /** The figures of one queue at one reading. */
    record Sample(Instant at, double rate, long lag) {}

    /** The messages that a subscription has lost within the last minutes. */
    record Loss(String queue, String subscription, long pid, long messages, Instant last) {}

    /**
     * One reading, and what those before it tell. {@code looks}, {@code samples}: by URI. {@code found}: as {@code
     * doctor} tells it; the checkup is not older than five seconds then. {@code losses}: those of each subscription in
     * one. The newest comes first, of the {@code events} as well.
     */
    record Known(
            Instant at,
            Map<String, QueueWatch.Look> looks,
            Map<String, List<Sample>> samples,
            Verdict.Found found,
            List<Event> events,
            List<Loss> losses) {
        Duration age() {
            return Duration.between(at, Instant.now());
        }

        /** True if the next reading takes long. */
        boolean isLate() {
            return age().compareTo(LATE) > 0;
        }

        /** The health of the machine, and of all queues. */
        List<Verdict> verdicts() {
            List<Verdict> all = new ArrayList<>(List.of(Verdict.ofMachine(found)));
            for (QueueWatch.Look look : looks.values()) all.add(verdict(look));
            all.addAll(Verdict.removed(looks.keySet(), found));
            return all;
        }

        Verdict verdict(QueueWatch.Look look) {
            return Verdict.of(look.uri(), look, found);
        }
    }

    private final Supplier<List<QueueWatch.Look>> looks;
    private final Supplier<List<Finding>> checkup;
    final Instant since = Instant.now();
    private final Latest<Known> latest;

    // The state of the thread that reads.
    private final Deque<Event> events = new ArrayDeque<>();
    private final Deque<Loss> losses = new ArrayDeque<>();
    private final Map<String, ArrayDeque<Sample>> samples = new HashMap<>();
    private Instant before;
    private Map<String, QueueWatch.Look> looksBefore;
    private List<Finding> checked;
    private long checkupNanos;

    static ServeWatch of(List<String> directories) {
        Scope scope = Scope.allAndIn(directories);
        return new ServeWatch(
                new QueueWatch(scope)::look,
                () -> Verdict.checkup(scope, false, QueueInspector.Progress.NOBODY),
                PATIENCE);
    }

    /** Reads twice, as the first reading tells no rates and nothing of domains. */
    ServeWatch(Supplier<List<QueueWatch.Look>> looks, Supplier<List<Finding>> checkup, Duration patience) {
        this.looks = looks;
        this.checkup = checkup;
        read();
        latest = new Latest<>(this::read, patience);
    }

    Known now() {
        return latest.get();
    }

    /** Reads again, for what is not in the last one. */
    Known fresh() {
        return latest.fresh();
    }

    private Known read() {
        Instant at = Instant.now();
        // Nobody may ever ask for them, and one that begins again is told again.
        losses.removeIf(loss -> loss.last.isBefore(at.minus(LOSSES)));
        events.removeIf(event -> event.at.isBefore(at.minus(EVENTS)));
        Map<String, QueueWatch.Look> now = new TreeMap<>();
        for (QueueWatch.Look look : looks.get()) now.put(look.uri(), look);
        if (looksBefore != null) new Changes(at, before).between(looksBefore, now);
        before = at;
        looksBefore = now;
        if (checked == null || System.nanoTime() - checkupNanos > CHECKUP_NANOS) {
            checked = checkup.get();
            checkupNanos = System.nanoTime();
        }
        Verdict.Found found = Verdict.Found.by(Verdict.withFigures(checked, now.values()));
        return new Known(at, now, samples(at, now), found, List.copyOf(events), sums());
    }

    private Map<String, List<Sample>> samples(Instant at, Map<String, QueueWatch.Look> now) {
        samples.keySet().retainAll(now.keySet());
        now.forEach((uri, look) -> {
            if (look.report() == null) return;
            ArrayDeque<Sample> all = samples.computeIfAbsent(uri, none -> new ArrayDeque<>());
            all.addLast(new Sample(at, look.reading().messages(), look.reading().lag()));
            if (all.size() > MOST_SAMPLES) all.removeFirst();
        });
        Map<String, List<Sample>> copies = new HashMap<>();
        samples.forEach((uri, all) -> copies.put(uri, List.copyOf(all)));
        return copies;
    }

    private List<Loss> sums() {
        Map<String, Loss> sums = new LinkedHashMap<>();
        for (Loss each : losses) // the newest first
        sums.merge(
                    each.queue + " " + each.subscription,
                    each,
                    (newer, older) -> new Loss(
                            newer.queue, newer.subscription, newer.pid, newer.messages + older.messages, newer.last));
        return List.copyOf(sums.values());
    }

    /** The events between two readings. */
    private final class Changes {
        private final Instant at;
        private final Instant before;

        Changes(Instant at, Instant before) {
            this.at = at;
            this.before = before;
        }

        void between(Map<String, QueueWatch.Look> old, Map<String, QueueWatch.Look> now) {
            old.keySet().stream().filter(uri -> !now.containsKey(uri)).forEach(uri -> add(uri, "it is gone"));
            now.forEach((uri, look) -> {
                QueueWatch.Look last = old.get(uri);
                if (last == null)
                    add(uri, look.report() == null ? "it cannot be read: " + look.problem() : "it is new");
                else between(uri, last, look);
            });
        }

        private void between(String uri, QueueWatch.Look last, QueueWatch.Look look) {
            if (last.report() == null || look.report() == null) {
                if (look.report() == null && last.report() != null) add(uri, "it cannot be read: " + look.problem());
                else if (look.report() != null) add(uri, "it can be read again");
                return;
            }
            if (!last.reading().stats().id().equals(look.reading().stats().id())) {
                add(uri, "it was removed and created again");
                return;
            }
            members(uri, last.report(), look.report());
            subscriptions(uri, last.reading().stats(), look.reading().stats());
            waits(uri, last.reading().stats(), look.reading().stats());
            long grown =
                    look.reading().stats().capacity() - last.reading().stats().capacity();
            if (grown > 0)
                add(uri, "its ring grew to " + Text.size(look.reading().stats().capacity()));
            if (last.reading().domain() != null && look.reading().domain() != null) {
                long dead = look.reading().domain().deadLetters()
                        - last.reading().domain().deadLetters();
                if (dead > 0) add(uri, Units.number(dead) + " more dead letters");
            }
            boolean isStuck = look.reading().health().status() == QueueHealth.Status.STUCK;
            if (isStuck == (last.reading().health().status() == QueueHealth.Status.STUCK)) return;
            add(uri, isStuck ? "stuck: " + look.reading().health().reasons().get(0) : "not stuck any more");
        }

        private void members(String uri, QueueReport last, QueueReport now) {
            Map<Long, Instant> old = started(last);
            Map<Long, Instant> there = started(now);
            List<Long> gone =
                    old.keySet().stream().filter(pid -> !there.containsKey(pid)).toList();
            long taken = QueueCounter.REPAIRS.of(now.stats()) - QueueCounter.REPAIRS.of(last.stats());
            String from = gone.size() == 1 ? "from pid " + gone.get(0) : "from a publisher that died";
            if (taken > 0) add(uri, "lock taken over " + from + (taken == 1 ? "" : ", " + taken + " times"));
            for (long pid : gone) add(uri, "pid " + pid + " left");
            for (long pid : there.keySet())
                if (!old.containsKey(pid)) add(uri, "pid " + pid + " (" + Processes.command(pid) + ") came");
        }

        private static Map<Long, Instant> started(QueueReport report) {
            return report.members().stream()
                    .collect(Collectors.toMap(
                            QueueReport.Member::pid, QueueReport.Member::since, (one, other) -> one, TreeMap::new));
        }

        private void subscriptions(String uri, QueueStats last, QueueStats now) {
            Map<String, SubscriberStats> old = subscriptions(last);
            Map<String, SubscriberStats> there = subscriptions(now);
            old.forEach((key, s) -> {
                if (s.name() != null && !there.containsKey(key)) add(uri, "'" + s.name() + "' unsubscribed");
            });
            there.forEach((key, s) -> {
                SubscriberStats before = old.get(key);
                if (s.name() != null && before == null) add(uri, "'" + s.name() + "' subscribed");
                if (before == null) return;
                if (before.attached() && !s.attached())
                    add(uri, "nobody reads '" + s.name() + "' any more, which pid " + before.pid() + " did");
                else if (s.name() != null && s.attached() && before.pid() != s.pid())
                    add(uri, "pid " + s.pid() + " reads '" + s.name() + "'");
                if (QueueCounter.ENDED.of(s) != 0 && QueueCounter.ENDED.of(before) == 0)
                    add(uri, who(s) + " was disconnected as too slow");
                if (QueueCounter.STOPPED.of(s) != 0 && QueueCounter.STOPPED.of(before) == 0)
                    add(uri, "the listener of " + who(s) + " failed");
                long lost = s.lostCount() - before.lostCount();
                if (lost <= 0) return;
                if (losses.stream().noneMatch(loss -> loss.queue.equals(uri) && loss.subscription.equals(who(s))))
                    add(uri, who(s) + " begins to lose messages: " + Units.number(lost));
                losses.addFirst(new Loss(uri, who(s), s.pid(), lost, at));
            });
        }

        private static Map<String, SubscriberStats> subscriptions(QueueStats stats) {
            Map<String, SubscriberStats> all = new LinkedHashMap<>();
            for (SubscriberStats s : stats.subscribers())
                if (!ShellWords.OVERFLOW.equals(s.name())) // it has no reader: what it passes is not lost
                all.put(s.name() != null ? "n " + s.name() : "s " + QueueCounter.SLOT.of(s) + " " + s.pid(), s);
            return all;
        }

        /** A longer wait that has ended; those that last still are no event yet. */
        private void waits(String uri, QueueStats last, QueueStats now) {
            for (Waiting w : last.waiting()) {
                boolean lasts =
                        now.waiting().stream().anyMatch(still -> still.pid() == w.pid() && still.kind() == w.kind());
                Duration waited = Duration.between(w.since(), before);
                if (!lasts && waited.compareTo(LEAST_WAIT) >= 0)
                    add(
                            uri,
                            process(w) + " waited " + Units.duration(waited.toNanos()) + " at least for "
                                    + (w.kind() == Waiting.Kind.ROOM ? "room" : "a lock"));
            }
        }

        private void add(String queue, String what) {
            if (events.size() == MOST_EVENTS) events.removeLast();
            events.addFirst(new Event(at, before, queue, what));
        }
    }

    static String process(Waiting w) {
        return Judgement.process(w.pid(), w.process());
    }

    static String who(SubscriberStats s) {
        return s.name() != null ? "'" + s.name() + "'" : "the subscriber in slot " + QueueCounter.SLOT.of(s);
    }
}
