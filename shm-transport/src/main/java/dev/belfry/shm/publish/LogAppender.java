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

/**
 * A record's way into the log of a domain: as a message's, see {@link ShmPublisher}, but it leaves a
 * reserve free, and wakes subscribers only if it rings.
 */
public final class LogAppender {
    private final Handle handle;
    private final LogEnd end;
    private final LogRecord log;
    private final Section section;
    private final After after;
    private final Admission admission;
    private final Claims claims;
    private final int maxMessageLength;

    /** {@code publisher}: of a domain, used by nothing else. */
    public LogAppender(ShmPublisher publisher) {
        this.handle = publisher.handle;
        this.end = handle.end;
        this.log = new LogRecord(end);
        this.section = publisher.section;
        this.after = publisher.after;
        this.admission = publisher.admission;
        this.claims = publisher.claims;
        this.maxMessageLength = publisher.maxMessageLength();
    }

    /** Leaves the buffer as it was if it is rejected. */
    public long append(ByteBuffer record, Reserve reserve, int bells, long nanos) {
        int from = record.position();
        int length = Math.max(0, record.limit() - from); // as in ShmPublisher
        Checks.fits(length, maxMessageLength, handle.segment.creation.maxCapacity());
        long need = log.need(length);
        long position = Section.NOTHING;
        Thread current = Thread.currentThread();
        if (!admission.enter(need, reserve, nanos, false, false)) return Log.REJECTED;
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
        if (bells != 0) after.wakeOrAwaitDisk(position);
        else after.tell();
        return position;
    }

    /** Why the disk has no room for more, if the last append that was refused lacked that; else empty. */
    public String diskIsFull() {
        QueueFullException refusal = admission.refusal;
        return refusal == null ? "" : refusal.getMessage();
    }

    /** Null if the time has passed. */
    public Claim claim(int length, Reserve reserve, long nanos) {
        if (length < 0) Checks.length(length, maxMessageLength);
        Checks.fits(length, maxMessageLength, handle.segment.creation.maxCapacity());
        long need = log.need(length);
        Thread current = Thread.currentThread();
        if (!admission.enter(need, reserve, nanos, false, true)) return null;
        try {
            return claims.next().open(end.reservedBytes(), log.reserved(), length);
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            handle.repairOwedBy = current;
            claims.rescue(failure, Section.NOTHING);
            throw failure;
        }
    }
}
