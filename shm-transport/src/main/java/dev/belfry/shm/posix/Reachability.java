package dev.belfry.shm.posix;

import java.lang.ref.Cleaner;

/**
 * Acts when nothing reaches an object any more, by a thread of its own. That starts with the first
 * object; where no thread can be started that call fails and a later one tries again, as a static
 * {@code Cleaner} could not. One for each kind of object: what an action of another kind waits for
 * it does not wait for.
 */
public final class Reachability {
    private Cleaner cleaner;

    /** The action must not reach the object itself. */
    public synchronized Cleaner.Cleanable whenUnreachable(Object object, Runnable action) {
        if (cleaner == null) cleaner = Cleaner.create();
        return cleaner.register(object, action);
    }
}
