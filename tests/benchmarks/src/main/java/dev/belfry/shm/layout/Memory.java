package dev.belfry.shm.layout;

import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Mapping;
import dev.belfry.shm.posix.NativeLibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.Regions;
import java.util.UUID;

/** A queue's memory without a queue, and without a name: what is measured needs no more. One ring of 1 MiB. */
public final class Memory implements AutoCloseable {
    public static final LibC C = NativeLibC.load();
    private static final long CAPACITY = 1 << 20;
    private static final int SLOTS = 64;

    public final SegmentHeader header;
    public final SharedBytes bytes;
    public final Handles handles;
    public final Slots slots;
    private final RegionTable table;
    private final SharedMemory object = SharedMemory.createUnnamed(C, 0600, -1);

    public Memory() {
        Creation creation = new Creation(CAPACITY, CAPACITY, 0, true, false, SLOTS);
        object.allocate(0, creation.headerLength() + CAPACITY);
        bytes = over(object.map(0, creation.headerLength(), true));
        header = new SegmentHeader(bytes);
        creation.write(bytes, new UUID(1, 2), 3);
        table = new RegionTable(bytes, SegmentHeader.REGIONS);
        table.create(creation.headerLength(), CAPACITY);
        handles = new Handles(bytes, creation.handlesAt(), creation.handles());
        slots = new Slots(bytes, creation.slotsAt(), creation.slots());
        regions().putFirstWord(RecordHeader.empty(1));
    }

    private static SharedBytes over(Mapping mapping) {
        return new SharedBytes(SharedBytes.PLAIN, mapping.address(), mapping.length(), mapping.buffer());
    }

    /** As one more process maps them. */
    public Regions regions() {
        return new Regions(table, (region, place, capacity) -> over(object.mapTwice(place, capacity, true)));
    }

    /** For locks on its bytes. */
    public SharedMemory object() {
        return object;
    }

    @Override
    public void close() {
        object.close();
    }
}
