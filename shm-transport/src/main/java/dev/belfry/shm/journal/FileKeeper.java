package dev.belfry.shm.journal;

import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.layout.AckCode;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.Errors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work that each process does for the files of a queue now and then, also one that only reads.
 * It makes the next file, syncs what publishers do not wait for, and keeps the places of named
 * subscriptions. By a thread of its own, and at the end.
 */
public final class FileKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(FileKeeper.class);
    private static final int DISK_SECONDS = 5; // it is waited for so long, where nothing else ends that
    private static final long DISK_NANOS = TimeUnit.SECONDS.toNanos(DISK_SECONDS);

    private static final String NOT_NAMED = "no named subscription can begin or end now. Nothing has changed.";

    public final Leader leader;
    private final FilesThread thread;
    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final boolean isDomain;
    private final long flushNanos;
    private long flushed = System.nanoTime();
    private boolean isFull; // and that was logged
    private final Set<String> leaving = ConcurrentHashMap.newKeySet(); // named subscriptions that are about to end
    private volatile Needed needed; // of a domain, as it was before the last flush
    private volatile LogPlace oldest; // as it was found last; null: not yet
    private final long device; // of the disk
    private final BooleanSupplier raises; // the floor
    private final LastWord lastWord;

    public FileKeeper(Handle handle, Leader leader, FilesThread thread, long flushNanos) {
        this.thread = thread;
        this.handle = handle;
        this.header = handle.segment.header;
        this.slots = handle.segment.slots;
        this.leader = leader;
        this.lastWord = new LastWord(leader.files, handle.segment.floor::offset);
        this.isDomain = handle.segment.creation.isDomain();
        this.flushNanos = flushNanos;
        this.device = handle.segment.journal.identity().device();
        if (handle.segment.floor instanceof FloorOnDisk floor) {
            FloorRaiser raiser = new FloorRaiser(handle, floor, leader);
            this.raises = raiser::raise;
            leader.takesPlacesFrom(this::findOldest, this::places, raiser::giveWay);
        } else {
            this.raises = () -> false;
            leader.takesPlacesFrom(this::findOldest, this::places, floor -> false);
        }
    }

    /** The log that is needed: from where on, and by whom. */
    private record Needed(LogPlace oldest, List<Places.Named> named) {}

    /** From now on, also if this process only reads. */
    public void start() {
        thread.start(this::isOver, this::watch, this::makeReadyAhead);
    }

    /** The queue is closed, or its disk has failed. */
    boolean isOver() {
        return handle.hasLeft() || handle.isPoisoned();
    }

    /** Twice a second. */
    void watch() {
        if (isOver()) return;
        boolean now = System.nanoTime() - flushed >= flushNanos;
        if (now) flushed = System.nanoTime();
        try {
            leader.requireFiles(lastWord);
            try {
                if (now) flush();
                leader.storePlaces(raises.getAsBoolean() || now);
            } finally {
                makeReadyAhead(); // last: it takes longest, and may fail for long
            }
        } catch (QueueClosedException meanwhile) {
            // its close has done the same
        } catch (JournalFailedException theEnd) {
            // each call throws it
        }
    }

    /** A named subscription has begun, and that is to stay so. */
    public void keep() {
        requireAnswer(NOT_NAMED, () -> {
            if (!keptNow()) warnOfPlaces("a named subscription that has just begun or ended is kept when it goes on");
        });
    }

    /** For a call that nothing else ends. */
    private void requireAnswer(String so, Runnable step) {
        if (leader.files.within(DISK_NANOS, step)) return;
        throw new MessageQueueException(
                "BELFRY-100",
                "'" + handle.queueUri() + "': the disk of " + leader.files.directory()
                        + " hangs, or is slow: it has not done in " + DISK_SECONDS
                        + " s what was asked of it, so " + so + " Look at that disk, and try again.",
                null);
    }

    /** For a subscriber that begins there. */
    public void awaitDurable(long position, BooleanSupplier closing) {
        requireAnswer(NOT_NAMED, () -> leader.awaitDurable(position, closing));
    }

    /** In the files, for all later lives. */
    public void raise(long feature) {
        requireAnswer("the domain has no new feature yet.", () -> leader.raise(feature));
    }

    /** It ends once that is on the disk. */
    public boolean keepWithout(String name, BooleanSupplier end) {
        boolean kept = false;
        leaving.add(name);
        try {
            keep();
            kept = true;
            return end.getAsBoolean();
        } finally {
            leaving.remove(name);
            if (kept) keepAgain();
        }
    }

    /** Another process may have kept it meanwhile; or it has not ended. */
    private void keepAgain() {
        try {
            keep();
        } catch (MessageQueueException refused) {
            LOG.warn("places are kept again later: {}", refused.getMessage());
        }
    }

    /**
     * Where publishers do not wait this process knows of no bound before its first flush, and others may have passed
     * that of its last. In a domain the same holds for what is needed.
     */
    private boolean keptNow() {
        return leader.storePlacesNow(() -> {
            if (isDomain || !leader.syncsAlways) flush();
        });
    }

    private void warnOfPlaces(String what) {
        LOG.warn(
                "{}: its places are being kept for long, as the disk is slow or a process that does it is stopped: {}",
                handle.queueUri(),
                what);
    }

    /** When a publisher has come near the end of the files, too. */
    void makeReadyAhead() {
        if (isOver()) return;
        try {
            leader.makeReadyAhead();
            isFull = false;
        } catch (QueueFullException full) { // a publisher throws it when it needs that file
            if (!isFull) LOG.warn("{}{}", full.getMessage(), oldestPlace());
            isFull = true;
        } catch (QueueClosedException | JournalFailedException theEnd) {
            // as of watch
        }
    }

    /** For the end of a text. */
    private String oldestPlace() {
        int slot = handle.segment.floor.holder();
        return slot < 0 ? "" : " Its oldest place is that of " + Errors.subscriber(slots.name(slot)) + ".";
    }

    /**
     * The queue is closed: what is published and not synced is synced, and then the files are closed. By the thread
     * that is inside if the disk hangs. All queues of one disk that hangs wait no longer for it than one, and that one
     * no longer than its subscribers have. {@code began}: a call of nanoTime, before those were closed.
     */
    public void leave(long began, Runnable leaving) {
        try {
            long waited = leader.standsSince(began) ? System.nanoTime() - began : 0; // for the same disk
            if (!LateDisks.within(leader.files, device, DISK_NANOS - waited, this::syncAll))
                LOG.warn(
                        "{}: the disk of {} hangs, or is slow: what was asked of it is not done. It is closed, and what"
                                + " was published last is not known to be durable",
                        handle.queueUri(),
                        leader.files.directory());
        } catch (RuntimeException | InternalError refused) {
            LOG.warn("{}: while closing: {}", handle.queueUri(), refused.toString());
        }
        try {
            leaving.run();
        } finally {
            leader.close(); // else its disk counts as late
        }
    }

    private void syncAll() {
        if (!handle.isPoisoned()) flush();
        if (!handle.isPoisoned() && !keptNow())
            warnOfPlaces("this one closes, and what was acknowledged last comes again after a reboot");
        if (!handle.isPoisoned()) leader.closesCleanly();
    }

    /**
     * A mark follows from records that came after it: a message is told again there, and no more needed below. So it
     * is kept only when all is synced that was there when it was read.
     */
    private void flush() {
        if (isDomain) findOldest();
        Needed before = isDomain ? neededNow() : null;
        long tail = header.tailAcquire();
        leader.flush();
        if (before != null && leader.isDurable(tail)) needed = before;
    }

    /** Null: there is no bound yet, or nothing that may be kept. */
    private Places places(Places.At bound) {
        if (bound == null) return null;
        Needed now = isDomain ? needed : neededNow();
        if (now == null) return null;
        // Where it is synced now and then only the gate may be ahead: what is kept must be proven.
        return new Places(now.oldest.offset() > bound.offset() ? bound : at(now.oldest), bound, now.named);
    }

    private Needed neededNow() {
        return whileAttached(this::readNeeded);
    }

    private <T> T whileAttached(Supplier<T> read) {
        try {
            return read.get();
        } catch (CorruptSegmentException damaged) {
            handle.requireAttached(); // in covered memory all seems damaged
            throw damaged;
        }
    }

    /**
     * First what is kept: while that is read, what is acknowledged only grows. Null: for a domain,
     * whose marks may follow from a record above the tail.
     */
    private Needed readNeeded() {
        LogPlace oldest = this.oldest; // or one before it, if the floor was raised since: then more is kept
        List<Places.Named> named = new ArrayList<>();
        int highMark = header.highMarkAcquire(slots.count());
        for (int slot = 0; slot < highMark; slot++) {
            Places.Named found = named(slot);
            if (found != null && !leaving.contains(found.name())) named.add(found);
        }
        boolean isAllBelowTail = !isDomain || LogPlace.isTailTheEnd(header, handle.segment.readable);
        handle.requireAttached();
        return isAllBelowTail ? new Needed(oldest, named) : null;
    }

    /** Before the places are asked for: that is done under a lock, and this may read the files. */
    private void findOldest() {
        LogPlace known = oldest;
        boolean isKnown = known != null && known.offset() == handle.segment.floor.offset();
        if (!isKnown) oldest = whileAttached(handle.segment.floor::oldest); // the record at an offset stays the same
    }

    private static Places.At at(LogPlace place) {
        return new Places.At(place.offset(), place.position());
    }

    private static boolean isKept(long state) {
        return SlotState.isSubscription(state)
                && !SlotState.isNewer(state)
                && SlotState.has(state, SlotState.NAMED)
                && !SlotState.has(state, SlotState.STARTING); // one that has ended stays so by its place
    }

    /** Null: there is none, or it is changing. */
    private Places.Named named(int slot) {
        long state = slots.stateAcquire(slot);
        if (!isKept(state)) return null;
        long offset;
        long position;
        do {
            offset = slots.ackOffAcquire(slot);
            position = slots.ackPosAcquire(slot) + 1;
            if (header.gateAcquire() > offset) continue; // it was passed, perhaps in an earlier life
            // A death between the two stores may have left a position that is not the offset's.
            long exact = handle.segment.readable.ownPositionAt(header, offset);
            SharedBytes.loadFence(); // the word, then the gate: pairs with the fence after it in Gate.advance
            if (header.gateAcquire() <= offset)
                position = LogPlace.checked(header, offset, exact).position();
        } while (slots.ackOffAcquire(slot) != offset);
        String name = slots.name(slot);
        Places.Named found = new Places.Named(
                name,
                SlotState.policyCode(state), // as it is: a later release's, too
                slots.ackMode(slot) & AckCode.HIGHEST,
                new Places.At(offset, position),
                slots.startPosAcquire(slot),
                slots.lostAcquire(slot),
                // One that is far behind would have all of that come again as if it had seen it.
                header.gateAcquire() > offset ? slots.readPos(slot) : Places.Named.NOT_KNOWN);
        return SlotState.sameIncarnation(slots.stateAcquire(slot), state) && name != null ? found : null;
    }
}
