package dev.belfry.stress;

import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Mapping;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.Floor;
import dev.belfry.shm.ring.Gate;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Regions;
import dev.belfry.shm.ring.WindowReader;
import dev.belfry.shm.sync.EventCount;
import dev.belfry.shm.sync.Sleepers;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A small segment in real shared memory, without a name, with a writer and readers on it. jcstress
 * wants a fresh state for each of millions of races, so there is a pool of cells, and a state takes
 * the next and puts it back to the beginning: {@link HandshakesTest} keeps fewer states alive than
 * there are cells.
 */
final class Cell {
    static final LibC C = RealLibC.load();
    /** A thread that goes to sleep has the kernel fence all the others. */
    static final Membarrier MEMBARRIER = Membarrier.registered(C);

    /** Where the kernel refuses, each fences for itself. */
    static final Membarrier DENIED = Membarrier.registered((LibC) Proxy.newProxyInstance(
            LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, call, arguments) -> -1L));

    static final int CAPACITY = 4096;
    /** A record's length, header and body; seven of these leave no room for {@link #LARGE}. */
    static final int RECORD = 512;

    static final int LARGE = 1000;
    static final int SLOT = 0;

    private static final int RECORDS = 7;
    private static final byte[] NO_PROPERTIES = {};
    private static final Creation CREATION =
            new Creation(CAPACITY, CAPACITY, 0, true, false, 4, false, false, Creation.Sync.NEVER, false);

    /** More than the states that are alive at one time. */
    static final int POOL = 2048;

    private static final Cell[] CELLS = new Cell[POOL];
    private static final AtomicInteger NEXT = new AtomicInteger();

    static {
        int stride = (int) CREATION.headerLength() + CAPACITY;
        SharedMemory object = SharedMemory.createUnnamed(C, 0600, -1);
        object.allocate(0, (long) POOL * stride);
        for (int i = 0; i < POOL; i++) CELLS[i] = new Cell(object, (long) i * stride);
    }

    final SharedBytes bytes;
    final SegmentHeader header;
    final Slots slots;
    final Sleepers fencing;
    final Sleepers asking;
    final Regions regions;
    final Gate gate;
    final LogEnd writer;
    final SharedBytes ring;
    final RoomHandshake.Kernel kernel;
    final EventCount room;
    private final ByteBuffer small = filled(RECORD - RecordHeader.SIZE, 1);
    private final ByteBuffer large = filled(LARGE, 2);

    private int approaches;

    private Cell(SharedMemory object, long at) {
        Mapping mapping = object.map(at, CREATION.headerLength(), true);
        bytes = new SharedBytes(SharedBytes.PLAIN, mapping.address, mapping.length, mapping.buffer);
        header = new SegmentHeader(bytes);
        CREATION.write(bytes, new UUID(1, 2), 3);
        slots = new Slots(bytes, CREATION.slotsAt(), CREATION.slots());
        fencing = new Sleepers(bytes, DENIED);
        asking = new Sleepers(bytes, MEMBARRIER);
        RegionTable table = new RegionTable(bytes, SegmentHeader.REGIONS);
        table.create(CREATION.headerLength(), CAPACITY, 0);
        Mapping twice = object.mapTwice(at + CREATION.headerLength(), CAPACITY, true);
        ring = new SharedBytes(SharedBytes.PLAIN, twice.address, twice.length, twice.buffer);
        regions = new Regions(table, RecordHeader.pad(false), (region, place, capacity) -> ring);
        gate = new Gate(header, regions, new Floor(header, regions, slots), null);
        writer = new LogEnd(header, regions, null);
        kernel = new RoomHandshake.Kernel(bytes);
        room = new EventCount(bytes, new Futex(kernel.calls()), DENIED);
    }

    private static ByteBuffer filled(int length, int with) {
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) with);
        return ByteBuffer.wrap(body);
    }

    /** Empty, and of an old lap: full of words that look like records. */
    static Cell empty() {
        Cell cell = CELLS[NEXT.getAndIncrement() & POOL - 1];
        cell.log(0, 0);
        cell.ring.putLong(RECORD, RecordHeader.data(RECORD, 0, 3));
        for (int at = RecordHeader.SIZE; at < RECORD; at += 8) cell.ring.putLong(at, 0);
        cell.bytes.putLongRelease(SegmentHeader.SLEEPERS, 0);
        cell.bytes.putLongRelease(SegmentHeader.ASLEEP, 0); // and the word beside
        cell.bytes.putLongRelease(SegmentHeader.ROOM, 0);
        cell.bytes.putIntRelease(SegmentHeader.PUBLISH_LOCK, 0);
        cell.kernel.forget();
        cell.slots.ackOffRelease(SLOT, 0);
        cell.slots.ackPosRelease(SLOT, 0);
        return cell;
    }

    /** Seven records, the first of which is read; nobody holds the gate. */
    static Cell full() {
        Cell cell = CELLS[NEXT.getAndIncrement() & POOL - 1];
        cell.log(0, 0);
        for (int i = 0; i < RECORDS; i++) cell.append();
        return cell;
    }

    private void log(long tail, long count) {
        ring.putLong(0, RecordHeader.empty(count + 1));
        header.gatePosRelease(count + 1);
        header.gateRelease(tail);
        header.countRelease(count);
        header.tailRelease(tail);
        header.current(0);
        header.limit(tail + CAPACITY);
        writer.forget(); // nowhere else does the end of a log go back
    }

    /** As a publisher does under its lock. */
    void append() {
        writer.append(small, 0, small.capacity(), NO_PROPERTIES, 0);
    }

    /** Moves the gate over the first two records and overwrites them. */
    void overwrite() {
        gate.advance((RecordHeader.SIZE + LARGE), false, Gate.Milestones.NONE);
        writer.append(large, 0, LARGE, NO_PROPERTIES, 0);
    }

    InPlaceReader reader() {
        InPlaceReader reader = new InPlaceReader(regions, CAPACITY, null);
        reader.moveTo(new LogPlace(0, 1));
        return reader;
    }

    WindowReader passableReader() {
        WindowReader reader = new WindowReader(regions, CAPACITY, null, header, null, () -> false);
        reader.moveTo(new LogPlace(0, 1));
        return reader;
    }

    /**
     * The other one has a longer way to the handshake: later by a little, and each time by another,
     * so that they meet. And with the words at hand that are looked at, as who publishes and
     * acknowledges all the time has them.
     */
    void approach() {
        for (int i = approaches++ & 7; i > 0; i--)
            if (bytes.getIntAcquire(SegmentHeader.ROOM) + bytes.getIntAcquire(SegmentHeader.ASLEEP) != 0) return;
    }

    /** What a mistake in program order leaves open, a little longer: else it shows once in a hundred thousand races. */
    static void dwell() {
        for (int i = 0; i < 20; i++) Thread.onSpinWait();
    }

    /** Is it the body of {@link #append}? */
    static boolean isWhole(byte[] body) {
        for (byte b : body) if (b != 1) return false;
        return body.length == RECORD - RecordHeader.SIZE;
    }
}
