package dev.belfry.shm.receive;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.Policy;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.memory.RawWords;
import dev.belfry.shm.ring.BatchReader;
import dev.belfry.shm.ring.Floor;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.ring.WindowReader;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Seeking;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Standing;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores where one subscription is: its reader's place in the log, what it has acknowledged, and both in its slot, for
 * others to see, in the order in which those fields may move. It makes the steps of its {@link Standing}, whose lock T
 * is the monitor here. It asks {@link Policy} what a policy means, and {@link Floor} what is there. One thread reads;
 * in CLIENT mode any thread acknowledges.
 *
 * <p>The slot says what is acknowledged, but nothing from the message on that a handler has in its hands: that is
 * stored when it is let go. Nothing is read in place that the slot says is acknowledged.
 */
final class SlotPlace {
    private static final Logger LOG = LoggerFactory.getLogger(SlotPlace.class);
    private static final int RECORDS_PER_STEP = 4096;
    /** Stored in steps, so that the stamp at what is stored always finds the position beside it. */
    private static final long MOST_AT_ONCE = 1 << 22;

    private static final long NOT_PINNED = Long.MAX_VALUE;

    private final Handle handle;
    private final SegmentHeader header;
    private final Floor floor;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final String name;
    private final int slot;
    private final long incarnation;
    private final Policy policy;
    private final boolean toNewest;
    private final boolean clientAcknowledges;
    private final boolean inPlace;
    private final boolean pins; // all others read copies, or acknowledge when the handler is done
    private final RawWords raw;
    private final long readPosAddress;
    final BatchReader reader;

    private final Standing standing;
    private final Object acknowledging = new Object();

    // The place that is acknowledged, as the slot has it. Written under the monitor.
    private volatile long ackOff; // tells the reader whether it was passed
    private long ackPos;
    private WindowReader walker; // reads below the ring; null before it is needed

    // After the record that was read last. The reading thread's own.
    private long readPosition;
    private long readOffset;
    private int region;
    private long again = -1; // as in the slot, where a process before this one may have left a number

    // CLIENT: the message in its handler's hands, which the gate must not pass, whichever thread
    // acknowledges it meanwhile. Written by the reading thread, under the monitor or before the
    // message counts as handed over; other threads read it under the monitor.
    private long pinned = NOT_PINNED;
    private Thread pinner;
    private boolean
            repeats; // pinned before it was read, so to be let go before the next read. The reading thread's own
    private volatile boolean batchStopped; // a batch ends after the handler that runs

    SlotPlace(Attached queue, SubscriberOptions options, Joined seat, boolean whenDurable, Standing standing) {
        this.handle = queue.handle;
        this.header = handle.segment.header;
        this.floor = handle.segment.floor;
        this.slots = handle.segment.slots;
        this.subscriptions = queue.subscriptions;
        this.name = options.name();
        this.slot = seat.slot();
        this.incarnation = seat.incarnation();
        this.policy = Policy.of(options.slowSubscriber()).within(handle.segment.creation.maxGateNanos());
        this.toNewest = options.afterOverrun() == AfterOverrun.NEWEST;
        this.clientAcknowledges = options.ackMode() == AckMode.CLIENT;
        this.reader = reader(handle.segment, whenDurable ? handle.segment.journal : null);
        this.inPlace = reader instanceof InPlaceReader;
        this.pins = clientAcknowledges && inPlace;
        this.raw = slots.bytes().raw();
        this.readPosAddress = slots.readPosAddress(slot);
        this.ackPos = seat.acknowledged();
        this.ackOff = seat.entry().offset();
        this.standing = standing;
        standing.attached(seat.acknowledged(), seat.readPos());
        standing.accountsFor(slots.readPos(slot));
        standing.missed(slots.lostAcquire(slot));
    }

    private BatchReader reader(Segment segment, JournalWords durability) {
        LongSupplier needed = policy.jumps() ? null : () -> ackOff;
        if (floor instanceof FloorOnDisk files) return files.reader(durability, needed, policy.jumps() && toNewest);
        int longestFrame = segment.creation.longestFrame();
        if (policy.mayBePassed())
            return new WindowReader(segment.readable, longestFrame, durability, header, needed, segment::isCovered);
        return new InPlaceReader(segment.readable, longestFrame, durability);
    }

    /** Returns how many messages were lost while no process was attached. */
    long begin(Joined seat) {
        reader.moveTo(seat.entry());
        region = reader.region();
        if (seat.startAt() != 0) begin(seat.startAt());
        long lost = seat.jumped() && toNewest ? seat.lost() + jumpOrEnd() : seat.lost();
        standing.attached(reader.expected() - 1, seat.readPos());
        standing.accountsFor(slots.readPos(slot));
        return lost;
    }

    /** Begins at a given position: what is older than the oldest retained is lost, what is younger is walked to. */
    private void begin(long position) {
        if (position < reader.expected()) {
            addLost(reader.expected() - position);
        } else if (position > reader.expected()) {
            for (int walked = 1; reader.expected() < position; walked++) {
                Reader.Found found = walkOn();
                if (found == Reader.Found.NOTHING)
                    throw Errors.startsInFuture(handle.queueUri(), position, reader.expected() - 1);
                if (found == Reader.Found.RECORD) reader.advance();
                else if (!policy.jumps()) throw ended();
                else reader.moveTo(toNewest ? LogPlace.oldest(header, handle.segment.readable) : floor.oldest());
                if (walked % RECORDS_PER_STEP == 0) storeWalk(reader.cursor());
            }
            if (reader.expected() > position) addLost(reader.expected() - position);
            set(reader.expected() - 1, reader.cursor());
            slots.startPosRelease(slot, reader.expected());
            subscriptions.started(slot);
        }
    }

    /** Finds the next record, also one that only a later release can read. */
    private Reader.Found walkOn() {
        try {
            return reader.next();
        } catch (NewerRecordException passed) {
            return Reader.Found.RECORD;
        }
    }

    private void addLost(long more) {
        standing.missed(more);
        slots.lostRelease(slot, standing.lost());
    }

    long lost() {
        return standing.lost() + (policy.mayBePassed() ? subscriptions.lostByItsEnd(slot) : 0);
    }

    /** Returns where the first message lies that is not acknowledged. */
    private LogPlace firstUnacknowledged() {
        return new LogPlace(ackOff, ackPos + 1);
    }

    /** Needs nothing before it any more: nothing was handed over yet. */
    private void storeWalk(long offset) {
        ackOff = offset; // before the slot's: the gate may follow at once
        slots.ackOffRelease(slot, ackOff);
    }

    void refuseIfEnded() {
        if (isEnded()) throw ended();
    }

    private RuntimeException end() {
        subscriptions.end(slot, incarnation);
        return ended();
    }

    private RuntimeException ended() {
        return subscriptions.ended(slot, name);
    }

    boolean isEnded() {
        return policy.mayBePassed() && subscriptions.isEnded(slot);
    }

    // Read

    /**
     * May a batch begin? Not before all is read again that recover went back to. Ask afterwards whether it
     * was closed: what stops it from now on ends the batch.
     */
    boolean batchBegins() {
        if (isRepeating()) return false;
        assert isKept(reader.expected()) : standing;
        if (reader.expected() <= standing.accounted()) return false; // the mark in the slot only grows
        if (batchStopped) batchStopped = false;
        if (!pins) return true;
        pinner = Thread.currentThread();
        if (isOwed()) pinAt(NOT_PINNED);
        return true;
    }

    /** Notes that the next message of a batch is about to be handed over: as {@link #reading}, and pins it. */
    void readingNext(long position) {
        raw.putLong(readPosAddress, position);
        if (pins) pinned = position;
    }

    /** Notes that all that the reader has stepped over was handed over; without this an acknowledgement walks. */
    void batchEnds() {
        readPosition = reader.expected() - 1;
        readOffset = reader.cursor();
    }

    /** Ends a batch early: it was closed or recovered, or an acknowledgement is to be stored. Any thread. */
    void stopBatch() {
        batchStopped = true;
    }

    boolean isBatchStopped() {
        return batchStopped;
    }

    /** Notes that the record that the reader has just stepped over is about to be handed over. */
    long reading() {
        if (reader.region() != region) noteHop();
        readPosition = reader.record.position();
        assert isKept(readPosition) : standing;
        readOffset = reader.cursor();
        if (readPosition > standing.accounted()) {
            // Before the hand-over: what may have been seen is marked as redelivered.
            slots.readPos(slot, readPosition);
            standing.found(readPosition);
            showAgain(0);
        } else {
            if (slots.readPos(slot) < readPosition) slots.readPos(slot, readPosition); // see Joining.resume
            showAgain(readPosition + 1);
        }
        return readPosition;
    }

    /** Shows that it stands there now, without a read. */
    void stands(long position) {
        // It was not handed over: else the process that attaches next would not count it as lost.
        if (slots.readPos(slot) > standing.accounted()) slots.readPos(slot, standing.accounted());
        showAgain(position == standing.accounted() ? 0 : position + 1);
    }

    /** Shows that a batch has something to read, all of it new. */
    void batchFinds() {
        showAgain(0);
    }

    private void showAgain(long next) {
        if (again == next) return;
        again = next;
        slots.again(slot, next);
    }

    /** A message that is read in place must not be acknowledged in the slot: the gate would pass it. */
    private boolean isKept(long position) {
        return !inPlace || ackPos < position;
    }

    private void noteHop() {
        handle.tell(); // that it was mapped
        LOG.debug("{}: slot {} hopped from region {} to {}", handle.queueUri(), slot, region, reader.region());
        region = reader.region();
    }

    /** Returns how many messages were lost. */
    long jumpOrEnd() {
        long gap = 0;
        synchronized (acknowledging) {
            if (policy.jumps()) gap = jump();
            else if (floor.isBelowFloor(ackOff) || isEnded()) throw end(); // again: another thread may acknowledge
        }
        handle.tell();
        return gap;
    }

    private long jump() {
        LogPlace to = toNewest ? floor.newestMessage() : floor.oldest();
        long gap = standing.lostBefore(to.position(), reader.expected());
        subscriptions.jump(slot, to, gap);
        if (again == 0) showAgain(slots.readPos(slot) + 1); // its subscriber has it too, until it reads on
        // After it: who attaches next to one that died in between would take what is lost for given.
        slots.readPos(slot, Math.max(slots.readPos(slot), to.position() - 1));
        standing.jumped(to.position(), gap);
        goOn(to);
        return gap;
    }

    // Seek

    /** Where the reader goes on, and what is acknowledged. Returns the position before the one to come. */
    long moveTo(StartAt start, Seeking seeking) {
        stopBatch();
        synchronized (acknowledging) {
            long next = reader.expected();
            long accounted = Math.max(standing.accounted(), next - 1); // handed over, or lost
            LogPlace to = policy.keeps()
                    ? seeking.seek(slot, name, start, accounted, this::moveForward)
                    : seeking.seekPassable(slot, start, accounted);
            standing.sought(to.position() - 1, standing.lostBefore(to.position(), next));
            goOn(to);
            batchEnds();
            pinNext();
        }
        wakeWaiters();
        return readPosition;
    }

    /** Moves before the slot does: then publishers may overwrite what is before it, and the reader checks nothing. */
    private void moveForward(LogPlace to) {
        if (to.position() > reader.expected()) goOn(to);
    }

    private void goOn(LogPlace to) {
        reader.moveTo(to); // first, as only it can fail: one that stays has nothing of what it reads acknowledged
        ackPos = to.position() - 1; // the slot's fields moved already
        ackOff = to.offset();
    }

    // Recover

    /** Returns how many messages were lost. */
    long rewind() {
        stopBatch();
        long gap = 0;
        synchronized (acknowledging) {
            if (policy.mayBePassed() && floor.isBelowFloor(ackOff)) gap = jumpOrEnd();
            else reader.moveTo(firstUnacknowledged());
            pinNext(); // a handler that calls this has a view in hand
        }
        return gap;
    }

    /** The next message may be acknowledged already, or be so at any moment: until all is read again that was. */
    boolean isRepeating() {
        return clientAcknowledges && reader.expected() <= standing.acceptedTo();
    }

    /** Says before each read whether to {@link #repeat}; once more after the last one, which is let go then. */
    boolean mayRepeat() {
        return repeats || isRepeating();
    }

    /**
     * Messages handed over before recover may be acknowledged after it, by a pool say, so that the gate passes them.
     * Those are not read again then; and the gate cannot pass a message that is being read.
     */
    void repeat() {
        pinAt(NOT_PINNED);
        synchronized (acknowledging) {
            if (reader.cursor() < ackOff) reader.moveTo(firstUnacknowledged());
            pinNext();
        }
    }

    private void pinNext() {
        repeats = isRepeating();
        pinned = repeats ? reader.expected() : NOT_PINNED;
        pinner = Thread.currentThread();
    }

    /** Keeps a view in place, which is in its handler's hands from now on. */
    void pin() {
        if (!pins) return;
        pinner = Thread.currentThread();
        pinned = readPosition;
        if (isOwed()) pinAt(readPosition);
    }

    /** Returns up to where an acknowledgement of another thread frees space. For the thread that reads. */
    long lastBeforePinned() {
        return pinned - 1;
    }

    /** Lets all go: no view of this call is used any more. */
    void readingEnds() {
        if (pinned != NOT_PINNED || isOwed()) pinAt(NOT_PINNED);
    }

    /** Others have acknowledged what was pinned: that is stored when it is let go. */
    private boolean isOwed() {
        return clientAcknowledges && standing.acknowledged() > ackPos;
    }

    /** Lets the message go that was pinned before. */
    private void pinAt(long position) {
        boolean moves;
        synchronized (acknowledging) {
            pinned = position;
            long upTo = Math.min(standing.acknowledged(), position - 1);
            moves = upTo > ackPos;
            if (moves) store(upTo);
        }
        if (moves) wakeWaiters();
    }

    // Acknowledge

    void acknowledge(long position) {
        if (clientAcknowledges) {
            synchronized (acknowledging) {
                refuseIfPassed(); // also where there is nothing to store
                store(upToPinned(position));
                standing.acknowledged(position);
            }
        } else {
            store(position); // by the reading thread, like all else that changes them
        }
        wakeWaiters();
    }

    private void store(long position) {
        while (ackPos < position) storeStep(Math.min(position, ackPos + MOST_AT_ONCE));
    }

    /** Storing anything would hide that it was passed. */
    private void refuseIfPassed() {
        if (policy.mayBePassed() && !policy.jumps() && (floor.isBelowFloor(ackOff) || isEnded())) throw end();
    }

    private void storeStep(long position) {
        refuseIfPassed();
        if (!clientAcknowledges && position == readPosition) {
            set(position, readOffset);
            return;
        }
        LogPlace from = firstUnacknowledged();
        if (walker == null && header.gateAcquire() > ackOff) walker = floor.walker();
        LogPlace place = floor.after(from, position, policy.neededFrom(ackOff), walker);
        if (place == null && policy.jumps()) {
            LogPlace oldest = floor.oldest();
            if (position < oldest.position()) { // overwritten meanwhile: the next attach jumps
                ackPos = position;
                slots.ackPosRelease(slot, position);
                return;
            }
            place = floor.after(oldest, position, Long.MAX_VALUE);
        }
        if (place == null) return;
        set(position, place.offset());
        boolean isInRing = header.gateAcquire() <= ackOff;
        if (walker != null && (isInRing || walker.isTooWideFor(ackOff - from.offset()))) walker = null;
    }

    private void set(long position, long offset) {
        ackOff = offset;
        ackPos = position;
        // Before the position: await must not see what an attach after a crash takes back.
        slots.ackOffRelease(slot, offset);
        slots.ackPosRelease(slot, position);
    }

    /** Tells waiting threads of what is stored. Without stack or memory for that, they check within a slice. */
    private void wakeWaiters() {
        try {
            handle.changes.wake(); // its fence: ackOff before the check whether a thread waits
        } catch (StackOverflowError | OutOfMemoryError unsaid) {
            // thrown, it would cost the message that receive has in hand
        }
    }

    /** Stops before what is pinned, but for the thread that reads it, which may acknowledge it. */
    private long upToPinned(long position) {
        if (position < pinned || pinner == Thread.currentThread()) return position;
        standing.acknowledged(position);
        stopBatch();
        return pinned - 1;
    }
}
