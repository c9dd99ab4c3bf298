package dev.belfry.shm.journal;

import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.segment.Handle;

/** What the tests of other packages need of this one, and no other code does. */
public final class Inside {
    private Inside() {}

    private static FloorRaiser raiser(Handle handle, Leader leader) {
        return new FloorRaiser(handle, (FloorOnDisk) handle.segment.floor, leader);
    }

    /** As a keeper does it; then the files go. */
    public static void raise(Handle handle, Leader leader) {
        if (raiser(handle, leader).raise()) leader.storePlaces(true);
    }

    /** As a publisher that needs a file does it. */
    public static void giveWay(Handle handle, Leader leader) {
        if (raiser(handle, leader).giveWay(handle.segment.floor.offset())) leader.storePlaces(true);
    }
}
