package dev.belfry.shm.receive;

import dev.belfry.api.AckMode;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.Policy;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.WindowReader;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Joined;
import dev.belfry.shm.segment.Subscriptions;

/**
 * Up to where one subscription has acknowledged: two fields of its slot, and the order in which they
 * move. {@link Progress} says which thread moves them, and when.
 */
final class AckCursor {
    /** Stored in steps, so that the stamp at what is stored always finds the position beside it. */
    private static final long MOST_AT_ONCE = 1 << 22;

    private final Handle handle;
    private final SegmentHeader header;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final String name;
    private final int slot;
    private final long incarnation;
    private final Policy policy;
    private final boolean clientAcknowledges;

    private WindowReader walker; // reads below the ring; null before it is needed

    private volatile long ackOff; // tells the reader whether it was passed
    private long ackPos;

    AckCursor(Handle handle, Subscriptions subscriptions, SubscriberOptions options, Joined seat, Policy policy) {
        this.handle = handle;
        this.header = handle.segment.header;
        this.slots = handle.segment.slots;
        this.subscriptions = subscriptions;
        this.name = options.name();
        this.slot = seat.slot();
        this.incarnation = seat.incarnation();
        this.policy = policy;
        this.clientAcknowledges = options.ackMode() == AckMode.CLIENT;
        this.ackPos = seat.acknowledged();
        this.ackOff = seat.entry().offset();
    }

    /** Nothing below it is needed any more. Any thread. */
    long offset() {
        return ackOff;
    }

    long position() {
        return ackPos;
    }

    /** Where the first message lies that is not acknowledged. */
    LogPlace next() {
        return new LogPlace(ackOff, ackPos + 1);
    }

    /** Nothing was handed over yet. */
    void walkedTo(long offset) {
        ackOff = offset; // before the slot's: the gate may follow at once
        slots.ackOffRelease(slot, ackOff);
    }

    /** The slot's fields moved already. */
    void jumpedTo(LogPlace oldest) {
        long offset = oldest.offset();
        ackPos = oldest.position() - 1;
        ackOff = offset;
    }

    /** {@code readPosition}, {@code readOffset}: after the message that was read last, if its reader stores this. */
    void storeSteps(long position, long readPosition, long readOffset) {
        while (ackPos < position) storeStep(Math.min(position, ackPos + MOST_AT_ONCE), readPosition, readOffset);
    }

    /** Storing anything would hide that it was passed. */
    void refuseIfPassed() {
        if (policy.mayBePassed()
                && !policy.jumps()
                && (handle.segment.floor.isGone(ackOff) || subscriptions.isEnded(slot))) {
            subscriptions.end(slot, incarnation);
            throw subscriptions.ended(slot, name);
        }
    }

    private void storeStep(long position, long readPosition, long readOffset) {
        refuseIfPassed();
        if (!clientAcknowledges && position == readPosition) {
            set(position, readOffset);
            return;
        }
        LogPlace from = new LogPlace(ackOff, ackPos + 1);
        if (walker == null && header.gateAcquire() > ackOff) walker = handle.segment.floor.walker();
        LogPlace place = handle.segment.floor.after(from, position, policy.mustStay(ackOff), walker);
        if (place == null && policy.jumps()) {
            LogPlace oldest = handle.segment.floor.oldest();
            if (position < oldest.position()) { // overwritten meanwhile: the next attach jumps
                ackPos = position;
                slots.ackPosRelease(slot, position);
                return;
            }
            place = handle.segment.floor.after(oldest, position, Long.MAX_VALUE);
        }
        if (place == null) return;
        set(position, place.offset());
        if (header.gateAcquire() <= ackOff) walker = null; // it is back in the ring
    }

    void set(long position, long offset) {
        ackOff = offset;
        ackPos = position;
        // Before the position: await must not see what an attach after a crash takes back.
        slots.ackOffRelease(slot, offset);
        slots.ackPosRelease(slot, position);
    }
}
