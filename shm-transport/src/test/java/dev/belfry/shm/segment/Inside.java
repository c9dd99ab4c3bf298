package dev.belfry.shm.segment;

import dev.belfry.shm.posix.NamedSemaphore;

/** What the tests of other packages need of this one, and no other code does. */
public final class Inside {
    private Inside() {}

    /** For a process that dies: nobody complains that its handle was never closed. */
    public static boolean beginLeaving(Handle handle) {
        return handle.beginLeaving();
    }

    public static boolean isDeadOwner(Handle handle, long owner) {
        return handle.isDeadOwner(owner);
    }

    public static void cover(Handle handle) {
        handle.segment.cover();
    }

    public static NamedSemaphore createSemaphore(Handle handle, int slot, long incarnation) {
        return handle.semaphores.create(slot, incarnation);
    }

    public static boolean tryTakeUninterrupted(AdminLock admin, long waitNanos) {
        return admin.tryTakeUninterrupted(waitNanos);
    }
}
