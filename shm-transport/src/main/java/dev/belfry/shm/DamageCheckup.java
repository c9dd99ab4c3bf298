package dev.belfry.shm;

import dev.belfry.api.AckMode;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.ring.LogCheck;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Compares the words of a segment with each other: those of header and tables, and, deep, each word of the log and all that must be zero. It takes no lock, so others
 * may change them meanwhile: only what is wrong at each of three looks is said.
 */
final class DamageCheckup {
    static final String HEADER = "corrupt-header";
    static final String HANDLES = "corrupt-handles";
    static final String SLOTS = "corrupt-slots";
    static final String LOG = "corrupt-log";

    private static final int LOOKS = 3;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
    private static final int MOST_PUBLISHERS = 1 << 20;

    /** From, to: what the layout leaves free in the header. */
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
        {2224, 2304},
        {2336, 2432},
        {2440, SegmentHeader.SIZE}
    };

    private static final int[][] FREE_IN_HANDLE = {{28, 32}, {40, 64}};
    private static final int[][] FREE_IN_SLOT = {{48, 128}, {184, 512}};

    /** What is wrong where; the place is the same at each look. */
    record Place(String check, String where) {}

    private final ShmInspector.View view;
    private final Segment segment;
    private final SegmentHeader header;
    private final SharedBytes bytes;
    private final Handles handles;
    private final Slots slots;
    private final LogCheck log;
    private Map<Place, String> found = new LinkedHashMap<>();

    DamageCheckup(ShmInspector.View view) {
        this.view = view;
        this.segment = view.segment;
        this.header = segment.header;
        this.bytes = header.bytes();
        this.handles = segment.handles;
        this.slots = segment.slots;
        this.log = new LogCheck(header, segment.readable, segment.creation.maxCapacity() / 4 + 256);
    }

    Map<Place, String> run(boolean deep) {
        Map<Place, String> all = look(deep);
        for (int look = 1; look < LOOKS && !all.isEmpty(); look++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            all.keySet().retainAll(look(deep).keySet());
        }
        return all;
    }

    private Map<Place, String> look(boolean deep) {
        found = new LinkedHashMap<>();
        guarded(HEADER, "words", this::header);
        guarded(HEADER, "regions", this::regions);
        for (int h = 0; h < handles.count(); h++) {
            int handle = h;
            guarded(HANDLES, "handle " + h, () -> handle(handle, deep));
        }
        for (int j = 0; j < slots.count(); j++) {
            int slot = j;
            guarded(SLOTS, "slot " + j, () -> slot(slot, deep));
        }
        guarded(SLOTS, "names", this::names);
        guarded(LOG, "ends", log::ends);
        if (deep) {
            guarded(HEADER, "free", () -> zero("the header", 0, FREE_IN_HEADER));
            guarded(LOG, "hops", log::hops);
            guarded(LOG, "words", this::log);
        }
        return found;
    }

    private void guarded(String check, String where, Runnable look) {
        try {
            look.run();
        } catch (CorruptSegmentException wrong) {
            found.put(new Place(check, where), wrong.getMessage());
        }
    }

    private static void require(boolean right, String what) {
        if (!right) throw new CorruptSegmentException(what);
    }

    // Header

    private void header() {
        require(bytes.getLong(104) >>> 2 == 0, "creation flags " + bytes.getLong(104));
        require(bytes.getInt(SegmentHeader.ASLEEP) >>> 1 == 0, "asleep is " + bytes.getInt(SegmentHeader.ASLEEP));
        for (int fence : new int[] {SegmentHeader.ASLEEP + 4, SegmentHeader.ROOM + 4})
            require(bytes.getInt(fence) >>> 1 == 0, "fence at " + fence + " is " + bytes.getInt(fence));
        int highMark = header.highMarkAcquire(slots.count());
        for (int group = 0; group < 16; group++) {
            int used = Math.max(0, Math.min(64, highMark - 64 * group));
            long unused = used == 64 ? 0 : -1L << used;
            long bits = bytes.getLongAcquire(SegmentHeader.SLEEPERS + 8L * group);
            require((bits & unused) == 0, "sleepers in slots that were never used: group " + group);
        }
        for (SegmentHeader.Counter counter : SegmentHeader.Counter.values())
            require(header.counter(counter) >= 0, "counter " + counter + " is " + header.counter(counter));
    }

    private void regions() {
        RegionTable table = segment.table;
        int current = header.current();
        long tail = header.tailAcquire();
        // A grower that died has not moved the tail behind its HOP.
        boolean behindHop = current > 0 && table.baseAcquire(current) == tail + RecordHeader.SIZE;
        int last = table.lookup(tail);
        require(
                last == current || behindHop && last == current - 1,
                "the log ends in region " + last + ", not " + current);
        require(
                table.capacity(current) <= segment.creation.maxCapacity(),
                "region " + current + " is larger than maxCapacity");
        for (int r = 0; r < RegionTable.ENTRIES; r++) {
            require(table.kind(r) == 0, "region " + r + " of kind " + table.kind(r));
            // The next may be what a grower left that died.
            if (r > current + 1)
                require(
                        table.place(r) == 0 && table.baseAcquire(r) == RegionTable.UNUSED,
                        "region " + r + " is in use, the current one is " + current);
        }
    }

    private void zero(String what, long base, int[][] ranges) {
        for (int[] range : ranges)
            for (int at = range[0]; at < range[1]; at += 4)
                require(bytes.getInt(base + at) == 0, what + " has something at +" + at + ", where nothing is");
    }

    // Handles

    private void handle(int h, boolean deep) {
        String what = "handle " + h;
        long state = handles.stateAcquire(h);
        require((state & 0xFFCE) == 0, what + " with state " + Long.toHexString(state));
        boolean open = handles.isOpen(state);
        require(open || (state & 0xFFFF) == 0, what + " is free and publishes");
        require(!open || handles.pid(h) > 0 && handles.since(h) > 0, what + " of pid " + handles.pid(h));
        require(!open || state >>> 16 != 0, what + " was never opened");
        int publishers = handles.publishers(h);
        require(publishers >= 0 && publishers < MOST_PUBLISHERS, what + " with " + publishers + " publishers");
        int inside = bytes.getIntAcquire(handles.insideAt(h));
        require(inside >>> 1 == 0, what + " is inside " + inside);
        long waiting = handles.waitingAcquire(h);
        if (waiting != WaitWord.NONE)
            WaitWord.cause(waiting, WaitWord.what(waiting) == WaitWord.LOCK ? handles.count() : slots.count());
        if (!deep) return;
        zero(what, handles.insideAt(h) - 24, FREE_IN_HANDLE);
    }

    // Slots

    private void slot(int j, boolean deep) {
        String what = "slot " + j;
        long state = slots.stateAcquire(j);
        if (j >= header.highMarkAcquire(slots.count())) {
            require(state == 0, what + " is in use, and was never given to anybody");
            if (deep) zero(what, slots.place(j), new int[][] {{0, Slots.SIZE}});
            return;
        }
        slots.requirePossible(j, state);
        if (deep) zero(what, slots.place(j), FREE_IN_SLOT);
        if (!SlotState.isSubscription(state)) return;
        long incarnation = SlotState.incarnation(state);
        require(slots.birth(j) > 0 && slots.birth(j) <= incarnation, what + " began as " + slots.birth(j));
        require(slots.semInc(j) >= incarnation, what + " with semaphore " + slots.semInc(j) + " of " + incarnation);
        require(Slots.ownerHandle(slots.owner(j)) < handles.count(), what + " is a handle's that there is not");
        require(slots.ackMode(j) >= 0 && slots.ackMode(j) < AckMode.values().length, what + " with another mode");
        String given = slots.checkedName(j);
        require(
                (given == null) != SlotState.has(state, SlotState.NAMED),
                what + (given == null ? " has lost its name" : " has a name that it was not given"));
        long next = header.countAcquire() + 2; // one may be published just now
        long acknowledged = slots.ackPosAcquire(j);
        require(acknowledged >= 0 && acknowledged < next, what + " has acknowledged " + acknowledged);
        require(slots.readPos(j) >= 0 && slots.readPos(j) < next, what + " has read " + slots.readPos(j));
        require(slots.lostAcquire(j) >= 0 && slots.lostAcquire(j) < next, what + " has lost " + slots.lostAcquire(j));
        require(slots.first(j) > 0 && slots.first(j) <= next, what + " asked for " + slots.first(j));
        require(slots.sleeps(j) >= 0, what + " slept " + slots.sleeps(j) + " times");
        long start = slots.startPosAcquire(j);
        boolean starting = SlotState.has(state, SlotState.STARTING);
        boolean walks = starting && start == Long.MAX_VALUE; // it begins somewhere before it has ended its walk
        require(walks || start > 0 && start <= next, what + " started at " + start);
        long gate = header.gateAcquire(); // before what holds it
        boolean holds = SlotState.gates(state, false) && segment.creation.maxGateNanos() == 0;
        require(!holds || slots.ackOffAcquire(j) >= gate, what + " gates, and was passed");
    }

    private void names() {
        Map<String, Integer> seen = new HashMap<>();
        int highMark = header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j);
            if (!SlotState.isSubscription(state) || !SlotState.has(state, SlotState.NAMED)) continue;
            Integer other = seen.put(slots.name(j), j);
            require(other == null, "slots " + other + " and " + j + " have the same name");
        }
    }

    // The log

    private void log() {
        Set<Long> asked = new HashSet<>();
        int highMark = header.highMarkAcquire(slots.count());
        Set<Integer> of = new TreeSet<>();
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j);
            // Whoever lives moves on; below the gate it was passed.
            boolean moves = view.snapshot.isAttached(j, state);
            if (!SlotState.isSubscription(state) || moves || slots.ackOffAcquire(j) < header.gateAcquire()) continue;
            of.add(j);
            asked.add(slots.ackOffAcquire(j));
        }
        Map<Long, Long> positions = log.walk(asked);
        if (positions == null) return; // the gate moves all the time
        for (int j : of) {
            if (slots.ackOffAcquire(j) < header.gateAcquire()) continue;
            Long position = positions.get(slots.ackOffAcquire(j));
            require(
                    position != null,
                    "slot " + j + " is to go on at " + slots.ackOffAcquire(j) + ", where no message begins");
            long acknowledged = slots.ackPosAcquire(j);
            // A death between the two leaves the position behind, never the offset.
            long most = Math.max(acknowledged, Math.max(slots.readPos(j), slots.startPosAcquire(j) - 1));
            require(
                    position > acknowledged && position - 1 <= most,
                    "slot " + j + " has acknowledged " + acknowledged + " and is to go on at message " + position);
        }
    }
}
