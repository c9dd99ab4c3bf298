package dev.belfry.shm.publish;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.posix.MemoryGroup;
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
 * Appends a region of at least double the size, under the publish lock, while readers read: storage first, then its
 * entry, then the HOP at the tail of the old one. Nothing is copied and no process waits; each reader hops when it gets
 * there. If the kernel refuses, or would kill for it, all stays as it was, and growth is not tried again for a second.
 * After any other error in the middle the publisher repairs, as after a death.
 */
final class Growth {
    private static final Logger LOG = LoggerFactory.getLogger(Growth.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The bytes that a memory cgroup must have left afterwards: other threads and processes take memory meanwhile. */
    private static final long SPARE_BYTES = 16 << 20;

    private final Handle handle;
    private final Segment segment;
    private volatile long failedAt = System.nanoTime() - PAUSE_NANOS;
    private volatile boolean warned;
    private volatile String refusal; // the last one; null: it has grown since

    Growth(Handle handle) {
        this.handle = handle;
        this.segment = handle.segment;
    }

    /** Below the maximum, and no attempt has failed in the last second. */
    boolean canGrow() {
        return !isAtMost() && System.nanoTime() - failedAt >= PAUSE_NANOS;
    }

    /** It will never grow again. */
    boolean isAtMost() {
        int current = segment.header.current();
        return current + 1 >= RegionTable.ENTRIES || segment.table.capacity(current) >= segment.creation.maxCapacity();
    }

    /** Why it did not grow when it had to; null: nothing is known that would prevent it, or it never will. */
    String refusal() {
        return isAtMost() ? null : refusal;
    }

    /** Null if it has grown; else why not, and all is as it was. */
    MessageQueueException grow(long need) {
        if (isAtMost()) return noRegionLeft(need);
        long capacity = 2 * capacity();
        while (capacity < need + 16) capacity *= 2;
        MessageQueueException why = lackOfMemory(capacity);
        try {
            if (why == null) append(capacity);
        } catch (PosixException refused) {
            why = Failures.ofAllocation(refused, capacity, segment.name, segment.object);
        }
        if (why == null) {
            tell(capacity);
            return null;
        }
        failedAt = System.nanoTime();
        refusal = why.getMessage();
        warnOnce(why);
        return why;
    }

    /** A log in files leaves some to each life: those that the log went through that is kept. */
    private MessageQueueException noRegionLeft(long need) {
        return new QueueFullException("'" + handle.queueUri() + "' takes no message of " + Units.number(need)
                + " bytes: its ring of " + Units.size(capacity()) + " is the last of " + RegionTable.ENTRIES
                + ". Let all subscriptions acknowledge what they have, close it in all processes, and open it again.");
    }

    /** Null: there is enough. The kernel refuses no storage beyond a cgroup's limit: it kills. */
    private MessageQueueException lackOfMemory(long capacity) {
        MemoryGroup.Left left = segment.machine.memoryGroup().left();
        if (left.bytes() - SPARE_BYTES >= capacity) return null;
        return Failures.ofMemory(segment.name, capacity, SPARE_BYTES, left);
    }

    private void warnOnce(MessageQueueException why) {
        if (warned) return;
        warned = true;
        handle.note(() -> LOG.warn("{}: cannot grow, goes on with what it has: {}", segment.name, why.getMessage()));
    }

    private void append(long capacity) {
        int current = segment.header.current();
        int next = current + 1;
        long place = SegmentHeader.aligned(segment.table.place(current) + segment.table.capacity(current));
        segment.allocate(place, capacity);
        segment.table.place(next, place, capacity);
        handle.end.hop(next); // may be refused before its first store, when it maps
    }

    private void tell(long capacity) {
        warned = false;
        refusal = null;
        segment.header.add(Counter.GROWS);
        Machine.events().grew(segment.queue, capacity);
        handle.note(() -> LOG.info("{}: grew to {}", segment.name, Units.size(capacity)));
        handle.wakeSleepersIfAny();
        handle.changes.wake();
    }

    long capacity() {
        return segment.table.capacity(segment.header.current());
    }
}
