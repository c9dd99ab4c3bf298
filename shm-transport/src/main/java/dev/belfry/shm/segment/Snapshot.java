package dev.belfry.shm.segment;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.SubscriberFigures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A segment's state, read without any lock and without a store: by a member of the queue or by an observer. */
public record Snapshot(Segment segment, Liveness liveness) {
    private static final int MOST_READS = 100;

    public QueueStats stats() {
        return stats(Map.of());
    }

    /** {@code own}: counters that one member of the queue knows. */
    public QueueStats stats(Map<String, Long> own) {
        long oldest = oldest(); // before the newest
        long newest = segment.header.countAcquire();
        List<SubscriberStats> subscribers = subscribers(newest);
        Map<String, Long> counters = counters();
        counters.putAll(own);
        return new QueueFigures(
                segment.queueId,
                newest == 0 ? 0 : oldest,
                newest,
                segment.table.capacity(segment.header.current()),
                segment.creation.maxCapacity(),
                livePublishers(),
                subscribers,
                counters,
                waiting());
    }

    /** Each word is read once. Its owner counts only if it is the same after the check whether that owner lives. */
    private List<Waiting> waiting() {
        Handles handles = segment.handles;
        List<Waiting> all = new ArrayList<>();
        for (int h = 0; h < handles.count(); h++) {
            long word = handles.waitingAcquire(h);
            if (!WaitWord.isKnown(word) || !isLive(h)) continue;
            int pid = handles.pid(h);
            int what = WaitWord.what(word);
            Waiting.Cause because = what == WaitWord.ROOM
                    ? becauseOfSlot(WaitWord.cause(word, segment.slots.count()))
                    : becauseOfHandle(WaitWord.cause(word, handles.count()));
            if (what == WaitWord.LOCK && because != null && !holdsALock(WaitWord.cause(word, handles.count())))
                continue;
            if (handles.waitingAcquire(h) != word) continue; // it has ended its wait, or has another cause
            all.add(new Waiting(
                    pid,
                    ProgramName.of(pid),
                    what == WaitWord.ROOM ? Waiting.Kind.ROOM : Waiting.Kind.LOCK,
                    Instant.ofEpochMilli(WaitWord.sinceMillis(word)),
                    because));
        }
        return all;
    }

    /** A wait for a lock that timed out stays shown for a while, though nobody is in the way any more. */
    private boolean holdsALock(int handle) {
        return lock(SegmentHeader.PUBLISH_LOCK).ownerHandle(segment.handles) == handle
                || lock(SegmentHeader.GATE_LOCK).ownerHandle(segment.handles) == handle;
    }

    /** For reading only. */
    public FutexLock lock(int at) {
        Machine machine = segment.machine;
        SharedBytes words = segment.header.bytes();
        Futex futex = new Futex(machine.libC());
        return at == SegmentHeader.PUBLISH_LOCK
                ? new PublishLock(words, futex, liveness, machine.membarrier(), segment.handles, -1, 0, 0)
                : new FutexLock(words, at, futex, liveness, -1, 0);
    }

    private Waiting.Cause becauseOfSlot(int slot) {
        if (slot < 0 || segment.creation.isDomain()) return null; // there it is the mark: many may be the cause
        long state = segment.slots.stateAcquire(slot);
        int pid = isAttached(slot, state) && !SlotState.isNewer(state)
                ? (int) pid(slot)
                : 0; // its owner is not known here
        return because(segment.slots.name(slot), slot, pid);
    }

    private Waiting.Cause becauseOfHandle(int handle) {
        return handle < 0 ? null : because(null, -1, segment.handles.pid(handle));
    }

    private Waiting.Cause because(String subscription, int slot, int pid) {
        return new Waiting.Cause(
                subscription,
                slot,
                pid,
                pid == 0 ? null : ProgramName.of(pid),
                pid != 0 && Processes.isStopped(pid, segment));
    }

    /** Its position; a CorruptSegmentException if the log does not begin with it. */
    public long oldest() {
        long oldest = segment.floor.oldestPosition();
        long newest = segment.header.countAcquire(); // later: what was passed had been counted
        if (oldest > newest + 1)
            throw new CorruptSegmentException("message " + oldest + " is the oldest, and " + newest + " the newest");
        return oldest;
    }

    private int livePublishers() {
        Handles handles = segment.handles;
        int live = 0;
        for (int h = 0; h < handles.count(); h++)
            if (isLive(h) && (handles.stateAcquire(h) & Handles.PUBLISHING) != 0)
                live += Math.max(0, handles.publishers(h));
        return live;
    }

    public boolean isLive(int handle) {
        return segment.handles.isOpen(segment.handles.stateAcquire(handle)) && liveness.isByteHeld(handle);
    }

    /** Whether a process is attached to this slot, and has ended its start. */
    public boolean isAttached(int slot, long state) {
        return SlotState.phase(state) == SlotState.ACTIVE && !isOwnerDead(slot);
    }

    public boolean isOwnerDead(int slot) {
        long owner = segment.slots.owner(slot);
        return liveness.isDead(Slots.ownerHandle(owner), Slots.ownerIncarnation(owner));
    }

    private List<SubscriberStats> subscribers(long newest) {
        List<SubscriberStats> all = new ArrayList<>();
        if (segment.creation.isDomain()) return all; // marks, and readers that only wait: none has a lag
        int highMark = segment.header.highMarkAcquire(segment.slots.count());
        for (int j = 0; j < highMark; j++) {
            SubscriberStats subscriber = subscriber(j, newest);
            if (subscriber != null) all.add(subscriber);
        }
        return all;
    }

    /**
     * Null if there is none. If another subscription takes the slot meanwhile, its words belong to
     * two subscriptions, and are read again.
     */
    private SubscriberStats subscriber(int slot, long newest) {
        SubscriberStats found = null;
        for (int reads = 0; reads < MOST_READS; reads++) {
            long state = segment.slots.stateAcquire(slot);
            boolean isOne = SlotState.isSubscription(state) && !SlotState.isNewer(state);
            if (!isOne || SlotState.has(state, SlotState.STARTING)) return null;
            boolean attached = isAttached(slot, state);
            boolean died = !attached && !SlotState.has(state, SlotState.NAMED);
            found = died ? null : subscriber(slot, state, attached, newest);
            SharedBytes.loadFence();
            if (segment.slots.stateAcquire(slot) == state) return found;
        }
        return found;
    }

    private SubscriberStats subscriber(int slot, long state, boolean attached, long newest) {
        long acknowledged = segment.slots.ackPosAcquire(slot);
        long position = attached ? segment.slots.position(slot) : acknowledged; // what comes again is lag
        long read = Math.max(acknowledged, segment.slots.readPos(slot));
        long lost = segment.slots.lostAcquire(slot);
        Map<String, Long> counters = new TreeMap<>();
        counters.put(QueueCounter.SLOT.key(), (long) slot);
        counters.put(QueueCounter.RECEIVED.key(), Math.max(0, read + 1 - segment.slots.first(slot) - lost));
        counters.put(QueueCounter.SLEEPS.key(), segment.slots.sleeps(slot));
        counters.put(QueueCounter.ENDED.key(), Subscriptions.hasEnded(segment, slot, state) ? 1L : 0L);
        counters.put(QueueCounter.STOPPED.key(), segment.slots.stopped(slot));
        counters.put(
                QueueCounter.ALONE_SINCE_MILLIS.key(),
                attached ? 0 : segment.slots.aloneSince(slot, SlotState.incarnation(state)));
        boolean mayBeInTheWay = attached && acknowledged < newest && SlotState.gates(state, false);
        counters.put(
                QueueCounter.PROCESS_STOPPED.key(),
                mayBeInTheWay && Processes.isStopped((int) pid(slot), segment) ? 1L : 0L);
        return new SubscriberFigures(
                segment.slots.name(slot),
                attached ? pid(slot) : 0,
                position,
                acknowledged,
                Math.max(0, newest - position),
                lost + Subscriptions.lostByItsEnd(segment, slot),
                AckCode.mode(segment.slots.ackMode(slot)),
                SlotState.policy(state).slowSubscriber(),
                attached,
                counters);
    }

    private long pid(int slot) {
        int handle = Slots.ownerHandle(segment.slots.owner(slot));
        return handle < segment.handles.count() ? segment.handles.pid(handle) : 0;
    }

    private Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        for (Counter counter : Counter.values())
            counters.put(QueueCounter.word(counter), segment.header.counter(counter));
        long gate = segment.header.gateAcquire(); // before the tail, which is never behind it
        long tail = segment.header.tailAcquire();
        boolean hasHistory = segment.creation.hasHistory();
        long inUse = tail - leastNeeded(hasHistory ? Math.min(gate, segment.floor.offset()) : gate, tail);
        long inRing = Math.min(inUse, tail - gate);
        counters.put(QueueCounter.BYTES.key(), tail);
        counters.put(QueueCounter.IN_USE.key(), inUse);
        counters.put(QueueCounter.HIGH_WATER.key(), Math.max(inRing, segment.header.counter(Counter.HIGH_WATER)));
        counters.put(QueueCounter.SLOTS.key(), (long) segment.slots.count());
        counters.put(QueueCounter.UNLINKED.key(), segment.object.status().links() == 0 ? 1L : 0L);
        if (segment.journal != null) journal(counters, tail);
        if (hasHistory) {
            counters.put(QueueCounter.HISTORY_BYTES.key(), Math.max(0, tail - segment.floor.offset()));
            counters.put(QueueCounter.READERS_IN_FILES.key(), readersBelow(gate));
        }
        return counters;
    }

    private void journal(Map<String, Long> counters, long tail) {
        counters.put(QueueCounter.DURABLE_LAG.key(), Math.max(0, tail - segment.journal.durableAcquire()));
        counters.put(QueueCounter.SYNCS.key(), segment.journal.syncs());
        counters.put(QueueCounter.SYNC_NANOS.key(), segment.journal.syncNanos());
    }

    private long readersBelow(long gate) {
        return IntStream.range(0, segment.header.highMarkAcquire(segment.slots.count()))
                .filter(j -> segment.slots.ackOffAcquire(j) < gate && isAttached(j, segment.slots.stateAcquire(j)))
                .count();
    }

    /** By a subscription that gates: bytes that it has not acknowledged are in use. */
    private long leastNeeded(long oldest, long tail) {
        long least = tail;
        int highMark = segment.header.highMarkAcquire(segment.slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = segment.slots.stateAcquire(j);
            boolean stays = SlotState.has(state, SlotState.NAMED) || SlotState.isNewer(state);
            if (SlotState.gates(state, true) && (stays || isAttached(j, state)))
                least = Math.min(least, Math.max(oldest, segment.slots.ackOffAcquire(j)));
        }
        return Math.max(least, oldest);
    }
}
