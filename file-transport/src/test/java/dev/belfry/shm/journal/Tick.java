package dev.belfry.shm.journal;

import dev.belfry.shm.segment.Handle;

/** What a process does for the files twice a second, when it is told to: of a queue that nobody watches. */
public final class Tick implements Runnable {
    private final FileKeeper keeper;

    /** {@code flushNanos}: after so long it syncs; 0: each time. */
    public Tick(Handle handle, Leader leader, long flushNanos) {
        keeper = new FileKeeper(handle, leader, new FilesThread(), flushNanos);
    }

    @Override
    public void run() {
        keeper.watch();
    }
}
