package dev.belfry.shm.publish;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.OwnReaders;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Loggable;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the publishers of a handle make room for a message. They move the gate. Else they reclaim a dead reader's slot,
 * grow, or end the reader that has held a full queue longer than {@code maxGateTime}. Else the caller waits without the
 * lock. It remembers across calls which subscriptions hold the gate and since when, so that callers that only ever
 * offer end such a reader, too. One a handle; the publish lock guards it, but for {@link #await}.
 */
final class Room {
    private static final Logger LOG = LoggerFactory.getLogger(Room.class);
    private static final AtomicBoolean SAID = new AtomicBoolean(); // without a log

    /** The outcome of an attempt; the publish lock is held throughout. */
    enum Made {
        ROOM,
        /** A subscriber holds the gate: {@link #await} a change. */
        BLOCKED,
        /** The calling thread itself holds the gate, in a handler: there is no change to wait for. */
        BLOCKED_BY_CALLER,
        /** The gate lock was not to be had in time. */
        LOCKED_OUT,
        /** The gate would pass what is not in the queue's files. */
        NOT_COPIED,
        /** There is no file for it yet. */
        NO_FILE
    }

    static { // not under a lock at the end of a stack: what fails once there fails for ever
        Made.values();
        OwnReaders.load();
    }

    /** A reader without a processor for a time slice, 3 ms where Linux has two, is no reason to grow. */
    private static final long GROW_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long NOBODY = -1;
    private static final long A_FEW_YIELDS = -1;
    private static final int YIELDS = 30;
    private static final int PAUSES = 8;

    private final Handle handle;
    private final Segment segment;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final Growth growth;
    final Disk disk;
    private final LogEnd end;

    /** A subscription that holds the gate, as it was when we met it there first. */
    private record Blocker(long state, long gate, long since) {}

    // The subscriber that holds us up: guarded by the publish lock.
    private final Blocker[] blockers;
    private long blockedAt = NOBODY; // the gate
    private long blockedSince;

    // errno of the last try to map an old region, 0: none. While there is one, a gate that could move says nothing.
    private int refusedToMap;

    private long patienceNanos;
    private boolean endedSomebody; // in this attempt, for its slowness

    Room(Handle handle, Subscriptions subscriptions, Disk disk) {
        this.handle = handle;
        this.segment = handle.segment;
        this.header = segment.header;
        this.slots = segment.slots;
        this.blockers = new Blocker[segment.creation.maxGateNanos() == 0 ? 0 : slots.count()];
        this.subscriptions = subscriptions;
        this.growth = new Growth(handle);
        this.disk = disk;
        this.end = handle.end;
    }

    /** How long a publisher that waits spins before it sleeps; null: it yields some times, each time. */
    static long spinNanos(Duration spin) {
        return spin == null ? A_FEW_YIELDS : Deadlines.nanos(spin);
    }

    /**
     * For a caller that has no time to wait, the ring grows now: full means full at the maximum. A call that must not
     * grow the ring is blocked where others would grow it.
     */
    Made make(long need, boolean mayGrow, Wait wait) {
        if (!end.hasFiles(need)) return Made.NO_FILE;
        boolean last = wait.remainingNanos() <= GROW_AFTER_NANOS;
        if (!end.fitsEmptyRing(need)) return growAtOnce(need, mayGrow);
        endedSomebody = false;
        try {
            while (true) {
                FutexLock.Outcome outcome = handle.gateLock.acquireInside(wait);
                boolean fromDead = outcome == FutexLock.Outcome.ACQUIRED_FROM_DEAD_OWNER;
                if (!fromDead && outcome != FutexLock.Outcome.ACQUIRED) return Made.LOCKED_OUT;
                boolean moved;
                try {
                    wait.endLockWait();
                    if (fromDead) handle.changes.wake();
                    moved = moveGate(need);
                } finally {
                    try {
                        handle.gateLock.release();
                    } catch (Throwable failure) {
                        handle.gateLock.lost = true;
                        throw failure;
                    }
                }
                if (moved) {
                    if (announceMove(need)) return Made.ROOM;
                    continue;
                }
                Made held = beforeGrowth(mayGrow, last, wait);
                if (held != Made.ROOM) return held;
                if (growth.grow(need) != null)
                    continue; // for a while it cannot grow: which subscriber does that disconnect?
                blockedAt = NOBODY;
                return Made.ROOM;
            }
        } finally {
            if (endedSomebody) handle.wakeSleepersIfAny();
        }
    }

    /** A record that no ring of this size could take, whatever is read. */
    private Made growAtOnce(long need, boolean mayGrow) {
        if (!mayGrow) return Made.BLOCKED;
        MessageQueueException refused = growth.grow(need);
        if (refused != null) throw refused;
        return Made.ROOM;
    }

    /** The gate could not move. ROOM: it is time to grow; else what is waited for before that. */
    private Made beforeGrowth(boolean mayGrow, boolean last, Wait wait) {
        if (handle.gate.isHeldByJournal()) return Made.NOT_COPIED;
        boolean canGrow = mayGrow && growth.canGrow();
        if (mayGrow && growth.isAtMost() && wait.mayBlock && isBlockedByCaller()) return Made.BLOCKED_BY_CALLER;
        return canGrow && (noteBlocked() || last) ? Made.ROOM : Made.BLOCKED;
    }

    /** Ends those that may be ended where it would stay. */
    private boolean moveGate(long need) {
        boolean canGrow = growth.canGrow();
        while (!advance(need, canGrow)) {
            boolean freed = reclaimBlockers(canGrow);
            boolean ended = !freed && !canGrow && endBlockersGateLocked();
            endedSomebody |= ended;
            if (!freed && !ended) return false;
        }
        return true;
    }

    private boolean reclaimBlockers(boolean canGrow) {
        boolean freed = false;
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) if (segment.floor.isHeldBy(j, canGrow)) freed |= subscriptions.reclaim(j);
        return freed;
    }

    /** Notes since when the gate has stood still for us. True: for long enough to grow. */
    private boolean noteBlocked() {
        long gate = header.gateAcquire();
        long now = System.nanoTime();
        if (blockedAt != gate) {
            blockedAt = gate;
            blockedSince = now;
        }
        patienceNanos = GROW_AFTER_NANOS - (now - blockedSince);
        return patienceNanos <= 0;
    }

    /**
     * Makes room where the gate can move and no other thread moves it, as nearly always when a lap
     * ends. Allocates nothing. False: {@link #make} decides.
     */
    boolean makeAtOnce(long need) {
        if (!end.fitsEmptyRing(need) || !end.hasFiles(need) || !handle.gateLock.tryAcquire()) return false;
        boolean moved;
        try {
            moved = advance(need, growth.canGrow());
        } finally {
            try {
                handle.gateLock.release();
            } catch (Throwable failure) { // at the end of the stack it has not even begun
                handle.gateLock.lost = true;
                throw failure;
            }
        }
        return moved && announceMove(need);
    }

    /**
     * The disk has refused a file. A part of the messages that no subscription needs goes, though the ring has room:
     * then the files in which they are can be removed, and what is in older rings needs no files. Inside.
     */
    void giveUpHistoryInside(long need, Wait wait) {
        long gate = header.gateAcquire();
        if (disk.isInOneFile(gate, header.tailAcquire()) && end.isInRing(gate)) return;
        FutexLock.Outcome outcome = handle.gateLock.acquireInside(wait);
        if (!outcome.isAcquired()) return;
        try {
            advance(need, true); // so that no subscriber is disconnected for room on the disk
        } finally {
            try { // here: the call of a method of its own might fail, and nobody would know
                handle.gateLock.release();
            } catch (Throwable failure) {
                handle.gateLock.lost = true;
                throw failure;
            }
        }
        handle.changes.wake();
    }

    /** After the gate lock was given back: others may have waited for the gate as well. True: there is room. */
    private boolean announceMove(long need) {
        header.add(Counter.GATE_MOVES);
        blockedAt = NOBODY;
        handle.changes.wake();
        return end.hasRoom(need);
    }

    /** An old region that cannot be mapped just now holds the gate like a reader does. */
    private boolean advance(long need, boolean canGrow) {
        try {
            boolean moved = handle.gate.advance(need, canGrow, end.milestones);
            refusedToMap = 0;
            return moved;
        } catch (PosixException refused) {
            if (refused.errno != Errno.ENOMEM && refused.errno != Errno.EMFILE) throw refused;
            if (refusedToMap != refused.errno)
                handle.note(() -> LOG.warn("{}: cannot map an old region: {}", segment.name, refused.getMessage()));
            refusedToMap = refused.errno;
            return false;
        }
    }

    /**
     * Under the gate lock: ends the subscriptions that have held the gate since longer than the queue's maxGateTime.
     */
    private boolean endBlockersGateLocked() {
        patienceNanos = Long.MAX_VALUE;
        long longest = segment.creation.maxGateNanos();
        if (longest == 0) return false;
        boolean ended = false;
        long gate = header.gateAcquire();
        long now = System.nanoTime();
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            if (!segment.floor.isHeldBy(j, false)) continue;
            long state = slots.stateAcquire(j);
            if (SlotState.isNewer(state)) continue; // maxGateTime is not for it
            Blocker blocker = blockers[j];
            if (blocker == null || blocker.state != state || blocker.gate != gate)
                blockers[j] = blocker = new Blocker(state, gate, now);
            long left = longest - (now - blocker.since);
            patienceNanos = Math.min(patienceNanos, Math.max(0, left));
            if (left > 0 || !slots.compareAndSetState(j, state, state | SlotState.ENDED)) continue;
            ended = true;
            header.add(Counter.ENDED);
            subscriptions.noteEnded(j);
        }
        return ended;
    }

    /**
     * Sleeps until there may be room: a hint, decided again under the locks. At most a slice, as
     * only there is it checked whether the subscriber that holds us up has died; or until it is
     * time to grow, or to end a subscription. {@code again}: the same wait continues.
     */
    void await(long need, Wait wait, boolean again, long spinNanos) {
        if (!again && wait.mayBlock) header.add(Counter.FULL_WAITS);
        long began = System.nanoTime();
        boolean canGrow = growth.canGrow();
        Wait slice = wait.atMost(Math.min(SLICE_NANOS, Math.max(0, patienceNanos)));
        if (!wait.mayBlock || refusedToMap != 0 || !spin(need, canGrow, wait, slice, spinNanos))
            handle.changes.await(() -> refusedToMap == 0 && handle.gate.mayHaveRoom(need, canGrow), slice);
        header.add(Counter.FULL_WAIT_NANOS, System.nanoTime() - began);
    }

    /** The same for a file that the disk, or {@code maxSize}, has refused. */
    void awaitFile(long need, Wait wait, boolean again) {
        if (!again) header.add(Counter.FULL_WAITS);
        long began = System.nanoTime();
        handle.changes.await(() -> end.hasFiles(need), wait.atMost(SLICE_NANOS));
        header.add(Counter.FULL_WAIT_NANOS, System.nanoTime() - began);
    }

    /**
     * A reader that reads frees room within microseconds. To be put to sleep and woken would take longer, and cost the
     * reader the waking. The reader may need this very processor, so by default it is given away between the checks; a
     * publisher that was told how long to spin does not. True: do not sleep, there may be room, or the slice is over.
     */
    private boolean spin(long need, boolean canGrow, Wait wait, Wait slice, long spinNanos) {
        boolean yields = spinNanos == A_FEW_YIELDS;
        for (int check = 0; yields ? check < YIELDS : wait.waitedNanos() < spinNanos; check++) {
            if (handle.gate.mayHaveRoom(need, canGrow)) return true;
            if (slice.ended() != null) return true;
            if (yields) Thread.yield();
            else for (int i = 0; i < PAUSES; i++) Thread.onSpinWait();
        }
        return false;
    }

    /** Under the publish lock, where the gate stands still. */
    private boolean isBlockedByCaller() {
        return OwnReaders.heldByCaller(segment.queueId) != null;
    }

    IllegalStateException waitsForItself() {
        OwnReaders.Own own = OwnReaders.heldByCaller(segment.queueId);
        String limit = segment.creation.hasHistory() ? "maxSize" : "maxCapacity";
        return Errors.waitsForItself(handle.queueUri(), size(), own == null ? null : own.name(), limit);
    }

    /** {@code ofDisk}: null if it is the ring that is full. */
    void warnOfFull(long waitedNanos, QueueFullException ofDisk) {
        String text = (ofDisk == null ? full(waitedNanos) : ofDisk).getMessage();
        LOG.warn(text);
        Loggable.withoutBackend(SAID, text + " Other waits are not reported: add a backend of SLF4J.");
    }

    /** After a warning; inside, too. */
    void noteTheEnd(long waitedNanos) {
        handle.note(() -> sayTheEnd(waitedNanos));
    }

    void sayTheEnd(long waitedNanos) {
        LOG.warn("'{}': the wait for room is over, after {}", handle.queueUri(), Units.duration(waitedNanos));
    }

    /** For people: "'audit' (pid 42)"; null if none is found. */
    String describeBlocker() {
        int j = segment.floor.holder();
        if (j < 0) return null;
        String name = slots.name(j);
        return (name == null ? "slot " + j : "'" + name + "'") + " (pid " + subscriptions.pid(j) + ")";
    }

    /** Where history is on the disk, a refusal of that is the end of a wait for the oldest place. */
    QueueFullException fullOnDisk(QueueFullException refused, Wait wait) {
        if (!segment.creation.hasHistory()) return refused;
        if (wait.mayBlock && isBlockedByCaller()) throw waitsForItself();
        return segment.floor.holder() < 0 || disk.keepsAll() ? refused : full(wait.waitedNanos(), refused.getMessage());
    }

    QueueFullException full(long waitedNanos) {
        String refusal = growth.refusal();
        return full(waitedNanos, refusal == null ? "" : "The queue cannot grow: " + refusal);
    }

    private long size() {
        boolean hasHistory = segment.creation.hasHistory();
        return hasHistory ? header.tailAcquire() - segment.floor.offset() : growth.capacity();
    }

    /** With the subscriber that holds it up. */
    private QueueFullException full(long waitedNanos, String why) {
        int j = segment.floor.holder();
        if (j < 0) return Errors.full(handle.queueUri(), size(), why);
        long acknowledged = slots.ackPosAcquire(j);
        long lag = Math.max(0, header.countAcquire() - acknowledged);
        long owed = slots.ackMode(j) == AckCode.of(AckMode.CLIENT) ? slots.position(j) - acknowledged : 0;
        long pid = subscriptions.pid(j);
        boolean stopped = pid != 0 && Processes.isStopped((int) pid, segment);
        String more = (stopped ? Errors.stopped(pid) + " " : "") + why;
        return Errors.full(handle.queueUri(), size(), slots.name(j), pid, lag, owed, waitedNanos, more.strip());
    }
}
