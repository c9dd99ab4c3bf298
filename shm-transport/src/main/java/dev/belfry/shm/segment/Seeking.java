package dev.belfry.shm.segment;

import dev.belfry.api.StartAt;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.spi.Errors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How a subscription goes on somewhere else. Its acknowledged position may go back: under the gate
 * lock, so that the gate is not past the place when it is stored, and waits for it from then on. A
 * subscriber with OVERRUN holds nothing, so it locks nothing.
 */
public final class Seeking {
    /** The stamp at what is stored always finds the position beside it: see {@link LogPlace#at}. */
    private static final long MOST_AT_ONCE = 1 << 22;

    private static final int MOST_TRIES = 16;

    private final Handle handle;
    private final SegmentHeader header;
    private final Segment segment;
    private final Slots slots;
    private final Subscriptions subscriptions;
    private final Joining joining;

    public Seeking(Handle handle, Subscriptions subscriptions, Joining joining) {
        this.handle = handle;
        this.segment = handle.segment;
        this.header = segment.header;
        this.slots = segment.slots;
        this.subscriptions = subscriptions;
        this.joining = joining;
    }

    /**
     * {@code accounted}: all up to there was handed over, or is lost already. {@code name}: null if it
     * is anonymous. {@code moves}: is told the place before the slot moves.
     */
    public LogPlace seek(int slot, String name, StartAt start, long accounted, Consumer<LogPlace> moves) {
        return joining.untilItStays(() -> {
            refuseIfEnded(slot, name); // before the walk to a time, which may meet a message without a timestamp
            Supplier<LogPlace> target = target(start, true);
            long deadline = System.nanoTime() + AdminLock.WAIT_NANOS;
            return joining.underGateLock(deadline, () -> {
                refuseIfEnded(slot, name);
                LogPlace to = target.get();
                if (to == null) return null;
                moves.accept(to);
                goBack(slot, to);
                moved(slot, to, accounted);
                return to;
            });
        });
    }

    /** In steps, each of which finds the next by its stamp. In files a record says its position itself. */
    private void goBack(int slot, LogPlace to) {
        long back = slots.ackPosAcquire(slot) - MOST_AT_ONCE;
        if (segment.floor instanceof FloorOnDisk || back < to.position()) return;
        LogPlace oldest = segment.floor.oldestLocked();
        for (; back >= to.position(); back -= MOST_AT_ONCE)
            acknowledged(slot, oldest.after(header, segment.readable, back, -1));
    }

    private void refuseIfEnded(int slot, String name) {
        if (segment.floor.isSlotBelowFloor(slot) || subscriptions.isEnded(slot)) throw subscriptions.ended(slot, name);
    }

    /** The same with OVERRUN. */
    public LogPlace seekPassable(int slot, StartAt start, long accounted) {
        boolean byTime = start.timeMillis().isPresent();
        for (int tries = 0; ; tries++) {
            LogPlace to = target(start, false).get();
            if (to == null && (byTime || tries < MOST_TRIES)) continue; // it was passed while it was walked to
            if (to == null) to = newest(false);
            moved(slot, to, accounted);
            return to;
        }
    }

    /**
     * The place. One that may take a walk, through files or to a time, is found here, before the gate lock, which
     * publishers need; the answer is null if that place is gone by then. {@code locked}: who asks for it has that lock.
     */
    private Supplier<LogPlace> target(StartAt start, boolean locked) {
        LogPlace found = joining.sought(start);
        if (found == null) return () -> start == StartAt.NOW ? newest(locked) : inMemory(start, locked);
        refuseOther(start.position().orElse(found.position()), found);
        return () -> segment.floor.isBelowFloor(found.offset()) ? null : found;
    }

    private LogPlace newest(boolean locked) {
        return locked ? LogPlace.newestLocked(header, segment.readable) : LogPlace.newest(header, segment.readable);
    }

    private void refuseOther(long position, LogPlace found) {
        if (position < found.position()) throw Errors.seeksWhatIsGone(handle.queueUri(), position, found.position());
        if (position > found.position()) throw Errors.startsInFuture(handle.queueUri(), position, found.position() - 1);
    }

    private LogPlace inMemory(StartAt start, boolean locked) {
        LogPlace oldest = locked ? segment.floor.oldestLocked() : segment.floor.oldest();
        LogPlace newest = newest(locked);
        long position = start.position().orElse(oldest.position());
        if (position < oldest.position()) throw Errors.seeksWhatIsGone(handle.queueUri(), position, oldest.position());
        if (position > newest.position())
            throw Errors.startsInFuture(handle.queueUri(), position, newest.position() - 1);
        if (position == newest.position()) return newest;
        if (position == oldest.position()) return oldest;
        return segment.floor.after(oldest, position - 1, locked ? -1 : Long.MAX_VALUE);
    }

    /**
     * A crash in the middle leaves it where it was, or where it is to be. First what may have been handed
     * over: then what counts as lost is not counted again. In front of its first message it counts for nothing.
     */
    private void moved(int slot, LogPlace to, long accounted) {
        long lost = to.position() - 1 - accounted;
        if (lost > 0) {
            slots.readPos(slot, to.position() - 1);
            slots.lostRelease(slot, slots.lostAcquire(slot) + lost);
            slots.startPosRelease(slot, to.position());
        }
        acknowledged(slot, to);
        if (slots.startPosAcquire(slot) > to.position()) slots.startPosRelease(slot, to.position());
    }

    /**
     * Forward the offset first, as always; back the position first. So what awaits an acknowledgement never sees what
     * an attach after a crash takes back.
     */
    private void acknowledged(int slot, LogPlace next) {
        long position = next.position() - 1;
        if (position < slots.ackPosAcquire(slot)) slots.ackPosRelease(slot, position);
        slots.ackOffRelease(slot, next.offset());
        slots.ackPosRelease(slot, position);
    }
}
