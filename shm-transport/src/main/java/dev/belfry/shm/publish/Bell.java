package dev.belfry.shm.publish;

import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Notes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.Handshake;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.spi.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher that is outside and has published wakes those that sleep, and logs what waits to be
 * told.
 */
class Bell {
    private static final Logger LOG = LoggerFactory.getLogger(Bell.class);

    private final Handle handle;
    private final Segment segment;
    private final Notes notes;
    private final PublishLock lock;
    private final Handshake sleeping;

    Bell(Handle handle) {
        this.handle = handle;
        this.segment = handle.segment;
        this.notes = segment.notes;
        this.lock = handle.publishLock;
        this.sleeping = handle.sleepers.handshake();
    }

    /**
     * Outside, and this message is published: what fails from here on is not thrown, or the caller would publish
     * again. A sleeper that is not woken checks the log within a slice.
     */
    void ring(long position) {
        try {
            if ((lock.hasFenced() ? sleeping.lookFenced() : sleeping.look()) != 0) wakeThem();
            notes.tell();
        } catch (Throwable late) {
            if (late instanceof InternalError && segment.isTruncated()) throw handle.translate(late); // into nothing
            say(late);
        }
    }

    /** After the release of the lock, where nothing was published that rings. */
    void flushLog() {
        try {
            notes.tell();
        } catch (Throwable untold) {
            say(untold);
        }
    }

    /** If there is stack and memory enough. */
    private void say(Throwable late) {
        try {
            LOG.warn("{}: published, but could not wake subscribers", segment.name, late);
        } catch (Throwable unsaid) {
            Errors.suppress(late, unsaid);
        }
    }

    private void wakeThem() {
        handle.wakeSleepers();
        lock.forgoBias();
    }
}
