package dev.belfry.shm;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.PassableReader;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far one subscription has read and acknowledged: its slot's fields, and the order in which
 * they move. One thread reads; in CLIENT mode any thread acknowledges.
 */
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final int RECORDS_PER_STEP = 4096;

    /** Stored in steps, so that the stamp at what is stored always finds the position beside it. */
    private static final long MOST_AT_ONCE = 1 << 22;

    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final String name;
    private final int slot;
    private final long incarnation;
    private final boolean passable;
    private final boolean overrun;
    private final boolean clientAcknowledges;
    private final Reader reader;
    private final SharedBytes.Raw raw;
    private final long readPosAddress;

    private final Object acknowledging = new Object();
    private volatile long ackOff; // written under the monitor; tells the reader whether it was passed
    private long ackPos;
    private volatile long lost;

    private int region; // read last

    Progress(Handle handle, Subscriptions subscriptions, SubscriberOptions options, Joined seat) {
        Segment segment = handle.segment;
        this.handle = handle;
        this.header = segment.header;
        this.slots = segment.slots;
        this.subscriptions = subscriptions;
        this.name = options.name();
        this.slot = seat.slot();
        this.incarnation = seat.incarnation();
        this.passable =
                options.slowSubscriber() != SlowSubscriber.GATE_PUBLISHER || segment.creation.maxGateNanos() != 0;
        this.overrun = options.slowSubscriber() == SlowSubscriber.OVERRUN;
        this.clientAcknowledges = options.ackMode() == AckMode.CLIENT;
        int longestFrame = (int) Math.min(Integer.MAX_VALUE, segment.creation.maxCapacity() / 4 + 256);
        this.reader = passable
                ? new PassableReader(segment.readable, longestFrame, header, overrun ? null : () -> this.ackOff)
                : new InPlaceReader(segment.readable, longestFrame);
        this.raw = slots.raw();
        this.readPosAddress = slots.readPosAddress(slot);
        this.ackPos = seat.acknowledged();
        this.ackOff = seat.entry().offset();
        this.lost = slots.lostAcquire(slot);
        reader.moveTo(seat.entry());
        this.region = reader.region();
        if (seat.startAt() != 0) begin(seat.startAt());
    }

    /**
     * At a given position: what is older than the oldest retained is lost, what is younger is
     * walked to.
     */
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
                if (walked % RECORDS_PER_STEP == 0) {
                    ackOff = reader.cursor(); // before the slot's: the gate may follow at once
                    slots.ackOffRelease(slot, ackOff);
                }
            }
            if (reader.expected() > position) addLost(reader.expected() - position);
            ackOff = reader.cursor();
            ackPos = reader.expected() - 1;
            slots.ackOffRelease(slot, ackOff);
            slots.ackPosRelease(slot, ackPos);
            slots.startPosRelease(slot, reader.expected());
            subscriptions.started(slot);
        }
    }

    private void addLost(long more) {
        lost += more;
        slots.lostRelease(slot, lost);
    }

    /** In place, for a subscriber that cannot be passed. */
    Reader reader() {
        return reader;
    }

    long lost() {
        return lost;
    }

    void refuseIfEnded() {
        handle.check();
        if (isEnded()) throw subscriptions.ended(slot, name);
    }

    boolean isEnded() {
        return passable && SlotState.has(slots.stateAcquire(slot), SlotState.ENDED);
    }

    // Read

    /** The next message of a batch is about to be handed over: as {@link #reading}. */
    void readingNext(long position) {
        raw.putLong(readPosAddress, position);
    }

    /**
     * The record that the reader has found is about to be handed over. From now on it comes as
     * redelivered.
     */
    void reading(long position) {
        if (reader.region() != region) noteHop();
        if (position > slots.readPos(slot)) slots.readPos(slot, position);
    }

    private void noteHop() {
        LOG.debug("{}: slot {} hopped from region {} to {}", handle.queueUri(), slot, region, reader.region());
        region = reader.region();
    }

    void jumpOrEnd() {
        synchronized (acknowledging) {
            if (overrun) {
                jump();
            } else if (header.gateAcquire() > ackOff
                    || isEnded()) { // asked again: another thread may have acknowledged meanwhile
                subscriptions.end(slot, incarnation);
                throw subscriptions.ended(slot, name);
            }
        }
    }

    private void jump() {
        LogPlace oldest = LogPlace.oldest(header, handle.segment.readable);
        // After recover some of the gap were handed over already.
        long neverSeen = Math.max(reader.expected(), slots.readPos(slot) + 1);
        long gap = Math.max(0, oldest.position() - neverSeen);
        subscriptions.jump(slot, oldest, gap);
        lost += gap;
        ackPos = oldest.position() - 1;
        ackOff = oldest.offset();
        reader.moveTo(oldest);
    }

    /**
     * Back to the first message that is not acknowledged, or retained; returns the position before
     * it.
     */
    long rewind() {
        synchronized (acknowledging) {
            if (passable && header.gateAcquire() > ackOff) jumpOrEnd();
            else reader.moveTo(new LogPlace(ackOff, ackPos + 1));
            return reader.expected() - 1;
        }
    }

    // Acknowledge

    void acknowledge(long position) {
        if (clientAcknowledges) {
            synchronized (acknowledging) {
                storeSteps(position);
            }
        } else {
            storeSteps(position); // by the reading thread, like all else that changes them
        }
        wakeWhoWaits();
    }

    /**
     * It is stored. Without stack or memory to wake, those who wait look by themselves within a
     * slice.
     */
    private void wakeWhoWaits() {
        try {
            handle.room.wake(); // its fence: ackOff before the check whether anybody waits
        } catch (StackOverflowError | OutOfMemoryError unsaid) {
            // thrown, it would cost the message that receive has in hand
        }
    }

    private void storeSteps(long position) {
        while (ackPos < position) storeStep(Math.min(position, ackPos + MOST_AT_ONCE));
    }

    private void storeStep(long position) {
        if (passable && !overrun && (header.gateAcquire() > ackOff || isEnded())) {
            subscriptions.end(slot, incarnation); // storing it would hide that the gate passed
            throw subscriptions.ended(slot, name);
        }
        if (!clientAcknowledges && position == reader.expected() - 1) { // read last
            set(position, reader.after());
            return;
        }
        LogPlace from = new LogPlace(ackOff, ackPos + 1);
        LogPlace behind = from.behind(
                header, handle.segment.readable, position, !passable ? -1 : overrun ? Long.MAX_VALUE : ackOff);
        if (behind == null && overrun) {
            LogPlace oldest = LogPlace.oldest(header, handle.segment.readable);
            if (position < oldest.position()) { // overwritten meanwhile: the next attach jumps
                ackPos = position;
                slots.ackPosRelease(slot, position);
                return;
            }
            behind = oldest.behind(header, handle.segment.readable, position, Long.MAX_VALUE);
        }
        if (behind != null) set(position, behind.offset());
    }

    private void set(long position, long offset) {
        ackOff = offset;
        ackPos = position;
        // Before the position: await must not see what an attach after a crash takes back.
        slots.ackOffRelease(slot, offset);
        slots.ackPosRelease(slot, position);
    }
}
