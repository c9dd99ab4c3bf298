package dev.belfry.shm.segment;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/**
 * Lines that a handle is to log wait here until its locks are given back: a logger that blocks must
 * not stop every process.
 */
public final class Notes {
    private final Queue<Runnable> notes = new ConcurrentLinkedQueue<>();
    private volatile boolean any;
    private volatile BooleanSupplier hasALock = () -> false;

    /** Before anything is told, this is asked whether the calling thread has a lock: then another thread tells. */
    public void unless(BooleanSupplier hasALock) {
        this.hasALock = hasALock;
    }

    /** To be logged by the next {@link #tell}. */
    void add(Runnable logging) {
        notes.add(logging);
        any = true; // last: pairs with the read in tell, whose caller then finds it
    }

    /** Without any lock but that of a claim or batch. */
    public void tell() {
        if (any) tellAll();
    }

    private void tellAll() {
        if (hasALock.getAsBoolean()) return;
        any = false; // first: a note that comes meanwhile raises it again
        try {
            for (Runnable note; (note = notes.poll()) != null; ) note.run();
        } finally {
            if (!notes.isEmpty()) any = true;
        }
    }
}
