package dev.belfry.mem;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Waiting;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue itself: records in order, room for the next one, the right to publish it. Its members
 * decide whether there is room. Guarded by its monitor.
 */
final class MemLog {
    private static final Logger LOG = LoggerFactory.getLogger(MemLog.class);
    private static final long PID = ProcessHandle.current().pid();
    private static final int RESERVED = 16; // as in shared memory, where a ring keeps its end mark and a hop there
    /** For a waiting publisher: nothing signals that the thread of a claim has died. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long SHOWN_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(20); // as in shared memory
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    final QueueUri uri;
    final boolean isDomain;
    final UUID id = UUID.randomUUID();
    final QueueSettings settings;
    final MemMonitor monitor;
    final MemMembers members;
    /** It was deleted: its name leads to another one, or to none. */
    volatile boolean unlinked;

    int handles; // guarded by the provider

    final MemRecords records = new MemRecords();
    final Set<Long> alive = new HashSet<>(); // handles of a domain
    final Set<Sleeper> asleep = new HashSet<>();
    private long handlesEver;
    private final List<Waiter> waiters = new ArrayList<>();
    private OpenClaim claim; // or batch: while it is open no other publisher publishes; null if none
    private long capacity;
    private long grows;
    private long fullWaits;

    /** A publisher that waits. */
    private static final class Waiter {
        final Instant since = Instant.now();
        final long sinceNanos = System.nanoTime();
        volatile boolean over; // its call has ended: it does not count, even if it is still listed
    }

    /** A reader that waits for a record, as the log knows it. */
    interface Sleeper {
        /** A record is appended; the caller holds the lock and signals. */
        void ring(int bells);
    }

    MemLog(QueueUri uri, QueueSettings requested, boolean isDomain) {
        this.uri = uri;
        this.isDomain = isDomain;
        capacity = requested.capacity();
        settings = new QueueSettings( // no permissions on the heap
                capacity,
                requested.maxCapacity(),
                -1,
                null,
                requested.allowGating(),
                requested.maxGateNanos(),
                requested.deleteOnLastClose());
        monitor = new MemMonitor(uri.toString());
        members = new MemMembers(uri, settings, records, monitor);
    }

    // ---- publishing; the caller holds the lock

    int maxMessageLength() {
        return (int) (settings.maxCapacity() / 4);
    }

    /** Does the commit once no claim is open and there is room. Null if the deadline passes first. Takes the lock. */
    <T> T publish(MemMembers.Sender publisher, long cost, long deadline, Supplier<T> commit) {
        return publish(publisher, cost, Reserve.ALL, deadline, commit);
    }

    /** Publishes a record of a domain: waits for claims first, and without time it does not make the log grow. */
    <T> T publishRecord(MemMembers.Sender publisher, long cost, Reserve reserve, long nanos, Supplier<T> commit) {
        if (nanos < Log.OTHERS.toNanos()) {
            long deadline = Deadlines.after(Log.OTHERS);
            Optional<T> tried = monitor.untilInAnyCase(
                    deadline, SLICE_NANOS, "space in", () -> tryToPublish(publisher, cost, reserve, commit));
            if (tried != null && tried.isPresent() || nanos <= 0) return tried == null ? null : tried.orElse(null);
        }
        return publish(publisher, cost, reserve, Deadlines.after(nanos), commit);
    }

    /** Null: a claim is open. Empty: there is no room. */
    private <T> Optional<T> tryToPublish(MemMembers.Sender publisher, long cost, Reserve reserve, Supplier<T> commit) {
        publisher.checkOpen();
        if (claim != null && !refuseOrExpire()) return null;
        return makeRoom(cost, reserve, false) ? Optional.of(commit.get()) : Optional.empty();
    }

    private <T> T publish(MemMembers.Sender publisher, long cost, Reserve reserve, long deadline, Supplier<T> commit) {
        Waiter[] waiter = {null};
        try {
            return monitor.until(deadline, SLICE_NANOS, "space in", () -> {
                publisher.checkOpen();
                if (claim == null || refuseOrExpire()) {
                    if (makeRoom(cost, reserve, true)) return commit.get();
                    if (!Deadlines.passed(deadline)) refuseToWaitForItself();
                    if (waiter[0] == null) fullWaits++;
                }
                if (waiter[0] == null) waiters.add(waiter[0] = new Waiter());
                return null;
            });
        } finally {
            if (waiter[0] != null) {
                waiter[0].over = true; // a store works on any stack, which may be too short for the removal
                synchronized (monitor) {
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
        Subscription s = members.holder(canGrow());
        if (s == null) return null;
        return new Waiting.Because(
                s.options.name(), members.subscriptions.indexOf(s), s.attached == null ? 0 : PID, null, false);
    }

    /** Called if a claim is open: false to wait for it, true if its owner has lost it and it was given up. */
    private boolean refuseOrExpire() {
        if (claim.isAbandoned()) {
            claim = null;
            return true;
        }
        if (claim.isMine()) throw claim.nested(uri.toString());
        warnOf(claim);
        return false;
    }

    /**
     * Drops records that no subscription needs, grows if a subscription needs them, or ends the
     * subscriptions that it may end. False: a subscriber must move first.
     */
    private boolean makeRoom(long cost, Reserve reserve, boolean mayGrow) {
        while (cost > capacity - RESERVED || !leaves(reserve, cost)) { // ends: a quarter of maxCapacity fits
            if (!mayGrow || !canGrow()) return false;
            grow();
        }
        while (records.bytes() + cost > capacity - RESERVED) {
            boolean held = false;
            for (Subscription s : members.holding(canGrow())) held |= stillHolds(s);
            if (!held) dropOldest();
            else if (mayGrow && canGrow()) grow();
            else return false;
        }
        return true;
    }

    private boolean leaves(Reserve reserve, long cost) {
        return reserve == Reserve.ALL || used() + cost <= capacity - RESERVED - reserve.bytes(capacity);
    }

    /** From what is kept to the end. */
    long used() {
        return records.end() - records.place(members.kept());
    }

    long capacity() {
        return capacity;
    }

    private void refuseToWaitForItself() {
        for (Subscription s : members.holding(canGrow()))
            if (s.isHeldByCaller())
                throw Errors.waitsForItself(uri.toString(), capacity, s.options.name(), "maxCapacity");
    }

    private boolean stillHolds(Subscription s) {
        if (canGrow()) return true;
        long stuck = s.stuckNanos();
        if (stuck >= settings.maxGateNanos()) {
            members.end(
                    s,
                    "it held up a publisher longer than maxGateTime (" + Units.duration(settings.maxGateNanos()) + ")");
            return false;
        }
        if (stuck >= PATIENCE_NANOS && !s.warned) {
            s.warned = true;
            LOG.warn("{}", full(s).getMessage());
        }
        return true;
    }

    private boolean canGrow() {
        return capacity < settings.maxCapacity();
    }

    private void grow() {
        capacity *= 2;
        grows++;
    }

    /** Called with the lock. There is a record. */
    void dropOldest() {
        members.endThoseThatMayMissNothing("the queue was full (" + Units.size(capacity) + ") and could not grow");
        records.dropOldest(); // an OVERRUN reader jumps when it reads next
    }

    /** The commit. There is room: {@link #publish}. */
    long append(byte[] body, MessageProperties properties, boolean timestamp) {
        long position = records.newest() + 1;
        append(new MemRecord(position, records.end(), timestamp ? System.currentTimeMillis() : 0, body, properties));
        return position;
    }

    /** The commit of all of them, or of none if it throws. Their positions follow the newest. */
    void append(MemRecord... entries) {
        monitor.signal();
        records.add(entries);
    }

    /** As {@link #append}, for a domain. */
    long append(byte[] body, int bells) {
        for (Sleeper reader : asleep) reader.ring(bells);
        return append(body, MessageProperties.empty(), false);
    }

    // ---- handles and readers of a domain; the caller holds the lock

    long enter() {
        long handle = ++handlesEver << Short.SIZE | 1; // as in shared memory: incarnation and number
        alive.add(handle);
        return handle;
    }

    void leave(long handle) {
        monitor.signal();
        alive.remove(handle);
    }

    /** Why publish returned null. */
    QueueFullException full() {
        synchronized (monitor) {
            if (claim != null) return Errors.heldByPublisher(uri.toString(), PID, claim.nanos());
            Subscription s = members.holder(canGrow());
            return s == null ? Errors.full(uri.toString(), capacity, "") : full(s);
        }
    }

    private QueueFullException full(Subscription s) {
        long pid = s.attached == null ? 0 : PID;
        return Errors.full(
                uri.toString(), capacity, s.options.name(), pid, newest() - s.position(), s.stuckNanos(), "");
    }

    void claim(OpenClaim open) {
        claim = open;
    }

    /** False if it is not open any more. */
    boolean endClaim(OpenClaim open) {
        if (claim != open) return false;
        warnOf(open);
        monitor.signal();
        claim = null;
        return true;
    }

    private void warnOf(OpenClaim open) {
        if (open.nanos() < PATIENCE_NANOS || !open.warnOnce()) return;
        LOG.warn(
                "'{}' is held by a {} of thread '{}' for {}: other publishers wait. Fill and commit at once.",
                uri,
                open.kind(),
                open.thread.getName(),
                Units.duration(open.nanos()));
    }

    /** The publisher is closed; the caller holds the lock. */
    void remove(MemMembers.Sender publisher) {
        monitor.signal();
        members.publishers.remove(publisher);
        if (claim != null && claim.isOf(publisher)) claim = null;
    }

    /** 0 before the first. */
    long newest() {
        return records.newest();
    }

    QueueStats stats() {
        synchronized (monitor) {
            return new QueueStats(
                    id,
                    newest() == 0 ? 0 : records.oldest(),
                    newest(),
                    capacity,
                    settings.maxCapacity(),
                    members.publishers.size(),
                    members.subscriptions.stream().map(Subscription::stats).toList(),
                    Map.of(
                            "bytes",
                            records.bytes(),
                            "grows",
                            grows,
                            "fullWaits",
                            fullWaits,
                            "disconnects",
                            members.disconnects(),
                            "stopped",
                            members.stops(),
                            "unlinked",
                            unlinked ? 1L : 0L),
                    waiting());
        }
    }
}
