package dev.belfry.shm.publish;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.segment.Handle;

/**
 * When something was published last, for people. A publish stores no time: the watch finds, twice a second, that
 * there are more messages. So it is up to half a second late, and a process that is killed leaves an older one.
 */
final class LastPublish {
    private final Handle handle;
    private final SegmentHeader header;
    private long seen = -1; // guarded by this

    LastPublish(Handle handle) {
        this.handle = handle;
        this.header = handle.segment.header;
    }

    /** Messages that were there before the first publisher were published by others, at a time that they know. */
    synchronized void begins() {
        if (seen >= 0) return;
        try {
            seen = header.countAcquire();
        } catch (CorruptSegmentException damage) {
            // It decides nothing, so it is not what reports that.
        }
    }

    /** By the watch, and by a publisher that closes. */
    synchronized void note() {
        if (handle.segment.isCovered()) return;
        try {
            long count = header.countAcquire();
            if (count == seen) return;
            seen = count;
            header.raise(Counter.LAST_PUBLISH_MILLIS, System.currentTimeMillis());
        } catch (CorruptSegmentException damage) {
            // As above.
        }
    }
}
