package dev.belfry.shm.inspect;

import static dev.belfry.shm.inspect.DamageRules.firstOther;
import static dev.belfry.shm.inspect.DamageRules.require;
import static dev.belfry.shm.inspect.DamageRules.requireZero;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.ring.LogCheck;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.QueueInspector;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Compares the words of a segment with each other: those of header and tables and, if deep, each word of the log and
 * all that must be zero. Reserved words are judged only if the queue has no features that this library may ignore.
 *
 * <p>It takes no lock, so others may change the words meanwhile. If there are two words that grow, the one that is
 * never ahead is read first. Only what is wrong in each of three readings is reported.
 */
final class DamageCheckup {
    private static final Remedy HEADER = Remedy.CORRUPT_HEADER;
    private static final Remedy HANDLES = Remedy.CORRUPT_HANDLES;
    private static final Remedy SLOTS = Remedy.CORRUPT_SLOTS;
    private static final Remedy LOG = Remedy.CORRUPT_LOG;

    private static final int LOOKS = 3;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
    private static final long LONGEST_WALK_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST_PUBLISHERS = 1 << 20;

    /** From, to: the ranges that the layout leaves free in the header. */
    private static final int[][] FREE_IN_HEADER = {
        {120, 128},
        {136, 256},
        {260, 384},
        {404, 408},
        {416, 512},
        {528, 640},
        {648, 768},
        {904, 1024},
        {1040, 1152},
        {2232, 2304},
        {2344, 2432},
        {2440, JournalWords.LOCK}
    };

    private static final int[][] NO_JOURNAL = {{JournalWords.LOCK, SegmentHeader.SIZE}};

    /**
     * The fault, and where it is; the same in each reading. {@code rule}: the check that failed,
     * its text without the numbers.
     */
    record Place(Remedy check, String where, String rule) {}

    private final QueueView view;
    private final QueueInspector.Progress told;
    private final Segment segment;
    private final SegmentHeader header;
    private final SharedBytes bytes;
    private final Handles handles;
    private final Slots slots;
    private final LogCheck log;
    private final SlotsDamage slotsDamage;
    private Map<Place, String> found = new LinkedHashMap<>();
    private boolean logWasRead = true;
    private boolean known; // else a newer library may have a use for free words and bits

    DamageCheckup(QueueView view, QueueInspector.Progress told) {
        this.view = view;
        this.told = told;
        this.segment = view.segment;
        this.header = segment.header;
        this.bytes = header.bytes();
        this.handles = segment.handles;
        this.slots = segment.slots;
        this.log = new LogCheck(header, segment.readable, segment.creation.longestFrame());
        this.slotsDamage = new SlotsDamage(segment, log);
    }

    Map<Place, String> run(boolean deep) {
        Map<Place, String> all = look(deep);
        for (int look = 1; look < LOOKS && !all.isEmpty(); look++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            all.keySet().retainAll(look(deep).keySet());
        }
        return all;
    }

    /** False: the gate has passed each walk through the log. */
    boolean logWasRead() {
        return logWasRead;
    }

    private Map<Place, String> look(boolean deep) {
        found = new LinkedHashMap<>();
        known = header.ignoredFeatures() == 0;
        boolean withFree = deep && known;
        guarded(HEADER, "words", this::header);
        guarded(HEADER, "regions", this::regions);
        for (int h = 0; h < handles.count(); h++) {
            int handle = h;
            guarded(HANDLES, "handle " + h, () -> handle(handle, withFree));
        }
        for (int j = 0; j < slots.count(); j++) {
            int slot = j;
            guarded(SLOTS, "slot " + j, () -> slotsDamage.slot(slot, withFree));
        }
        guarded(SLOTS, "names", slotsDamage::names);
        guarded(LOG, "ends", log::ends);
        if (withFree) {
            guarded(HEADER, "free", () -> requireZero("the header", firstOther(bytes, 0, FREE_IN_HEADER)));
            int[][] last = segment.journal != null ? JournalWords.FREE : NO_JOURNAL;
            guarded(HEADER, "free", () -> requireZero("the header", firstOther(bytes, 0, last)));
        }
        if (deep) {
            guarded(LOG, "hops", log::hops);
            guarded(LOG, "words", this::log);
        }
        return found;
    }

    private void guarded(Remedy check, String where, Runnable look) {
        try {
            look.run();
        } catch (CorruptSegmentException wrong) {
            String text = wrong.getMessage();
            found.put(new Place(check, where, text.replaceAll("[0-9]+", "#")), text);
        }
    }

    // Header

    private void header() {
        long flags = bytes.getLong(104);
        require(flags >>> (segment.journal == null ? 3 : 5) == 0, () -> "creation flags " + flags);
        int asleep = bytes.getInt(SegmentHeader.ASLEEP);
        require(asleep >>> 1 == 0, () -> "asleep is " + asleep);
        for (int at : new int[] {SegmentHeader.ASLEEP + 4, SegmentHeader.ROOM + 4}) {
            int fence = bytes.getInt(at);
            require(!known || fence >>> 1 == 0, () -> "fence at " + at + " is " + fence);
        }
        for (int group = 0; group < 16; group++) {
            long bits = bytes.getLongAcquire(SegmentHeader.SLEEPERS + 8L * group);
            int highMark = header.highMarkAcquire(slots.count()); // after the sleepers: it only grows
            int used = Math.max(0, Math.min(64, highMark - 64 * group));
            long unused = used == 64 ? 0 : -1L << used;
            int which = group;
            require((bits & unused) == 0, () -> "sleepers in slots that were never used: group " + which);
        }
        for (SegmentHeader.Counter counter : SegmentHeader.Counter.values()) {
            long value = header.counter(counter);
            require(value >= 0, () -> "counter " + counter + " is " + value);
        }
    }

    private void regions() {
        RegionTable table = segment.table;
        int before;
        long tail;
        do { // the tail while that was the last region
            before = header.current();
            tail = header.tailAcquire();
        } while (header.current() != before);
        int current = before;
        // A publisher that died in a growth has not moved the tail over its HOP.
        boolean afterHop = current > 0 && table.baseAcquire(current) == tail + RecordHeader.SIZE;
        int last = table.lookup(tail);
        require(
                last == current || afterHop && last == current - 1,
                () -> "the log ends in region " + last + ", not " + current);
        require(
                table.capacity(current) <= segment.creation.maxCapacity(),
                () -> "region " + current + " is larger than maxCapacity");
        for (int r = 0; r < RegionTable.ENTRIES; r++) {
            int region = r;
            long kind = table.kind(r);
            require(kind == 0, () -> "region " + region + " of kind " + kind);
            // The next entry may be left from a publisher that died in a growth.
            boolean unused = table.place(r) == 0 && table.baseAcquire(r) == RegionTable.UNUSED;
            int now = header.current(); // after the entries of the table
            require(unused || r <= now + 1, () -> "region " + region + " is in use, the current one is " + now);
        }
    }

    // Handles

    private void handle(int h, boolean withFree) {
        String what = "handle " + h;
        long state = handles.stateAcquire(h);
        require((state & (withFree ? 0xFFCE : 0xE)) == 0, () -> what + " with state " + Long.toHexString(state));
        boolean open = handles.isOpen(state);
        require(open || (state & (Handles.PUBLISHING | Handles.EXCLUSIVE)) == 0, () -> what + " is free and publishes");
        int pid = handles.pid(h);
        require(!open || pid > 0 && handles.since(h) > 0, () -> what + " of pid " + pid);
        require(!open || state >>> 16 != 0, () -> what + " was never opened");
        int publishers = handles.publishers(h);
        require(publishers >= 0 && publishers < MOST_PUBLISHERS, () -> what + " with " + publishers + " publishers");
        int inside = bytes.getIntAcquire(handles.insideAt(h));
        require(!known || inside >>> 1 == 0, () -> what + " is inside " + inside);
        if (known) WaitWord.requirePossible(handles.waitingAcquire(h), slots.count(), handles.count());
        if (withFree) requireZero(what, firstOther(bytes, handles.insideAt(h) - 24, Handles.FREE));
    }

    // The log

    private void log() {
        Map<Integer, Long> asked = new TreeMap<>();
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j);
            // A living subscriber moves; below the gate it was passed, or reads in files.
            boolean moves = SlotState.isNewer(state) || view.snapshot.isAttached(j, state);
            long offset = slots.ackOffAcquire(j);
            if (!SlotState.isSubscription(state) || moves || header.gateAcquire() > offset) continue;
            asked.put(j, offset);
        }
        Map<Long, Long> positions = walk(Set.copyOf(asked.values()));
        logWasRead &= positions != null;
        if (positions == null) return; // the gate moves all the time
        asked.forEach((j, offset) -> goesOnAt(j, offset, positions.get(offset)));
    }

    /** Null: the gate has passed the walk each time. */
    private Map<Long, Long> walk(Set<Long> asked) {
        long began = System.nanoTime();
        do {
            Map<Long, Long> found = log.walk(
                    asked,
                    done -> told.at(
                            "shm:" + segment.queue, done, Math.max(done, header.tailAcquire() - header.gateAcquire())));
            if (found != null) return found;
        } while (System.nanoTime() - began < LONGEST_WALK_NANOS);
        return null;
    }

    private void goesOnAt(int j, long offset, Long position) {
        long acknowledged = slots.ackPosAcquire(j);
        // A death between the two leaves the position too low, never the offset.
        long most = Math.max(acknowledged, Math.max(slots.readPos(j), slots.startPosAcquire(j) - 1));
        SharedBytes.loadFence();
        boolean moved = slots.ackOffAcquire(j) != offset; // another process has attached since
        if (moved || header.gateAcquire() > offset) return;
        require(position != null, () -> "slot " + j + " should continue at " + offset + ", where no message begins");
        require(
                position > acknowledged && position - 1 <= most,
                () -> "slot " + j + " has acknowledged " + acknowledged + " and should continue at message "
                        + position);
    }
}
