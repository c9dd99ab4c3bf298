package dev.belfry.shm.segment;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What a handle is to log waits here until its locks are given back: a logger that blocks must not
 * stop every process.
 */
public final class Notes {
    private final Queue<Runnable> notes = new ConcurrentLinkedQueue<>();
    private volatile boolean any;

    /** To be logged by the next {@link #tell}. */
    void add(Runnable logging) {
        notes.add(logging);
        any = true; // last: pairs with the read in tell, whose caller then finds it
    }

    /** Without any lock. */
    public void tell() {
        if (any) tellAll();
    }

    private void tellAll() {
        any = false; // first: a note that comes meanwhile raises it again
        try {
            for (Runnable note; (note = notes.poll()) != null; ) note.run();
        } finally {
            if (!notes.isEmpty()) any = true;
        }
    }
}
