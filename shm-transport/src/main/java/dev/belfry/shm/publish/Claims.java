package dev.belfry.shm.publish;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.ring.LogBatch;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher's claims and batches, one at a time: it enters and stays inside, its user fills, and a
 * second call commits or gives up. The watch gives up what a thread that has ended left open.
 */
final class Claims implements ClaimOwner {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final int WARN_AFTER_CHECKS = 2;

    private final Handle handle;
    private final Segment segment;
    private final LogEnd end;
    private final InPlace claimed;
    private final CriticalSection section;
    private final After after;
    private final Admission admission;
    private final OpenClaim openClaim;
    private final boolean timestamps;

    // The open ones, or the last. Guarded by the lock.
    private ShmClaim claim;
    private ShmBatch batch;

    Claims(
            Handle handle,
            InPlace claimed,
            CriticalSection section,
            After after,
            Admission admission,
            OpenClaim openClaim,
            boolean timestamps) {
        this.handle = handle;
        this.segment = handle.segment;
        this.end = handle.end;
        this.claimed = claimed;
        this.section = section;
        this.after = after;
        this.admission = admission;
        this.openClaim = openClaim;
        this.timestamps = timestamps;
        this.claim = new ShmClaim(this, openClaim);
        this.batch = new ShmBatch(this, openClaim, end);
    }

    // Claim

    /** Null if the time has passed, unless that is to be thrown. */
    Claim claim(int length, long need, Reserve reserve, long nanos, boolean throwIfFull) {
        int longest = segment.creation.maxMessageLength();
        if (length < 0) Checks.length(length, longest);
        Checks.fits(length, longest, segment.creation.maxCapacity());
        Thread current = Thread.currentThread();
        if (!admission.enter(need, reserve, nanos, throwIfFull)) return null;
        try {
            if (!claim.isFree()) claim = new ShmClaim(this, openClaim);
            return claim.openInside(end.reservedBytes(), claimed.reserved(), length);
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            handle.repairOwedBy = current;
            rescue(failure, CriticalSection.NOTHING);
            throw failure;
        }
    }

    @Override
    public long commitClaim(int length) {
        refuseIfClosedUnderIt();
        Thread current = Thread.currentThread();
        long position = end.next();
        try {
            claim.end(); // no batch is open, whose end would cost two more stores
            openClaim.end(); // before the lock is free
            claimed.commit(length);
            section.requireAttached();
            section.leaveAfterPublish();
        } catch (Throwable failure) {
            handle.repairOwedBy = current;
            rescue(failure, position);
        }
        after.wakeOrAwaitDisk(position);
        return position;
    }

    private void refuseIfClosedUnderIt() {
        if (!section.isClosed()) return;
        giveUp();
        throw section.closed();
    }

    // Batch

    /** Null if the time has passed, unless that is to be thrown. */
    Batch batch(int bytes, long nanos, boolean throwIfFull) {
        Checks.batchBytes(bytes, segment.creation.maxMessageLength(), segment.creation.maxCapacity());
        long need = RecordHeader.align(bytes);
        Thread current = Thread.currentThread();
        if (!admission.enter(need, Reserve.NONE, nanos, throwIfFull)) return null;
        try {
            if (!batch.isFree()) batch = new ShmBatch(this, openClaim, end);
            return batch.openInside(bytes, timestamps ? System.currentTimeMillis() : 0);
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            handle.repairOwedBy = current;
            rescue(failure, CriticalSection.NOTHING);
            throw failure;
        }
    }

    @Override
    public long commitBatch(LogBatch log) {
        refuseIfClosedUnderIt();
        Thread current = Thread.currentThread();
        long position = end.next() - 1 + log.count(); // of the last one: all are committed, or none
        try {
            endOpenClaim(); // before the lock is free
            if (log.count() > 0) log.commit();
            section.requireAttached();
            section.leaveAfterPublish();
        } catch (Throwable failure) {
            handle.repairOwedBy = current;
            rescue(failure, position);
        }
        after.wakeOrAwaitDisk(position);
        return position;
    }

    private void endOpenClaim() {
        endBodies();
        openClaim.end();
    }

    /** While the lock is held: nothing is written into them once it is free. */
    private void endBodies() {
        claim.end();
        batch.end();
    }

    // Without a commit

    /**
     * This thread's claim or batch. The word at the end of the log is still empty: there is nothing to undo. One that
     * the publisher's close has given up already holds no lock: the lock may be another publisher's by now.
     */
    @Override
    public void giveUp() {
        if (!openClaim.isMine()) return;
        Thread current = Thread.currentThread();
        try {
            endOpenClaim();
            section.leave();
        } catch (Throwable failure) {
            handle.repairOwedBy = current;
            throw failure;
        }
    }

    /** With its memory, which was told late: the claim or batch may still be open, and the lock ours. */
    @Override
    public RuntimeException memoryGone(InternalError late) {
        RuntimeException gone =
                handle.translate(late); // throws an error that is not of our memory: it stays open, then
        endMine();
        return gone;
    }

    /**
     * As {@link CriticalSection#rescue}. No number stays odd over a lock that is free: the watch would free it again.
     */
    private void rescue(Throwable failure, long position) {
        if (position == CriticalSection.NOTHING) endBodies(); // of a claim that has not begun, too
        endMine();
        section.rescue(failure, position);
    }

    private void endMine() {
        if (openClaim.isMine()) endBodies(); // else they may be another thread's by now
        openClaim.endMine();
    }

    @Override
    public RuntimeException notMine(String kind) {
        Thread holder = openClaim.holder();
        if (holder != Thread.currentThread())
            return new IllegalStateException("This " + kind + " on '" + queueUri() + "' belongs to thread '"
                    + Units.name(holder) + "': only it may fill and commit it");
        section.requireOpen();
        return new IllegalStateException(
                "This " + kind + " on '" + queueUri() + "' was committed or closed: " + kind + " again");
    }

    /** For {@link PublisherWatch}, twice a second. */
    void watch() {
        OpenClaim.Held held = openClaim.heldSinceLastCheck();
        if (held != null && held.isLost()) giveUp(held);
        if (held != null && held.checks() == WARN_AFTER_CHECKS && !held.isLost())
            LOG.warn(
                    "{}: thread '{}' holds a {} for a second: all other publishers wait for it",
                    segment.name,
                    held.by().getName(),
                    held.kind());
    }

    private void giveUp(OpenClaim.Held lost) {
        try {
            if (!openClaim.end(lost)) return;
            endBodies();
            section.leave(); // before it is logged: no publisher waits for a logger
        } catch (Throwable failure) {
            handle.repairOwedBy = lost.by();
            throw failure;
        }
        LOG.warn(
                "{}: gave up a {} of thread '{}', which has ended",
                segment.name,
                lost.kind(),
                lost.by().getName());
    }

    @Override
    public String queueUri() {
        return handle.queueUri();
    }
}
