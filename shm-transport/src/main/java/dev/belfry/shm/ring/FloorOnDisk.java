package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * The floor of a queue whose history is on the disk: the offset in {@link JournalWords} from where on its files have
 * the log. The ring is their cache, and no place holds the gate. Only {@link #raiseLocked} moves it, by the holder of
 * the gate lock, so a place that is stored under that lock is not gone.
 */
public final class FloorOnDisk extends Floor {
    private static final int FEW = 1 << 12; // records: walked through sooner than sought

    private final JournalWords journal;
    private final BooleanSupplier isCovered;
    private final int longestFrame;
    private final long capacity;
    private final Ring files;
    private volatile LogBelow below; // null: who only reads memory has no files

    public FloorOnDisk(
            SegmentHeader header,
            Regions regions,
            Slots slots,
            JournalWords journal,
            Creation creation,
            BooleanSupplier isCovered) {
        super(header, regions, slots);
        this.journal = journal;
        this.isCovered = isCovered;
        this.longestFrame = creation.longestFrame();
        this.capacity = creation.capacity();
        this.files = Ring.ofFiles(creation.maxCapacity(), regions.pad);
    }

    /** Says what has the log below the ring, before anything is read. */
    public void readsIn(LogBelow below) {
        this.below = below;
    }

    @Override
    public void close() {
        if (below != null) below.close();
    }

    @Override
    public long offset() {
        return journal.floorAcquire();
    }

    @Override
    public long oldestPosition() {
        return journal.floorPosition();
    }

    @Override
    public long leastOfRing(long gate, long most, boolean canGrow) {
        return most;
    }

    /** The slot that holds publishers up once the disk is full, or has its share. */
    @Override
    public boolean isHeldBy(int slot, boolean canGrow) {
        if (!SlotState.gates(slots.stateAcquire(slot), canGrow)) return false;
        long place = slots.ackOffAcquire(slot);
        return place >= offset() && place < header.tailAcquire() && leastNeeded(offset(), place, canGrow) == place;
    }

    @Override
    public LogPlace oldest() {
        while (true) {
            long offset = offset();
            LogPlace place = at(offset, oldestPosition());
            if (place != null) return place;
            if (offset() == offset) throw new CorruptSegmentException("the floor is at " + offset);
        }
    }

    @Override
    public LogPlace oldestLocked() {
        return oldest();
    }

    /** A record says its position itself, so the hint counts for a damaged one alone. Null: it is gone. */
    @Override
    public LogPlace at(long offset, long hint) {
        if (header.gateAcquire() <= offset) {
            long position = regions.ownPositionAt(header, offset);
            SharedBytes.loadFence();
            if (header.gateAcquire() <= offset) return LogPlace.checked(header, offset, position);
        }
        long position = below.positionAt(offset, hint);
        return position == LogBelow.BELOW_FLOOR ? null : LogPlace.checked(header, offset, position);
    }

    @Override
    public LogPlace after(LogPlace from, long position, long neededFrom, WindowReader own) {
        boolean isInRing = header.gateAcquire() <= from.offset();
        LogPlace found = isInRing ? from.after(header, regions, position, Long.MAX_VALUE) : null;
        if (found != null) return found;
        boolean isFar = position - from.position() > FEW;
        LogPlace begin = isFar ? below.nearest(from, place -> place.position() <= position) : from;
        WindowReader walker = own == null ? walker() : own;
        if (!begin.equals(walker.place())) walker.moveTo(begin); // else it may have what comes next
        while (walker.expected() <= position) {
            if (!walks(walker, position + 1)) return null;
        }
        return walker.place();
    }

    /** The record with this position; the oldest if that one is gone, or the end of the log. Without any lock. */
    public LogPlace atPosition(long position) {
        while (true) {
            LogPlace newest = LogPlace.newest(header, regions);
            if (position >= newest.position()) return newest;
            LogPlace inRing = LogPlace.oldest(header, regions);
            LogPlace from = position >= inRing.position() ? inRing : oldest();
            if (position <= from.position()) return from;
            LogPlace found = after(from, position - 1, Long.MAX_VALUE);
            if (found != null) return found;
        }
    }

    @Override
    LogPlace atTimeFrom(LogPlace from, long millis, LongFunction<RuntimeException> undated) {
        WindowReader walker = walker(below.notBefore(from, millis)); // times do not grow where a clock was set back
        LogPlace damage = null; // just before, perhaps of that time: it is told to who begins there
        while (true) {
            Reader.Found found;
            try {
                found = walker.next();
            } catch (NewerRecordException newer) { // its time is not known
                walker.advance();
                continue;
            } catch (RuntimeException damaged) {
                if (damage == null) damage = walker.place();
                LogPlace behind = below.behind(damaged, walker.cursor());
                if (behind == null) return damage;
                walker.moveTo(behind);
                continue;
            }
            if (found == Reader.Found.PASSED) return null;
            if (found == Reader.Found.NOTHING) return damage == null ? walker.place() : damage;
            long timestamp = walker.record.timestamp();
            if (timestamp == 0) throw undated.apply(walker.expected());
            if (timestamp >= millis) return damage == null ? walker.place() : damage;
            damage = null;
            walker.advance();
        }
    }

    /** As {@link LogBelow#firstFrom}. */
    public LogPlace firstFrom(long offset) {
        return below.firstFrom(offset);
    }

    /** False: it was passed. Over damage, unless {@code wanted} is damaged itself. */
    private boolean walks(WindowReader walker, long wanted) {
        Reader.Found found;
        try {
            found = walker.next();
        } catch (NewerRecordException newer) { // where it ends is known
            walker.advance();
            return true;
        } catch (RuntimeException damaged) {
            LogPlace behind = below.behind(damaged, walker.cursor());
            if (behind == null || behind.position() > wanted) throw damaged;
            walker.moveTo(behind);
            return true;
        }
        if (found == Reader.Found.PASSED) return false;
        if (found == Reader.Found.NOTHING)
            throw new CorruptSegmentException("no record " + walker.expected() + " at " + walker.cursor());
        walker.advance();
        return true;
    }

    @Override
    public WindowReader walker() {
        return reader(null, null, false);
    }

    private WindowReader walker(LogPlace from) {
        WindowReader walker = walker();
        walker.moveTo(from);
        return walker;
    }

    /**
     * {@code toNewest}: what a ring does not take is gone for it, too. It may have more of the log than its own, as
     * after a reboot it has none.
     */
    public WindowReader reader(JournalWords durability, LongSupplier needed, boolean toNewest) {
        LongSupplier gone = toNewest ? this::ofRing : this::offset;
        return new WindowReader(regions, longestFrame, durability, header, needed, isCovered, gone, below, files);
    }

    private long ofRing() {
        long tail = header.tailAcquire(); // before the gate: it never passes that
        return Math.max(offset(), Math.min(header.gateAcquire(), tail - capacity));
    }

    /**
     * The least offset that a place needs, at most {@code most}. {@code givesWay}: places that hold no publishers up
     * do not count.
     */
    public long needed(long most, boolean givesWay) {
        long floor = offset();
        long least = most;
        int highMark = header.highMarkAcquire(slots.count());
        for (int slot = 0; slot < highMark; slot++) {
            long state = slots.stateAcquire(slot);
            boolean hasEnded = SlotState.has(state, SlotState.ENDED) && !SlotState.isNewer(state);
            boolean counts = SlotState.isSubscription(state) && !hasEnded;
            if (!counts || givesWay && !SlotState.gates(state, false)) continue;
            long place = slots.ackOffAcquire(slot);
            if (place >= floor) least = Math.min(least, place);
            else if (SlotState.policy(state).jumps()) least = Math.min(least, floor); // from there it goes on
        }
        return least;
    }

    /** By the holder of the gate lock, who has asked for {@link #needed} under it. */
    public void raiseLocked(LogPlace to) {
        journal.raiseFloorLocked(to.offset(), to.position());
        header.bytes().fullFence(); // before a file goes: who reads on in it, and does not find it, sees this
    }
}
