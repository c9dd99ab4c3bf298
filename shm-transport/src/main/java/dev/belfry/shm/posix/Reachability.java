package dev.belfry.shm.posix;

import java.lang.ref.Cleaner;

/**
 * Runs an action when nothing can reach an object any more, in a thread of its own. That thread starts with the first
 * object. Where no thread can be started that call fails and a later one tries again, which a static {@code Cleaner}
 * could not do. There is one for each kind of object, so that actions of one kind do not wait for those of another.
 */
public final class Reachability {
    private Cleaner cleaner;

    /** The action must not refer to the object itself. */
    public synchronized Cleaner.Cleanable whenUnreachable(Object object, Runnable action) {
        if (cleaner == null) cleaner = Cleaner.create();
        return cleaner.register(object, action);
    }
}
