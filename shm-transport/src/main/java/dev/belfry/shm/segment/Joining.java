package dev.belfry.shm.segment;

import dev.belfry.api.AckMode;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.Policy;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a subscription begins: joining, and attaching to a named one again.
 *
 * <p>A slot's state is one word. A joiner fills the fields in JOINING, which no scan trusts. Then, under the gate lock,
 * where the gate stands still, it stores its cursor and then ACTIVE. From the first gate move on it is scanned, so
 * nothing after its cursor is lost. If it dies before ACTIVE, any process that meets the slot reclaims it; after that
 * it is a subscription whose owner is dead. While a named one is attached again it never leaves a phase that gates.
 */
public final class Joining {
    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);

    /** More than there can be: a larger number is damage and is ignored. */
    private static final long MOST_INCARNATIONS = 1L << 40;

    private static final int UNGUESSED = 1 << 20;
    private static final int MOST_TRIES = 16;

    private final Handle handle;
    private final Segment segment;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;

    public Joining(Handle handle, Subscriptions subscriptions) {
        this.handle = handle;
        this.segment = handle.segment;
        this.header = segment.header;
        this.slots = segment.slots;
        this.subscriptions = subscriptions;
    }

    /** For a seat that its caller has as soon as this returns. */
    public Joined join(SubscriberOptions options) {
        Seat seat = new Seat();
        boolean joined = false;
        try {
            Joined won = join(options, seat);
            joined = true;
            return won;
        } finally {
            if (!joined) subscriptions.vacate(seat);
        }
    }

    /**
     * Where it begins or goes on is found first, as that may read files: others need the admin byte and the gate lock.
     * Then, under both, it is asked whether that still holds. The caller vacates the seat if no subscriber is made of
     * it.
     */
    public Joined join(SubscriberOptions options, Seat seat) {
        return untilItStays(() -> {
            int known = options.name() == null ? -1 : handle.admin.under(deadline -> named(options.name()));
            LogPlace found = known < 0 ? sought(options.startAt()) : stored(known);
            return handle.admin.under(deadline -> join(options, seat, deadline, known, found));
        });
    }

    /** The place that was found may be gone when it is asked for again. Then all begins again, but not for ever. */
    <T> T untilItStays(Supplier<T> step) {
        long deadline = System.nanoTime() + AdminLock.WAIT_NANOS;
        while (true) {
            T done = step.get();
            if (done != null) return done;
            if (System.nanoTime() - deadline < 0) continue;
            throw new InsufficientResourcesException("'" + handle.queueUri() + "': the place to begin at was removed"
                    + " each time it had been found, for 10 s. Begin at a later message, or create the queue with more"
                    + " room.");
        }
    }

    /** The slot with a subscription of this name that can go on, -1 if there is none. */
    private int named(String name) {
        int slot = subscriptions.find(name);
        if (slot < 0) return -1;
        long state = slots.stateAcquire(slot);
        if (SlotState.has(state, SlotState.STARTING)) {
            subscriptions.reclaim(slot);
            if (subscriptions.find(name) == slot) throw subscriptions.inUse(slot, name);
            return -1;
        }
        if (SlotState.phase(state) == SlotState.ACTIVE && !handle.isDeadOwner(slots.owner(slot)))
            throw subscriptions.inUse(slot, name);
        refuseIfEnded(slot, name);
        return slot;
    }

    private void refuseIfEnded(int slot, String name) {
        long state = slots.stateAcquire(slot);
        boolean hasEnded = SlotState.has(state, SlotState.ENDED)
                || segment.floor.isSlotBelowFloor(slot)
                        && !SlotState.policy(state).jumps();
        if (hasEnded) throw subscriptions.ended(slot, name, slots.ackPosAcquire(slot));
    }

    /** Where that one goes on, if files may have to be read for that; else null. */
    private LogPlace stored(int slot) {
        if (!(segment.floor instanceof FloorOnDisk files)) return null;
        long offset = slots.ackOffAcquire(slot);
        LogPlace found = files.isBelowFloor(offset) ? null : files.at(offset, slots.ackPosAcquire(slot) + 1);
        return found == null ? files.oldest() : found;
    }

    /**
     * {@code known}, {@code found}: the slot of this name, and where it is to begin, as found without the admin byte.
     * Null: it is another one by now, or that place is gone.
     */
    private Joined join(SubscriberOptions options, Seat seat, long deadline, int known, LogPlace found) {
        if (options.name() != null && named(options.name()) != known) return null;
        int slot = known >= 0 ? known : freeSlot();
        for (int tries = 0; ; tries++) {
            try {
                return known >= 0
                        ? attachAgain(slot, options, deadline, tries, seat, found)
                        : joinNew(slot, options, deadline, tries, seat, found);
            } catch (PosixException taken) {
                if (!SlotSemaphores.isNameTaken(taken)) throw taken;
                if (tries == MOST_TRIES) throw squatted(taken);
                handle.note(
                        () -> LOG.debug("{}: slot {}: {}; tried another name", segment.name, slot, taken.getMessage()));
            }
        }
    }

    private RuntimeException squatted(PosixException taken) {
        return new InsufficientResourcesException(
                "'" + handle.queueUri()
                        + "': the names of its semaphores are taken by others, again and again. See whose they are: ls"
                        + " -l "
                        + SharedMemory.DIRECTORY + "/sem." + SlotSemaphores.prefix(segment.queueId)
                        + "*; as root remove them, or use another queue. (" + taken.getMessage() + ")",
                taken);
    }

    // A new one

    private Joined joinNew(int slot, SubscriberOptions options, long deadline, int tries, Seat seat, LogPlace found) {
        long incarnation = nextIncarnation(slot, slots.stateAcquire(slot), tries);
        seat.occupy(slot, incarnation);
        long joining = stateOf(options, incarnation, SlotState.JOINING);
        slots.owner(slot, handle.index, handle.incarnation);
        slots.stateRelease(slot, joining);
        // Before the fields: a reader of the fields that reads the state before and after them sees
        // it change.
        header.bytes().fullFence();
        boolean joined = false;
        try {
            fill(slot, incarnation, options.name(), options.ackMode());
            seat.semaphore = handle.semaphores.create(slot, incarnation);
            Joined won = enter(seat, joining, options, deadline, found);
            joined = won != null;
            return won;
        } finally {
            if (!joined) subscriptions.vacate(seat);
        }
    }

    /** In JOINING. */
    void fill(int slot, long incarnation, String name, AckMode ackMode) {
        slots.name(slot, name);
        slots.ackMode(slot, AckCode.of(ackMode));
        slots.birth(slot, incarnation);
        slots.startPosRelease(slot, Long.MAX_VALUE);
        slots.readPos(slot, 0);
        slots.clearFree(slot);
        slots.again(slot, 0);
        slots.lostRelease(slot, 0);
        slots.sleeps(slot, 0);
        slots.stopped(slot, 0);
        handle.sleepers.withdraw(slot);
        handle.semaphores.unlink(slot, slots.semInc(slot));
        slots.semInc(slot, incarnation);
    }

    /**
     * A number that this slot has never used. A joiner that died early may have left {@code semInc}, and a semaphore of
     * that name, which only its own user may remove. {@code tries}: how often the name was taken already. Another user
     * can guess the next number, but not one of a million. If a close covers the memory meanwhile, the number would be
     * made of zeros, and could name a semaphore in use.
     */
    long nextIncarnation(int slot, long state, int tries) {
        long last = SlotState.incarnation(state);
        long begun = slots.semInc(slot);
        handle.requireAttached();
        long next = (begun <= MOST_INCARNATIONS ? Math.max(last, begun) : last) + 1;
        return tries == 0 ? next : next + ThreadLocalRandom.current().nextInt(UNGUESSED);
    }

    /** From JOINING to ACTIVE. */
    private Joined enter(Seat seat, long joining, SubscriberOptions options, long deadline, LogPlace found) {
        int slot = seat.slot;
        long wanted = options.startAt().position().orElse(0);
        boolean locked =
                // an observer changes nothing, so it locks nothing
                Policy.of(options.slowSubscriber()).keeps();
        Supplier<Joined> step = () -> {
            if (found != null && segment.floor.isBelowFloor(found.offset())) return null;
            LogPlace entry = found != null ? found : place(options.startAt() != StartAt.NOW, locked);
            refuseFuture(wanted, entry, locked);
            boolean starting = wanted > entry.position();
            slots.first(slot, wanted != 0 ? wanted : entry.position());
            slots.ackPosRelease(slot, entry.position() - 1);
            slots.ackOffRelease(slot, entry.offset());
            slots.startPosRelease(slot, starting ? Long.MAX_VALUE : entry.position());
            long active = SlotState.withPhase(joining, SlotState.ACTIVE) | (starting ? SlotState.STARTING : 0);
            slots.stateRelease(slot, active); // the last store: from here on the gate waits for it
            return new Joined(slot, seat.incarnation, seat.semaphore, entry, entry.position() - 1, 0, wanted, 0, false);
        };
        return locked ? underGateLock(deadline, step) : step.get();
    }

    private void refuseFuture(long wanted, LogPlace entry, boolean locked) {
        if (wanted <= header.countAcquire() + 1 || wanted <= entry.position()) return;
        LogPlace newest = place(false, locked);
        if (wanted > newest.position()) throw Errors.startsInFuture(handle.queueUri(), wanted, newest.position() - 1);
    }

    /**
     * A place that may take a walk, through files or to a time: without the admin byte and the gate lock, which others
     * need. Null: it takes none.
     */
    LogPlace sought(StartAt start) {
        if (start.timeMillis().isPresent()) return atTime(start);
        if (!(segment.floor instanceof FloorOnDisk files) || start == StartAt.NOW) return null;
        return start.position().isPresent() ? files.atPosition(start.position().getAsLong()) : files.oldest();
    }

    /** See {@link dev.belfry.shm.ring.Floor#atTime}. */
    private LogPlace atTime(StartAt start) {
        return segment.floor.atTime(start.timeMillis().getAsLong(), position -> {
            handle.requireAttached(); // covered memory has no timestamps
            return Errors.hasNoTimestamp(handle.queueUri(), position, start);
        });
    }

    private LogPlace place(boolean oldest, boolean locked) {
        if (locked) return oldest ? segment.floor.oldestLocked() : LogPlace.newestLocked(header, segment.readable);
        return oldest ? segment.floor.oldest() : LogPlace.newest(header, segment.readable);
    }

    /** Throws if another process has the lock for that long. */
    public <T> T underGateLock(long deadline, Supplier<T> step) {
        return underGateLock(deadline, step, () -> {
            int owner = handle.gateLock.ownerHandle(segment.handles);
            throw Errors.stepInProgress(handle.queueUri(), handle.describe(owner));
        });
    }

    /**
     * After a dead owner there is nothing to repair: the gate is old or new, both confirmed. But
     * another process may wait for what that one changed.
     *
     * @param ifHeld instead of the step, if another process has the lock for that long
     */
    <T> T underGateLock(long deadline, Supplier<T> step, Supplier<T> ifHeld) {
        FutexLock lock = handle.gateLock;
        FutexLock.Outcome outcome = lock.acquire(new Wait(Math.max(1, deadline - System.nanoTime()), () -> false));
        boolean fromDead = outcome == FutexLock.Outcome.ACQUIRED_FROM_DEAD_OWNER;
        if (!fromDead && outcome != FutexLock.Outcome.ACQUIRED) return notLocked(outcome, ifHeld);
        try {
            if (fromDead) handle.changes.wake();
            return step.get();
        } finally {
            try {
                lock.release();
            } catch (Throwable failure) { // at the end of the stack it has not even begun
                lock.lost = true;
                throw failure;
            }
        }
    }

    private <T> T notLocked(FutexLock.Outcome outcome, Supplier<T> ifHeld) {
        if (outcome == FutexLock.Outcome.INTERRUPTED)
            throw Errors.interrupted("the gate of '" + handle.queueUri() + "'");
        return ifHeld.get();
    }

    private static long stateOf(SubscriberOptions options, long incarnation, int phase) {
        return SlotState.of(
                incarnation,
                phase,
                options.name() != null,
                options.slowSubscriber(),
                options.ackMode() != AckMode.NONE);
    }

    /** Never used before; else free, longest left first; else one of a dead anonymous subscription. */
    int freeSlot() {
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j); // under the admin byte no living process is JOINING
            if (SlotState.phase(state) == SlotState.JOINING && !SlotState.isNewer(state)) subscriptions.free(j, state);
        }
        if (highMark < slots.count()) {
            header.highMarkRelease(highMark + 1);
            return highMark;
        }
        int slot = longestLeft();
        if (slot >= 0) return slot;
        for (int j = 0; j < highMark; j++) subscriptions.reclaim(j);
        slot = longestLeft();
        if (slot >= 0) return slot;
        throw new InsufficientResourcesException("'" + handle.queueUri() + "' has all its " + slots.count()
                + " slots taken. Close subscribers, unsubscribe named subscriptions, or create it with more"
                + " (slots=, at most 1024).");
    }

    private int longestLeft() {
        int found = -1;
        for (int j = 0; j < slots.count(); j++)
            if (SlotState.phase(slots.stateAcquire(j)) == SlotState.FREE
                    && (found < 0 || slots.left(j) < slots.left(found))) found = j;
        return found;
    }

    // A named one again

    private Joined attachAgain(
            int slot, SubscriberOptions options, long deadline, int tries, Seat seat, LogPlace found) {
        long incarnation = nextIncarnation(slot, slots.stateAcquire(slot), tries);
        handle.semaphores.unlink(slot, slots.semInc(slot));
        slots.semInc(slot, incarnation);
        handle.sleepers.withdraw(slot);
        seat.occupy(slot, incarnation);
        boolean attached = false;
        try {
            seat.semaphore = handle.semaphores.create(slot, incarnation);
            Joined won = underGateLock(deadline, () -> resume(seat, options, found));
            attached = won != null;
            return won;
        } finally {
            if (!attached) subscriptions.vacate(seat);
        }
    }

    /** {@code found}: where it goes on, unless that has changed: then the answer is null. Null: no file has it. */
    private Joined resume(Seat seat, SubscriberOptions options, LogPlace found) {
        int slot = seat.slot;
        refuseIfEnded(slot, options.name());
        long state = slots.stateAcquire(slot);
        boolean passed = segment.floor.isSlotBelowFloor(slot);
        long offset = slots.ackOffAcquire(slot);
        if (found != null && found.offset() != (passed ? segment.floor.offset() : offset)) return null;
        long acknowledged = slots.ackPosAcquire(slot);
        long given = slots.readPos(slot);
        // Made of files, and nobody was attached since: what it was given is not known. All that comes again is
        // marked; but all that is gone counts as lost.
        if (SlotState.policy(state).jumps() && slots.owner(slot) == 0) slots.readPos(slot, acknowledged);
        LogPlace entry;
        long lost = 0;
        if (passed) {
            entry = found != null ? found : segment.floor.oldestLocked();
            lost = Math.max(0, entry.position() - 1 - Math.max(acknowledged, slots.readPos(slot)));
            subscriptions.jump(slot, entry, lost);
        } else {
            // Under the lock, and not passed: the word there is intact, and its stamp gives the
            // position, which a crash may have kept out of ackPos.
            entry = found != null ? found : segment.floor.at(offset, acknowledged + 1);
            slots.ackPosRelease(slot, entry.position() - 1);
        }
        slots.clearFree(slot); // before the new incarnation: a process that sees that sees these
        // Nothing from here to the end may fail: a living owner with an old ACTIVE would be in use
        // for ever.
        slots.ackMode(slot, AckCode.of(options.ackMode()));
        slots.stopped(slot, 0);
        slots.owner(slot, handle.index, handle.incarnation);
        for (long now = state;
                !slots.compareAndSetState(slot, now, stateOf(options, seat.incarnation, SlotState.ACTIVE)); )
            now = slots.stateAcquire(slot);
        return new Joined(slot, seat.incarnation, seat.semaphore, entry, entry.position() - 1, given, 0, lost, passed);
    }
}
