package dev.belfry.shm.publish;

import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Notes;
import dev.belfry.shm.sync.Handshake;
import dev.belfry.shm.sync.PublishLock;

/** Wakes those that sleep, and logs what waits to be told. */
final class Wake extends After {
    private final Notes notes;
    private final PublishLock lock;
    private final Handshake sleeping;

    Wake(Handle handle) {
        super(handle);
        this.notes = handle.segment.notes;
        this.lock = handle.publishLock;
        this.sleeping = handle.sleepers.handshake;
    }

    /** A failure is logged, not thrown: a sleeper that is not woken checks the log within a slice. */
    @Override
    void wakeOrAwaitDisk(long position) {
        try {
            if ((lock.hasFenced() ? sleeping.lookFenced() : sleeping.look()) != 0) wakeThem();
            notes.tell();
        } catch (Throwable late) {
            boolean nowhere = late instanceof InternalError && handle.segment.isTruncated();
            if (nowhere) throw handle.translate(late);
            say(late);
        }
    }

    private void wakeThem() {
        handle.wakeSleepers();
        lock.forgoBias();
    }
}
