package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Units;

/** Why a ring cannot grow, as far as others than its publishers see it: their memory limit is theirs alone. */
final class Growable {
    private Growable() {}

    /** Null: it has its largest size, or nothing is known that prevents it. */
    static String refusal(Segment segment) {
        int current = segment.header.current();
        long capacity = segment.table.capacity(current);
        long most = segment.creation.maxCapacity();
        if (capacity >= most) return null;
        String what = "its ring of " + Units.size(capacity) + " cannot grow to " + Units.size(most) + ": ";
        if (current + 1 >= RegionTable.ENTRIES) return what + "it is the last of " + RegionTable.ENTRIES;
        long free = FileSystem.of(segment.object).freeBytes();
        if (free >= 2 * capacity) return null;
        return what + "the next one takes " + Units.size(2 * capacity) + ", and " + SharedMemory.DIRECTORY + " has "
                + Units.size(free) + " free";
    }
}
