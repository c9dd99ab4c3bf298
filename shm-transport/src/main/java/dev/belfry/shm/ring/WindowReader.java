package dev.belfry.shm.ring;

import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.memory.RawWords;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Reads for a subscriber that the gate may pass: OVERRUN, observers, DISCONNECT, every subscriber where {@code
 * maxGateTime} is set, and each of a queue whose history is on the disk. It trusts nothing, not even that there is no
 * record, before it has seen that the gate has not passed it. It copies a window first, checks the gate afterwards, and
 * reads the window. Only {@link #fill} knows where that comes from: from the ring, or below the gate from the files.
 */
public final class WindowReader extends BatchReader {
    private static final int MOST = 1 << 16;

    private final SegmentHeader header;
    private final LongSupplier needed;
    private final LongSupplier gone;
    private final BooleanSupplier isCovered;
    private final LogBelow below; // null: what the gate has passed is gone
    private final Ring files;

    private int most = MOST; // at once; less where memory is short
    private SharedBytes window; // null before the first, and while a read of the files has it
    private FilesRead underWay; // or has ended, and nobody has taken what it has read; null: none
    private Runnable wakes; // null: the files are read by the thread that asks
    private RawWords raw;
    private long address;
    private long begin; // what of the log it has; both 0: nothing
    private long end;

    /**
     * {@code needed}: the offset that must not be gone; null: the cursor itself, as for OVERRUN, for the others what
     * they acknowledged. {@code isCovered}: the memory may be zeros by now.
     */
    public WindowReader(
            Regions regions,
            int longestFrame,
            JournalWords durability,
            SegmentHeader header,
            LongSupplier needed,
            BooleanSupplier isCovered) {
        this(regions, longestFrame, durability, header, needed, isCovered, header::gateAcquire, null, null);
    }

    /** The same over files: {@code gone}: below that offset the log is gone for it. */
    WindowReader(
            Regions regions,
            int longestFrame,
            JournalWords durability,
            SegmentHeader header,
            LongSupplier needed,
            BooleanSupplier isCovered,
            LongSupplier gone,
            LogBelow below,
            Ring files) {
        super(regions, longestFrame, durability);
        this.header = header;
        this.needed = needed == null ? () -> cursor : needed;
        this.isCovered = isCovered;
        this.gone = gone;
        this.below = below;
        this.files = files;
    }

    @Override
    public Found next() {
        while (true) {
            Found there = look();
            if (there != Found.RECORD) return there;
            long word = window.getLong(cursor - begin);
            if (isNext(word)) {
                if (isWhole(word)) {
                    record.inWindow(window, cursor - begin, word, expected);
                    return Found.RECORD;
                }
                forget(); // it is the first of the next window
            } else if (RecordHeader.isEmpty(word)) {
                forget(); // a stranger's store: who waits finds that the log goes on
                return Found.NOTHING;
            } else {
                skip(word);
                if (RecordHeader.type(word) == RecordHeader.HOP && ring != files)
                    forget(); // what lies behind it is an old lap's
            }
        }
    }

    /** RECORD: the word at the cursor is in the window. */
    private Found look() {
        if (isPassed()) return Found.PASSED;
        return cursor >= begin && cursor < end ? Found.RECORD : fill();
    }

    private boolean isWhole(long word) {
        return ring.size(RecordHeader.frameLength(word)) <= end - cursor;
    }

    /** RECORD: the window begins at the cursor, and has that record whole. */
    private Found fill() {
        forget();
        if (goBelow()) return fillBelow();
        if (!mayRead()) return Found.NOTHING;
        long word = ring.wordAcquire(cursor); // pairs with the commit in LogEnd
        int alone = lengthOf(word);
        int length = RecordHeader.isEmpty(word) ? 0 : copy(alone);
        if (isPassed()) return Found.PASSED;
        if (goBelow()) return fillBelow(); // after the fence: so neither the copy nor an empty word counts
        if (length == 0) return Found.NOTHING;
        if (isCovered.getAsBoolean()) return Found.NOTHING; // then all may be zeros, and so is the gate
        begin = cursor;
        end = cursor + length;
        return Found.RECORD;
    }

    private int copy(int alone) {
        // Each record below it is whole: the tail, and what is durable, are stored after it. A publisher may have
        // died, or stand, between a record's word and the tail: then that record alone.
        long limit = durability == null ? header.tailAcquire() : durable;
        int length = (int) Math.max(alone, Math.min(limit - cursor, Math.min(most, ring.capacity)));
        if (window == null || window.length < length) length = grow(alone, length);
        ring.bytes.copyOut(ring.index(cursor), window, length);
        return length;
    }

    /** Goes below the ring, to the files, if the cursor lies there; else to the ring at the cursor. True: below. */
    private boolean goBelow() {
        if (below == null) return false;
        boolean isInFiles = header.gateAcquire() > cursor;
        if (isInFiles) ring = files;
        else if (ring == files) ring = regions.at(cursor);
        return isInFiles;
    }

    private Found fillBelow() {
        int length = 0;
        do {
            if (underWay == null) underWay = readsBelow();
            if (underWay.isUnderWay()) return isPassed() ? Found.PASSED : Found.LATER;
            FilesRead ended = underWay;
            underWay = null;
            uses(ended.into);
            if (ended.offset != cursor) continue; // it was moved meanwhile
            length = ended.length();
            if (length == 0) grow(2 * (int) window.length, 2 * (int) window.length);
        } while (length == 0);
        if (length == LogBelow.BELOW_FLOOR) return isPassed() ? Found.PASSED : Found.NOTHING;
        begin = cursor;
        end = cursor + length;
        return Found.RECORD;
    }

    /** If it is not begun, as the stack ends here, the window goes: another thread may have it. */
    private FilesRead readsBelow() {
        if (window == null || window.length < MOST) grow(MOST, MOST);
        SharedBytes into = window;
        window = null;
        if (wakes == null) return FilesRead.atOnce(cursor, into, () -> below.read(cursor, expected, into));
        return below.begin(cursor, expected, into, wakes);
    }

    /**
     * From now on the files are read by other threads, one at a time: see {@link Found#LATER}. {@code wakes}: the
     * thread that sleeps for this reader; by any thread.
     */
    public void readsAside(Runnable wakes) {
        this.wakes = wakes;
    }

    /** The record's that this word begins; what is no record is found when it is read. */
    private int lengthOf(long word) {
        int length = RecordHeader.frameLength(word);
        boolean isLonger = length > RecordHeader.SIZE && length <= Math.min(longestFrame, ring.longestFrame);
        return isLonger ? (int) ring.size(length) : RecordHeader.SIZE;
    }

    /** It has what was there to copy, so who reads little needs little. Returns how much fits: all, or one record. */
    private int grow(int alone, int length) {
        long twice = window == null ? 0 : 2 * window.length;
        int fits = length;
        window = null;
        try {
            window = SharedBytes.own((int) Math.min(Integer.MAX_VALUE, Math.max(length, twice)));
        } catch (OutOfMemoryError tooMuch) { // the message alone may still fit
            most = alone;
            fits = alone;
            window = SharedBytes.own(alone);
        }
        uses(window);
        return fits;
    }

    private void uses(SharedBytes bytes) {
        window = bytes;
        raw = bytes.raw();
        address = bytes.address(0, bytes.length);
    }

    /** The window may lie beyond a HOP, where it has an old lap. */
    private void forget() {
        begin = 0;
        end = 0;
    }

    @Override
    public void moveTo(LogPlace entry) {
        long offset = entry.offset();
        expected = entry.position();
        cursor = offset;
        if (!goBelow()) ring = regions.at(cursor);
        forget();
    }

    /**
     * The load fence keeps the reads before it from being done after the check of the gate; pairs
     * with the full fence in Gate.
     */
    public boolean isPassed() {
        SharedBytes.loadFence();
        return gone.getAsLong() > needed.getAsLong();
    }

    @Override
    public boolean mayProceed() {
        if (goBelow()) return underWay == null || !underWay.isUnderWay() || isPassed();
        return mayRead() && !RecordHeader.isEmpty(ring.wordAcquire(cursor)) || isPassed() || goBelow();
    }

    /** Whether it keeps far more memory than so much of the log takes: for a long message that it once had. */
    public boolean isTooWideFor(long length) {
        return window != null && window.length > MOST && window.length > 4 * length;
    }

    LogPlace place() {
        return new LogPlace(cursor, expected);
    }

    @Override
    public long word(long at) {
        return look() == Found.RECORD ? raw.getLong(address + cursor - begin) : 0;
    }

    @Override
    public boolean isPlain(long word) {
        return super.isPlain(word) && isWhole(word);
    }

    @Override
    public long step(long at, long word) {
        int length = RecordHeader.frameLength(word);
        record.plain(window, false);
        record.plain(expected, cursor - begin + RecordHeader.SIZE, length - RecordHeader.SIZE);
        return at + stepped(length);
    }
}
