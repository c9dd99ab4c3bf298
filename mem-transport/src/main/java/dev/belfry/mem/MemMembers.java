package dev.belfry.mem;

import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The publishers and subscriptions of a queue. Guarded by the queue's monitor. */
final class MemMembers {
    private static final Logger LOG = LoggerFactory.getLogger(MemMembers.class);
    private static final long PID = ProcessHandle.current().pid();
    private static final int LEAVERS = 128;

    private final QueueUri uri;
    private final QueueSettings settings;
    private final MemRecords records;
    private final MemMonitor monitor;
    final List<Subscription> subscriptions = new ArrayList<>();
    // the latest leavers; what they acknowledged still counts
    private final Deque<Subscription> leavers = new ArrayDeque<>();
    final List<Sender> publishers = new ArrayList<>();
    private long disconnects;
    private long stops;

    /** A publisher, as the queue knows it. */
    interface Sender {
        boolean isExclusive();

        /** Refuses if it is closed. */
        void checkOpen();
    }

    MemMembers(QueueUri uri, QueueSettings settings, MemRecords records, MemMonitor monitor) {
        this.uri = uri;
        this.settings = settings;
        this.records = records;
        this.monitor = monitor;
    }

    // ---- publishers

    void add(Sender publisher) {
        synchronized (monitor) {
            for (Sender other : publishers)
                if (other.isExclusive() || publisher.isExclusive())
                    throw Errors.publisherInUse(
                            uri.toString(), publisher.isExclusive(), "pid " + PID + " (this process)");
            publishers.add(publisher);
        }
    }

    // ---- subscribers

    <S extends Subscription.Attached> S attach(SubscriberOptions options, Function<Subscription, S> subscriber) {
        if (options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER && !settings.allowGating())
            throw Errors.gatingRefused(uri.toString());
        synchronized (monitor) {
            Subscription known = options.name() == null ? null : find(options.name());
            Subscription s = known == null ? begin(options) : known;
            if (s.attached != null) throw Errors.subscriptionInUse(options.name(), s.holder);
            if (s.ended != null) throw s.disconnected();
            monitor.signalLocked(); // with other options it may stop gating
            String holder = "pid " + PID + " (this process, since "
                    + LocalTime.now().truncatedTo(ChronoUnit.SECONDS).format(DateTimeFormatter.ISO_LOCAL_TIME) + ")";
            s.next = s.standing.acknowledged() + 1;
            long lost = s.jumpIfPassed(options.afterOverrun());
            S attached = subscriber.apply(s);
            attached.noteOverrun(lost);
            if (known == null) subscriptions.add(s); // after all that may fail: otherwise it could never be closed
            s.options = options;
            s.holder = holder;
            s.stopped = 0;
            s.attached = attached;
            s.standing = attached.place();
            return attached;
        }
    }

    private Subscription begin(SubscriberOptions options) {
        long wanted = records.first(options.startAt(), uri.toString());
        Subscription s = new Subscription(uri, records, options, Math.max(wanted, records.oldest()));
        s.standing.missed(s.next - wanted);
        return s;
    }

    private Subscription find(String name) {
        for (Subscription s : subscriptions) if (name.equals(s.options.name())) return s;
        return null;
    }

    /** Its subscriber was closed, perhaps because its listener failed at a message. A named one stays. */
    void detach(Subscription s, long stoppedAt) {
        synchronized (monitor) {
            monitor.signalLocked();
            s.stopped = stoppedAt;
            if (stoppedAt != 0) stops++;
            s.attached = null;
            if (s.options.name() == null) leave(s);
        }
    }

    boolean unsubscribe(String name) {
        synchronized (monitor) {
            Subscription s = find(name);
            if (s == null) return false;
            if (s.attached != null) throw Errors.subscriptionInUse(name, s.holder);
            monitor.signalLocked();
            leave(s);
            return true;
        }
    }

    // ---- of a domain

    /** The subscription of this name, to which nobody attaches: it only holds back. */
    Subscription mark(String name) {
        synchronized (monitor) {
            Subscription known = find(name);
            return known != null ? known : hold(name);
        }
    }

    /** All that is there is kept until {@link #release}. */
    Subscription hold() {
        synchronized (monitor) {
            return hold(null);
        }
    }

    private Subscription hold(String name) {
        Subscription hold = begin(SubscriberOptions.builder()
                .name(name)
                .startAt(StartAt.OLDEST_RETAINED)
                .slowSubscriber(SlowSubscriber.GATE_PUBLISHER)
                .build());
        subscriptions.add(hold);
        return hold;
    }

    void release(Subscription hold) {
        synchronized (monitor) {
            monitor.signalLocked();
            subscriptions.remove(hold);
        }
    }

    /** The oldest position that is kept; the next one if there is none. The caller holds the lock. */
    long kept() {
        long kept = records.newest() + 1;
        for (Subscription s : subscriptions) if (s.gates(false)) kept = Math.min(kept, s.standing.acknowledged() + 1);
        return kept;
    }

    private void leave(Subscription s) {
        subscriptions.remove(s);
        leavers.add(s);
        if (leavers.size() > LEAVERS) leavers.remove();
    }

    // ---- progress; the caller holds the lock

    /** The subscriptions for which a full queue keeps its oldest record. */
    List<Subscription> holding(boolean canGrow) {
        List<Subscription> holding = new ArrayList<>();
        for (Subscription s : subscriptions) if (s.gates(canGrow) && s.needs(records.oldest())) holding.add(s);
        return holding;
    }

    /** The first of them, or null. */
    Subscription holder(boolean canGrow) {
        List<Subscription> holding = holding(canGrow);
        return holding.isEmpty() ? null : holding.get(0);
    }

    /** Before the oldest record goes. */
    void endThoseThatMayMissNothing(long capacity) {
        for (Subscription s : subscriptions)
            if (s.options.slowSubscriber() == SlowSubscriber.DISCONNECT && s.needs(records.oldest()))
                end(s, "the queue was full (" + Units.size(capacity) + ") and could not grow");
    }

    void end(Subscription s, String reason) {
        monitor.signalLocked();
        s.ended = reason;
        disconnects++;
        LOG.warn("{}", s.disconnected().getMessage());
    }

    boolean isAcknowledged(long position, int minSubscribers) {
        return subscriptions.stream().noneMatch(s -> s.isBehind(position))
                && Stream.concat(subscriptions.stream(), leavers.stream())
                                .filter(s -> s.hasAcknowledged(position))
                                .count()
                        >= minSubscribers;
    }

    long disconnects() {
        return disconnects;
    }

    long stops() {
        return stops;
    }
}
