package dev.belfry.shm.publish;

import dev.belfry.api.Claim;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.LogRecord;
import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A record's way into the log of a domain: as a message's, see {@link ShmPublisher}, but it leaves a
 * reserve free, and wakes subscribers only if it rings.
 */
public final class LogAppender {
    private final ShmPublisher publisher;
    private final Handle handle;
    private final LogEnd end;
    private final LogRecord log;
    private final CriticalSection section;

    /** {@code publisher}: of a domain, used by nothing else. */
    public LogAppender(ShmPublisher publisher) {
        this.publisher = publisher;
        this.handle = publisher.handle;
        this.end = handle.end;
        this.log = new LogRecord(end);
        this.section = publisher.section;
    }

    /** Leaves the buffer as it was if it is rejected. */
    public long append(ByteBuffer record, Reserve reserve, int bells, long nanos) {
        int from = record.position();
        int length = Math.max(0, record.limit() - from); // as in ShmPublisher
        Checks.fits(length, publisher.maxMessageLength(), handle.segment.creation.maxCapacity());
        long need = log.need(length);
        long position = CriticalSection.NOTHING;
        Thread current = Thread.currentThread();
        if (!publisher.admission.enter(need, reserve, nanos, false)) return Log.REJECTED;
        try {
            position = end.next();
            log.append(record, from, length, bells);
            section.requireAttached();
            section.leaveAfterPublish();
        } catch (Throwable failure) {
            handle.repairOwedBy = current;
            section.rescue(failure, position);
        }
        record.position(from + length);
        if (bells != 0) publisher.after.wakeOrAwaitDisk(position);
        else publisher.after.tell();
        return position;
    }

    /** Why the disk has no room for more, if the last append that was refused lacked that; else empty. */
    public String diskIsFull() {
        QueueFullException refusal = publisher.admission.refusal;
        return refusal == null ? "" : refusal.getMessage();
    }

    /** Waits as any publisher does: a thread aside enters the disk, and this one waits for it without a lock. */
    public boolean flush(long position, Duration timeout) {
        return publisher.awaitDurable(position, timeout);
    }

    /** Null if the time has passed. */
    public Claim claim(int length, Reserve reserve, long nanos) {
        return publisher.claims.claim(length, log.need(length), reserve, nanos, false);
    }
}
