package dev.belfry.shm.publish;

import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last part of a publish, outside and with the message in the log: it wakes those that sleep, or waits until
 * the disk has the message, or does neither, as for a record of a log. In each case it logs what waits to be told.
 */
class After {
    private static final Logger LOG = LoggerFactory.getLogger(After.class);

    final Handle handle;

    After(Handle handle) {
        this.handle = handle;
    }

    /** Outside. The message of this position is published: or the caller would publish it again. */
    void wakeOrAwaitDisk(long position) {
        tell();
    }

    final void tell() {
        try {
            handle.segment.notes.tell();
        } catch (Throwable untold) {
            say(untold);
        }
    }

    /** If there is stack and memory enough. */
    final void say(Throwable late) {
        try {
            LOG.warn("{}: published, but could not wake subscribers", handle.segment.name, late);
        } catch (Throwable unsaid) {
            Errors.suppress(late, unsaid);
        }
    }
}
