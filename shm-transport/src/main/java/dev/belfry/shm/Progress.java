package dev.belfry.shm;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.memory.RawWords;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Seeking;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far one subscription has read and acknowledged: its slot's fields, and the order in which they
 * move. One thread reads; in CLIENT mode any thread acknowledges.
 */
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final int RECORDS_PER_STEP = 4096;

    private static final long NOT_PINNED = Long.MAX_VALUE;

    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final String name;
    private final int slot;
    private final long incarnation;
    private final boolean passable;
    private final boolean overrun;
    private final boolean toNewest;
    private final boolean clientAcknowledges;
    private final boolean pins; // all others read copies, or acknowledge when the handler is done
    private final Reader reader;
    private final RawWords raw;
    private final long readPosAddress;

    private final Object acknowledging = new Object();
    private final Acknowledged acknowledged; // written under the monitor
    private volatile long lost;

    // After the record that was read last. The reading thread's own.
    private long readPosition;
    private long readOffset;
    private long furthestRead;
    private int region;

    // After recover, until it has read again all that it had read. The reading thread's own.
    private boolean repeating;
    private long readBefore;

    // CLIENT: the message in its handler's hands, which the gate must not pass, whichever thread
    // acknowledges it meanwhile. Written by the reading thread, under the monitor or before the
    // message counts as handed over; other threads read it under the monitor.
    private long pinned = NOT_PINNED;
    private Thread pinner;
    private volatile long deferred; // acknowledged of that by others, stored when it is let go
    private volatile boolean batchStopped; // a batch ends after the handler that runs

    Progress(
            Handle handle,
            Subscriptions subscriptions,
            SubscriberOptions options,
            Joined seat,
            Reader reader,
            boolean passable) {
        this.handle = handle;
        this.header = handle.segment.header;
        this.slots = handle.segment.slots;
        this.subscriptions = subscriptions;
        this.name = options.name();
        this.slot = seat.slot();
        this.incarnation = seat.incarnation();
        this.passable = passable;
        this.overrun = options.slowSubscriber() == SlowSubscriber.OVERRUN;
        this.toNewest = options.afterOverrun() == AfterOverrun.NEWEST;
        this.clientAcknowledges = options.ackMode() == AckMode.CLIENT;
        this.pins = clientAcknowledges && !passable;
        this.reader = reader;
        this.raw = slots.raw();
        this.readPosAddress = slots.readPosAddress(slot);
        this.acknowledged = new Acknowledged(handle, subscriptions, options, seat, passable);
        this.furthestRead = seat.readPos();
        this.lost = slots.lostAcquire(slot);
    }

    /** Returns how many messages were lost while no process was attached. */
    long begin(Joined seat) {
        reader.moveTo(seat.entry());
        region = reader.region();
        if (seat.startAt() != 0) begin(seat.startAt());
        return seat.lost() > 0 && toNewest ? seat.lost() + jumpOrEnd() : seat.lost();
    }

    /** At a given position: what is older than the oldest retained is lost, what is younger is walked to. */
    private void begin(long position) {
        if (position < reader.expected()) {
            addLost(reader.expected() - position);
        } else if (position > reader.expected()) {
            for (int walked = 1; reader.expected() < position; walked++) {
                Reader.Found found = reader.next();
                if (found == Reader.Found.NOTHING)
                    throw Errors.startsInFuture(handle.queueUri(), position, reader.expected() - 1);
                if (found == Reader.Found.RECORD) reader.advance();
                else if (!overrun) throw subscriptions.ended(slot, name);
                else reader.moveTo(LogPlace.oldest(header, handle.segment.readable));
                if (walked % RECORDS_PER_STEP == 0) acknowledged.walkedTo(reader.cursor());
            }
            if (reader.expected() > position) addLost(reader.expected() - position);
            acknowledged.set(reader.expected() - 1, reader.cursor());
            slots.startPosRelease(slot, reader.expected());
            subscriptions.started(slot);
        }
    }

    private void addLost(long more) {
        lost += more;
        slots.lostRelease(slot, lost);
    }

    long lost() {
        return passable && !overrun ? lost + subscriptions.lostByItsEnd(slot) : lost;
    }

    /** Without memory, which may be gone: of one that has not ended. */
    long lostKnown() {
        return lost;
    }

    /** Nothing below this offset is needed any more. */
    long acknowledgedOffset() {
        return acknowledged.offset();
    }

    void refuseIfEnded() {
        if (isEnded()) throw subscriptions.ended(slot, name);
    }

    boolean isEnded() {
        return passable && subscriptions.isEnded(slot);
    }

    // Read

    /**
     * May a batch begin? Not before all is read again that recover went back to. Ask afterwards whether it
     * was closed: what stops it from now on ends the batch.
     */
    boolean batchBegins() {
        if (repeating) return false;
        if (reader.expected() <= furthestRead) return false; // the mark in the slot only grows
        if (batchStopped) batchStopped = false;
        if (!pins) return true;
        pinner = Thread.currentThread();
        if (deferred != 0) pinAt(NOT_PINNED);
        return true;
    }

    /** The next message of a batch is about to be handed over: as {@link #reading}, and pinned. */
    void readingNext(long position) {
        raw.putLong(readPosAddress, position);
        if (pins) pinned = position;
    }

    /** What the reader has stepped over was handed over; if this is not reached, an acknowledgement walks. */
    void batchEnds() {
        readPosition = reader.expected() - 1;
        readOffset = reader.cursor();
    }

    /** More than reading happened: closed, recovered, or an acknowledgement to be stored. Any thread. */
    void stopBatch() {
        batchStopped = true;
    }

    boolean isBatchStopped() {
        return batchStopped;
    }

    /** The record that the reader has just stepped over is about to be handed over. */
    long reading() {
        if (reader.region() != region) noteHop();
        readPosition = reader.record().position();
        readOffset = reader.cursor();
        if (readPosition > furthestRead) {
            // Before the hand-over: what may have been seen is marked as redelivered.
            furthestRead = readPosition;
            slots.readPos(slot, readPosition);
        }
        return readPosition;
    }

    private void noteHop() {
        handle.tell(); // that it was mapped
        LOG.debug("{}: slot {} hopped from region {} to {}", handle.queueUri(), slot, region, reader.region());
        region = reader.region();
    }

    /** It was not handed over after all: the next call reads it again. */
    void stepBack() {
        reader.stepBack();
        if (furthestRead == reader.expected()) furthestRead--;
    }

    /** Returns how many messages were lost. */
    long jumpOrEnd() {
        long gap = 0;
        synchronized (acknowledging) {
            if (overrun) {
                gap = jump();
            } else if (header.gateAcquire() > acknowledged.offset()
                    || isEnded()) { // asked again: another thread may have acknowledged meanwhile
                subscriptions.end(slot, incarnation);
                throw subscriptions.ended(slot, name);
            }
        }
        handle.tell();
        return gap;
    }

    private long jump() {
        LogPlace to = afterOverrun();
        long neverSeen =
                Math.max(reader.expected(), furthestRead + 1); // after recover some of the gap were handed over already
        long gap = Math.max(0, to.position() - neverSeen);
        subscriptions.jump(slot, to, gap);
        lost += gap;
        acknowledged.jumpedTo(to);
        reader.moveTo(to);
        return gap;
    }

    /** To the newest record one has to walk. If the gate passes that walk, the next record is new enough. */
    private LogPlace afterOverrun() {
        LogPlace oldest = LogPlace.oldest(header, handle.segment.readable);
        long newest = header.countAcquire();
        if (!toNewest || newest <= oldest.position()) return oldest;
        LogPlace found = oldest.after(header, handle.segment.readable, newest - 1, Long.MAX_VALUE);
        return found != null ? found : LogPlace.newest(header, handle.segment.readable);
    }

    // Seek

    /** Where the reader goes on, and what is acknowledged. Returns the position before the one to come. */
    long moveTo(StartAt start, Seeking seeking) {
        stopBatch();
        synchronized (acknowledging) {
            // What a batch has read, too: it leaves that to be noted here. The mark in the slot only grows.
            furthestRead = Math.max(furthestRead, slots.readPos(slot));
            long accounted = Math.max(furthestRead, reader.expected() - 1); // handed over, or lost
            LogPlace to = overrun
                    ? seeking.seekPassable(slot, start, accounted)
                    : seeking.seek(slot, name, start, accounted, this::movesForward);
            lost = slots.lostAcquire(slot);
            readBefore = Math.max(readBefore, accounted); // may be acknowledged, where it began without reading, too
            furthestRead = Math.max(furthestRead, slots.readPos(slot)); // and what it has passed over is lost
            goesOn(to);
            batchEnds();
            repeating = clientAcknowledges && to.position() <= readBefore;
            pinned = repeating ? to.position() : NOT_PINNED;
            pinner = Thread.currentThread();
            deferred = 0;
        }
        wakeWhoWaits();
        return readPosition;
    }

    /** Before the slot does: from then on publishers may overwrite what is before it, and the reader checks nothing. */
    private void movesForward(LogPlace to) {
        if (to.position() > reader.expected()) goesOn(to);
    }

    private void goesOn(LogPlace to) {
        acknowledged.jumpedTo(to);
        reader.moveTo(to);
    }

    // Recover

    /** Returns how many messages were lost. */
    long rewind() {
        stopBatch();
        long gap = 0;
        synchronized (acknowledging) {
            furthestRead = Math.max(furthestRead, slots.readPos(slot)); // a batch leaves that to be noted here
            readBefore = Math.max(readBefore, reader.expected() - 1);
            if (passable && header.gateAcquire() > acknowledged.offset()) gap = jumpOrEnd();
            else reader.moveTo(acknowledged.next());
            repeating = reader.expected() <= readBefore;
            // A handler that calls this has a view in hand.
            pinned = repeating ? reader.expected() : NOT_PINNED;
            pinner = Thread.currentThread();
        }
        return gap;
    }

    boolean isRepeating() {
        return repeating;
    }

    /**
     * What was handed over before recover may be acknowledged after it, by a pool say, so that the
     * gate moves on over what is to be read again. That is not read again then; and the gate cannot
     * pass what is being read.
     */
    void repeat() {
        pinAt(NOT_PINNED);
        synchronized (acknowledging) {
            if (reader.cursor() < acknowledged.offset()) reader.moveTo(acknowledged.next());
            repeating = reader.expected() <= readBefore;
            if (repeating) pinned = reader.expected();
            pinner = Thread.currentThread();
        }
    }

    /** A view in place is in its handler's hands from now on. */
    void pin() {
        if (!pins || repeating) return;
        pinner = Thread.currentThread();
        pinned = readPosition;
        if (deferred != 0) pinAt(readPosition);
    }

    /** Of the thread that reads: an acknowledgement of another thread frees space up to here, and not beyond. */
    long lastBeforePinned() {
        return pinned - 1;
    }

    /** No view of this call is used any more. */
    void readingEnds() {
        if (pinned == NOT_PINNED && deferred == 0) return;
        pinAt(NOT_PINNED);
    }

    /** What was pinned before is let go: what others have acknowledged of it is stored. */
    private void pinAt(long position) {
        boolean stored;
        synchronized (acknowledging) {
            pinned = position;
            stored = deferred > acknowledged.position();
            if (stored) store(deferred);
            deferred = 0; // after it, which may fail
        }
        if (stored) wakeWhoWaits();
    }

    // Acknowledge

    void acknowledge(long position) {
        if (clientAcknowledges) {
            synchronized (acknowledging) {
                store(upToPinned(position));
            }
        } else {
            store(position); // by the reading thread, like all else that changes them
        }
        wakeWhoWaits();
    }

    private void store(long position) {
        acknowledged.storeSteps(position, readPosition, readOffset);
    }

    /** It is stored. Without stack or memory to wake, waiting threads check by themselves within a slice. */
    private void wakeWhoWaits() {
        try {
            handle.changes.wake(); // its fence: ackOff before the check whether anybody waits
        } catch (StackOverflowError | OutOfMemoryError unsaid) {
            // thrown, it would cost the message that receive has in hand
        }
    }

    /** The thread that reads it may acknowledge it. */
    private long upToPinned(long position) {
        if (position < pinned || pinner == Thread.currentThread()) return position;
        deferred = Math.max(deferred, position);
        stopBatch();
        return pinned - 1;
    }
}
