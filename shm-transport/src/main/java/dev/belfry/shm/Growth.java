package dev.belfry.shm;

import dev.belfry.api.MessageQueueException;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Failures;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Units;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends a region of at least double the size, under the publish lock, while readers read: storage
 * first, then its entry, then the HOP at the tail of the old one. Nothing is copied and no process
 * waits; each reader hops when it gets there. If the kernel refuses, all stays as it was, and
 * growth is not tried again for a second. After any other error in the middle the publisher
 * repairs, as after a death.
 */
final class Growth {
    private static final Logger LOG = LoggerFactory.getLogger(Growth.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Handle handle;
    private final Segment segment;
    private volatile long failedAt = System.nanoTime() - PAUSE_NANOS;
    private volatile boolean warned;

    Growth(Handle handle) {
        this.handle = handle;
        this.segment = handle.segment;
    }

    /** Below the maximum, and no attempt has failed in the last second. */
    boolean canGrow() {
        int current = segment.header.current();
        return current + 1 < RegionTable.ENTRIES
                && segment.table.capacity(current) < segment.creation.maxCapacity()
                && System.nanoTime() - failedAt >= PAUSE_NANOS;
    }

    /** Null if it has grown; else why not, and all is as it was. */
    MessageQueueException grow(long need) {
        int current = segment.header.current();
        int next = current + 1;
        long place = SegmentHeader.aligned(segment.table.place(current) + segment.table.capacity(current));
        long capacity = 2 * segment.table.capacity(current);
        while (capacity < need + 16) capacity *= 2;
        try {
            segment.allocate(place, capacity);
            segment.table.place(next, place, capacity);
            handle.end.hop(next); // may be refused before its first store, when it maps
        } catch (PosixException refused) {
            failedAt = System.nanoTime();
            MessageQueueException why = Failures.ofAllocation(refused, capacity, segment.queue, segment.object());
            if (!warned)
                handle.note(() ->
                        LOG.warn("{}: cannot grow, goes on with what it has: {}", segment.queue, why.getMessage()));
            warned = true;
            return why;
        }
        warned = false;
        segment.header.add(Counter.GROWS);
        long grown = capacity;
        Machine.events().grew(segment.queue, grown);
        handle.note(() -> LOG.info("{}: grew to {}", segment.queue, Units.size(grown)));
        handle.wakeSleepersIfAny();
        handle.room.wake();
        return null;
    }

    long capacity() {
        return segment.table.capacity(segment.header.current());
    }
}
