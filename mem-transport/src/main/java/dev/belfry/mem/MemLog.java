package dev.belfry.mem;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Waiting;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.time.Instant;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue itself: records in order, subscriptions, the right to publish. Everything is guarded by the monitor of
 * {@code lock}, which the JVM gives back at the end of a stack, too. Every change that somebody may wait for is
 * signalled before it is made. Nobody waits inside: a monitor would pin virtual threads.
 */
final class MemLog {
    private static final Logger LOG = LoggerFactory.getLogger(MemLog.class);
    private static final long PID = ProcessHandle.current().pid();
    private static final int RESERVED = 16; // as in shared memory, where a ring keeps its end mark and a hop there
    private static final int LEAVERS = 128;
    /** Of a publisher: nothing signals that the thread of a claim has died. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long SHOWN_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(20); // as in shared memory
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    final QueueUri uri;
    final UUID id = UUID.randomUUID();
    final QueueSettings settings;
    final Object lock = new Object();
    int handles; // guarded by the provider

    private final Set<Sleeper> sleepers = new HashSet<>(); // whom the next change wakes
    private final MemRecords records = new MemRecords();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Deque<Subscription> leavers = new ArrayDeque<>(); // the latest; what they acknowledged still counts
    private final List<MemPublisher> publishers = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private MemClaim.Hold claim; // while it is open nobody else publishes; null if none
    private long capacity;
    private long grows;
    private long fullWaits;
    private long disconnects;

    /** A publisher that waits. */
    private static final class Waiter {
        final Instant since = Instant.now();
        final long sinceNanos = System.nanoTime();
        volatile boolean over; // its call has ended: it does not count, even if it is still listed
    }

    /** A call that sleeps. Not the thread itself: a subclass of Thread may call itself equal to another. */
    private static final class Sleeper {
        final Thread thread = Thread.currentThread();
    }

    MemLog(QueueUri uri, QueueSettings requested) {
        this.uri = uri;
        capacity = requested.capacity();
        settings = new QueueSettings( // no permissions on the heap
                capacity,
                requested.maxCapacity(),
                -1,
                null,
                requested.allowGating(),
                requested.maxGateNanos(),
                requested.deleteOnLastClose());
    }

    // ---- publishing; the caller holds the lock

    int maxMessageLength() {
        return (int) (settings.maxCapacity() / 4);
    }

    static int cost(int length) {
        return 8 + length + 7 & -8;
    }

    /** Does it once nobody's claim is open and there is room. Null if the deadline passes first. Takes the lock. */
    <T> T publish(MemPublisher publisher, int cost, long deadline, Supplier<T> commit) {
        Waiter[] waiter = {null};
        try {
            return until(deadline, SLICE_NANOS, "space in", () -> {
                publisher.checkOpen();
                if (claim == null || refuseOrExpire(publisher)) {
                    if (makeRoom(cost)) return commit.get();
                    if (waiter[0] == null) fullWaits++;
                }
                if (waiter[0] == null) waiters.add(waiter[0] = new Waiter());
                return null;
            });
        } finally {
            if (waiter[0] != null) {
                waiter[0].over = true; // a store, for which no stack is too short, as it may be for the removal
                synchronized (lock) {
                    waiters.removeIf(w -> w.over);
                }
            }
        }
    }

    private List<Waiting> waiting() {
        return waiters.stream()
                .filter(w -> !w.over && System.nanoTime() - w.sinceNanos >= SHOWN_AFTER_NANOS)
                .map(w -> new Waiting(
                        PID, null, claim == null ? Waiting.What.ROOM : Waiting.What.LOCK, w.since, because()))
                .toList();
    }

    private Waiting.Because because() {
        if (claim != null) return new Waiting.Because(null, -1, PID, null, false);
        for (Subscription s : subscriptions)
            if (s.gates() && s.needs(records.oldest()))
                return new Waiting.Because(
                        s.options.name(), subscriptions.indexOf(s), s.attached == null ? 0 : PID, null, false);
        return null;
    }

    /** A claim is open: false if it is to be waited for, true if its owner has lost it and it is given up. */
    private boolean refuseOrExpire(MemPublisher publisher) {
        if (claim.isAbandoned()) {
            claim = null;
            return true;
        }
        if (claim.isMine()) throw Errors.nestedClaim(uri.toString());
        if (publisher.isExclusive())
            throw new ConcurrentModificationException("The exclusive publisher of '" + uri
                    + "' has a claim open in thread '" + claim.thread().getName() + "'");
        warnOf(claim);
        return false;
    }

    /** Drops what nobody needs, grows where somebody does, ends whom it may. False: a subscriber must move first. */
    private boolean makeRoom(int cost) {
        while (cost > capacity - RESERVED) grow(); // ends: a quarter of maxCapacity fits
        while (records.bytes() + cost > capacity - RESERVED) {
            boolean held = false;
            for (Subscription s : subscriptions) if (s.gates() && s.needs(records.oldest())) held |= stillHolds(s);
            if (!held) dropOldest();
            else if (canGrow()) grow();
            else return false;
        }
        return true;
    }

    private boolean stillHolds(Subscription s) {
        if (canGrow()) return true;
        long stuck = s.stuckNanos();
        if (stuck >= settings.maxGateNanos()) {
            end(s, "it held up a publisher longer than maxGateTime (" + Units.duration(settings.maxGateNanos()) + ")");
            return false;
        }
        if (stuck >= PATIENCE_NANOS && !s.warned) {
            s.warned = true;
            LOG.warn("{}", full(s).getMessage());
        }
        return true;
    }

    boolean canGrow() {
        return capacity < settings.maxCapacity();
    }

    private void grow() {
        capacity *= 2;
        grows++;
    }

    private void dropOldest() {
        for (Subscription s : subscriptions)
            if (s.options.slowSubscriber() == SlowSubscriber.DISCONNECT && s.needs(records.oldest()))
                end(s, "the queue was full (" + Units.size(capacity) + ") and could not grow");
        records.dropOldest(); // an OVERRUN reader jumps when it reads next
    }

    private void end(Subscription s, String reason) {
        signal();
        s.ended = reason;
        disconnects++;
        LOG.warn("{}", s.disconnected().getMessage());
    }

    /** The commit. There is room: {@link #reserve}. */
    long append(byte[] body, MessageProperties properties, int cost, boolean timestamp) {
        long position = records.newest() + 1;
        signal();
        records.add(new MemRecord(position, timestamp ? System.currentTimeMillis() : 0, body, properties, cost));
        return position;
    }

    /** Why reserve returned false. */
    QueueFullException full() {
        synchronized (lock) {
            if (claim != null) return Errors.heldByPublisher(uri.toString(), PID, claim.nanos());
            for (Subscription s : subscriptions) if (s.gates() && s.needs(records.oldest())) return full(s);
            return Errors.full(uri.toString(), capacity);
        }
    }

    private QueueFullException full(Subscription s) {
        long pid = s.attached == null ? 0 : PID;
        return Errors.full(uri.toString(), capacity, s.options.name(), pid, newest() - s.position(), s.stuckNanos());
    }

    void claim(MemClaim.Hold hold) {
        claim = hold;
    }

    /** False if it is not open, or no longer. */
    boolean endClaim(MemClaim.Hold hold) {
        if (claim != hold) return false;
        warnOf(hold);
        signal();
        claim = null;
        return true;
    }

    private void warnOf(MemClaim.Hold hold) {
        if (hold.nanos() < PATIENCE_NANOS || !hold.warnOnce()) return;
        LOG.warn(
                "'{}' is held by a claim of thread '{}' for {}: other publishers wait. Fill and commit at once.",
                uri,
                hold.thread().getName(),
                Units.duration(hold.nanos()));
    }

    // ---- who publishes

    void add(MemPublisher publisher) {
        synchronized (lock) {
            for (MemPublisher other : publishers)
                if (other.isExclusive() || publisher.isExclusive())
                    throw Errors.publisherInUse(
                            uri.toString(), publisher.isExclusive(), "pid " + PID + " (this process)");
            publishers.add(publisher);
        }
    }

    /** The caller holds the lock. */
    void remove(MemPublisher publisher) {
        signal();
        publishers.remove(publisher);
        if (claim != null && claim.isOf(publisher)) claim = null;
    }

    boolean awaitAcknowledged(MemPublisher publisher, long position, int minSubscribers, long deadline) {
        publisher.checkOpen();
        Boolean acknowledged = until(deadline, Deadlines.FOREVER_NANOS, "acknowledgements in", () -> {
            if (isAcknowledged(position, minSubscribers)) return true;
            return publisher.isClosed() ? false : null;
        });
        return acknowledged != null && acknowledged;
    }

    private boolean isAcknowledged(long position, int minSubscribers) {
        return subscriptions.stream().noneMatch(s -> s.isBehind(position))
                && Stream.concat(subscriptions.stream(), leavers.stream())
                                .filter(s -> s.hasAcknowledged(position))
                                .count()
                        >= minSubscribers;
    }

    // ---- who reads

    MemSubscriber attach(MemQueue queue, SubscriberOptions options) {
        if (options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER && !settings.allowGating())
            throw Errors.gatingRefused(uri.toString());
        synchronized (lock) {
            Subscription s = options.name() == null ? null : find(options.name());
            if (s == null) subscriptions.add(s = begin(options));
            else if (s.attached != null) throw Errors.subscriptionInUse(options.name(), s.holder);
            else if (s.ended != null) throw s.disconnected();
            signal(); // with other options it may hold up nobody
            s.options = options;
            s.holder = "pid " + PID + " (this process, since "
                    + LocalTime.now().truncatedTo(ChronoUnit.SECONDS).format(DateTimeFormatter.ISO_LOCAL_TIME) + ")";
            s.next = s.done + 1;
            s.jumpIfPassed();
            s.attached = new MemSubscriber(queue, s, options);
            return s.attached;
        }
    }

    private Subscription begin(SubscriberOptions options) {
        StartAt at = options.startAt();
        long wanted = at.equals(StartAt.NOW) ? newest() + 1 : at.position().orElse(oldest());
        if (wanted > newest() + 1) throw Errors.startsInFuture(uri.toString(), wanted, newest());
        Subscription s = new Subscription(this, options, Math.max(wanted, oldest()));
        s.lost = s.next - wanted;
        return s;
    }

    private Subscription find(String name) {
        for (Subscription s : subscriptions) if (name.equals(s.options.name())) return s;
        return null;
    }

    /** Its subscriber was closed. A named one stays. */
    void detach(Subscription s) {
        synchronized (lock) {
            signal();
            s.attached = null;
            if (s.options.name() == null) leave(s);
        }
    }

    boolean unsubscribe(String name) {
        synchronized (lock) {
            Subscription s = find(name);
            if (s == null) return false;
            if (s.attached != null) throw Errors.subscriptionInUse(name, s.holder);
            signal();
            leave(s);
            return true;
        }
    }

    private void leave(Subscription s) {
        subscriptions.remove(s);
        leavers.add(s);
        if (leavers.size() > LEAVERS) leavers.remove();
    }

    long oldest() {
        return records.oldest();
    }

    long newest() {
        return records.newest();
    }

    MemRecord at(long position) {
        return records.at(position);
    }

    QueueStats stats() {
        synchronized (lock) {
            return new QueueStats(
                    id,
                    newest() == 0 ? 0 : oldest(),
                    newest(),
                    capacity,
                    settings.maxCapacity(),
                    publishers.size(),
                    subscriptions.stream().map(Subscription::stats).toList(),
                    Map.of(
                            "bytes",
                            records.bytes(),
                            "grows",
                            grows,
                            "fullWaits",
                            fullWaits,
                            "disconnects",
                            disconnects),
                    waiting());
        }
    }

    // ---- waiting

    /**
     * With the lock held, before a change that somebody may wait for: sleepers check again once the lock is free. In
     * this order no StackOverflowError makes a sleeper miss a change. One that strikes in this method leaves the change
     * unmade and all sleepers listed: the next signal wakes them, some of them twice, which does no harm. One that
     * strikes later finds all of them awake. A latch would not do: one that fails half open wakes nobody ever after.
     */
    void signal() {
        if (sleepers.isEmpty()) return;
        for (Sleeper sleeper : sleepers) LockSupport.unpark(sleeper.thread);
        sleepers.clear();
    }

    /**
     * Tries with the lock held, again after each change, and sleeps without it, at most {@code longest} nanoseconds
     * at a time. Null if the deadline has passed.
     */
    <T> T until(long deadline, long longest, String what, Supplier<T> step) {
        Sleeper sleeper = null;
        while (true) {
            long left;
            synchronized (lock) {
                if (sleeper != null) sleepers.remove(sleeper);
                T done = step.get();
                if (done != null) return done;
                left = Deadlines.remaining(deadline);
                if (left <= 0) return null;
                if (Thread.currentThread().isInterrupted()) throw Errors.interrupted(what + " '" + uri + "'");
                if (sleeper == null) sleeper = new Sleeper();
                sleepers.add(sleeper);
            }
            LockSupport.parkNanos(lock, Math.min(longest, left)); // ends at an interrupt, too
        }
    }
}
