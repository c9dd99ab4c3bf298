package dev.belfry.shm.layout;

import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Mapping;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.Regions;

/**
 * A segment of a test: real shared memory without a name, so that nothing is left behind. Rings lie
 * after the header as in a queue, each mapped twice in a row; there is room for three, each double
 * the last.
 */
public final class Memory implements AutoCloseable {
    public static final long CAPACITY = 4096;
    public static final int SLOTS = 4;
    public static final LibC C = RealLibC.load();

    public final Creation creation;
    public final SharedBytes bytes;
    public final SegmentHeader header;
    public final RegionTable table;
    public final Handles handles;
    public final Slots slots;
    private final SharedMemory object;
    private final SharedBytes.Stores stores;

    public Memory() {
        this(false);
    }

    public Memory(boolean trailers) {
        this(SharedBytes.PLAIN, trailers);
    }

    /** As a queue is created, the first word too. */
    public Memory(SharedBytes.Stores stores, boolean trailers) {
        this.stores = stores;
        this.creation = new Creation(
                CAPACITY, 4 * CAPACITY, 0, true, false, SLOTS, false, trailers, Creation.Sync.NEVER, false);
        this.object = SharedMemory.createUnnamed(C, 0600, -1);
        object.allocate(0, creation.headerLength() + 3 * SegmentHeader.ALIGNMENT);
        Mapping mapping = object.map(0, creation.headerLength(), true);
        this.bytes = new SharedBytes(stores, mapping.address, mapping.length, mapping.buffer);
        this.header = new SegmentHeader(bytes);
        this.table = new RegionTable(bytes, SegmentHeader.REGIONS);
        this.handles = new Handles(bytes, creation.handlesAt(), creation.handles());
        this.slots = new Slots(bytes, creation.slotsAt(), creation.slots());
        creation.write(bytes, new java.util.UUID(1, 2), 3);
        table.create(creation.headerLength(), CAPACITY, 0);
        regions().putFirstWord(RecordHeader.empty(1));
    }

    /** As one more process maps them. */
    public Regions regions() {
        return new Regions(table, RecordHeader.pad(creation.hasTrailers()), this::ring);
    }

    private SharedBytes ring(int region, long place, long capacity) {
        Mapping ring = object.mapTwice(place, capacity, true);
        return new SharedBytes(stores, ring.address, ring.length, ring.buffer);
    }

    /** The object itself, for locks on its bytes. */
    public SharedMemory object() {
        return object;
    }

    /** Puts the second region's or a later one's place and capacity into the table, as a grower does. */
    public int nextRegion() {
        int next = header.current() + 1;
        table.place(
                next,
                SegmentHeader.aligned(table.place(next - 1) + table.capacity(next - 1)),
                2 * table.capacity(next - 1));
        return next;
    }

    /** Everything that the header page says, to be compared. */
    public byte[] snapshot() {
        byte[] all = new byte[SegmentHeader.SIZE];
        bytes.copyOut(0, all, 0, all.length);
        return all;
    }

    @Override
    public void close() {
        object.close();
    }
}
