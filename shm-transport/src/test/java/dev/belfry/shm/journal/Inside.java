package dev.belfry.shm.journal;

import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.segment.Handle;

/** What the tests of other packages need of this one, and no other code does. */
public final class Inside {
    private Inside() {}

    private static FloorRaiser raiser(Handle handle, LogFiles files) {
        return new FloorRaiser(handle, (FloorOnDisk) handle.segment.floor, files);
    }

    /** As a keeper does it; then the files go. */
    public static void raise(Handle handle, Leader leader, LogFiles files) {
        if (raiser(handle, files).raise()) leader.keep(true);
    }

    /** As a publisher that needs a file does it. */
    public static void giveWay(Handle handle, Leader leader, LogFiles files) {
        if (raiser(handle, files).giveWay(handle.segment.floor.offset())) leader.keep(true);
    }
}
