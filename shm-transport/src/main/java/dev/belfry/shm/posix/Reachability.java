package dev.belfry.shm.posix;

import java.lang.ref.Cleaner;

/**
 * Acts when nothing reaches an object any more, by one thread for all of them. It starts with the first; where no thread can be started that call fails and a later one
 * tries again, as no static field could.
 */
public final class Reachability {
    private static Cleaner cleaner;

    private Reachability() {}

    /** The action must not reach the object itself. */
    public static synchronized Cleaner.Cleanable whenUnreachable(Object object, Runnable action) {
        if (cleaner == null) cleaner = Cleaner.create();
        return cleaner.register(object, action);
    }
}
