package dev.belfry.shm;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogBatch;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.LogRecord;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message's way down: encode; enter the publish lock, with room; append, which one store commits;
 * leave; wake the sleepers. A publisher that is alone on its queue is favoured by the lock, see
 * {@link PublishLock}; an exclusive one holds it for life and skips both lock steps. {@code
 * docs/protocol.md} tells what a death after each step leaves; {@link Section#rescue} mends what an
 * error leaves.
 */
final class ShmPublisher implements Publisher, Holder {
    private static final Logger LOG = LoggerFactory.getLogger(ShmPublisher.class);
    private static final byte[] NO_PROPERTIES = {};
    private static final int WARN_AFTER_CHECKS = 2;

    private final ShmQueue queue;
    private final Handle handle;
    private final Segment segment;
    private final LogEnd end;
    private final LogRecord log; // of a domain; else null
    private final Hold hold = new Hold();
    private final ShmClaim claim;
    private final ShmBatch batch;
    private final Section section;
    private final Acknowledgements acknowledgements;
    private final BooleanSupplier isClosed;
    private final boolean exclusive;
    private final boolean timestamps;
    private final long timeoutNanos;
    private final int maxMessageLength;

    /** For an exclusive one the lock is taken already. */
    ShmPublisher(ShmQueue queue, PublisherOptions options) {
        this.queue = queue;
        this.handle = queue.handle();
        this.segment = handle.segment;
        this.end = handle.end;
        this.log = segment.creation.isDomain() ? new LogRecord(end) : null;
        this.claim = new ShmClaim(this, hold);
        this.batch = new ShmBatch(this, hold, end);
        this.section = new Section(
                handle, queue.room(), hold, options, () -> PublisherWatch.heldByThisThread(segment.queueId));
        this.acknowledgements = new Acknowledgements(handle, queue.subscriptions());
        this.isClosed = section::isClosed;
        this.exclusive = options.exclusive();
        this.timestamps = options.timestamps();
        this.timeoutNanos = Deadlines.nanos(options.timeout());
        this.maxMessageLength = (int) (segment.creation.maxCapacity() / 4);
    }

    // Publish

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        return send(body, properties, timeoutNanos, true);
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        return send(body, properties, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")), false);
    }

    private long send(ByteBuffer body, MessageProperties properties, long nanos, boolean throwIfFull) {
        int from = Objects.requireNonNull(body, "body").position();
        int length = body.remaining();
        byte[] encoded = properties == MessageProperties.empty() ? NO_PROPERTIES : encode(properties);
        requireFits((long) length + encoded.length);
        long timestamp = timestamps ? System.currentTimeMillis() : 0;
        if (!enter(LogEnd.need(length, encoded.length, timestamps), nanos, throwIfFull, false)) return REJECTED;
        Thread current = Thread.currentThread();
        long position = end.next();
        try {
            end.append(body, from, length, encoded, timestamp);
            section.requireReal();
            section.leaveAfterPublish();
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            section.rescue(failure, position); // returns if it was committed all the same
        }
        body.position(from + length);
        section.ring();
        return position;
    }

    private static byte[] encode(MessageProperties properties) {
        return Objects.requireNonNull(properties, "properties").encode();
    }

    private void requireFits(long length) {
        if (length > maxMessageLength) throw Errors.tooLarge(length, maxMessageLength, segment.creation.maxCapacity());
    }

    /** Inside, with room for {@code need} bytes. False: not in time, unless that is to be thrown. */
    private boolean enter(long need, long nanos, boolean throwIfFull, boolean toHold) {
        try {
            return section.enterAtOnce(need, toHold) || enterInTime(need, null, nanos, throwIfFull, toHold);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** {@code reserve}: of a log's record; else null. */
    private boolean enterInTime(long need, Reserve reserve, long nanos, boolean throwIfFull, boolean toHold) {
        Waits.Waiter wait = queue.waits().waiter(nanos, isClosed);
        boolean entered = false;
        try {
            entered = reserve == null ? section.enter(need, toHold, wait) : section.enter(need, reserve, toHold, wait);
            if (!entered) refuse(wait, throwIfFull);
            return entered;
        } finally {
            if (!entered) outside(wait);
        }
    }

    /** A log that blocks must not stop every process: so nothing is told inside. */
    private void outside(Waits.Waiter wait) {
        wait.over();
        handle.tell();
    }

    /** Nothing was published; why not? */
    private void refuse(Waits.Waiter wait, boolean throwIfFull) {
        refuseIfClosed();
        if (wait.mayBlock()
                && wait.remainingNanos() > 0
                && Thread.currentThread().isInterrupted())
            throw Errors.interrupted("space in '" + handle.queueUri() + "'");
        if (!throwIfFull) return;
        int owner = handle.publishLock.ownerHandle(segment.handles);
        if (!wait.hadTheLock() && owner >= 0)
            throw Errors.heldByPublisher(handle.queueUri(), segment.handles.pid(owner), wait.waitedNanos());
        throw queue.room().full(wait.waitedNanos());
    }

    // For a log

    /** As a publish, of a log's record; it wakes subscribers only if it rings. Leaves the buffer if it is rejected. */
    long append(ByteBuffer record, Reserve reserve, int bells, long nanos) {
        int from = record.position();
        int length = record.remaining();
        requireFits(length);
        if (!enter(LogRecord.need(length), reserve, nanos, false)) return REJECTED;
        Thread current = Thread.currentThread();
        long position = end.next();
        try {
            log.append(record, from, length, bells);
            section.requireReal();
            section.leaveAfterPublish();
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            section.rescue(failure, position);
        }
        record.position(from + length);
        if (bells != 0) section.ring();
        else section.tell();
        return position;
    }

    /** Null if the time has passed. */
    Claim claim(int length, Reserve reserve, long nanos) {
        if (length < 0) Checks.length(length, maxMessageLength);
        requireFits(length);
        if (!enter(LogRecord.need(length), reserve, nanos, true)) return null;
        Thread current = Thread.currentThread();
        try {
            return claim.open(end.reservedBytes(), log.reserved(), length);
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            handle.unfinishedBy = current;
            section.rescue(failure, Section.NOTHING);
            throw failure;
        }
    }

    private boolean enter(long need, Reserve reserve, long nanos, boolean toHold) {
        try {
            return section.enterAtOnce(need, reserve, toHold)
                    || nanos < Log.OTHERS.toNanos() && enterAfterOthers(need, reserve, toHold)
                    || nanos > 0 && enterInTime(need, reserve, nanos, false, toHold);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** Waits for the locks, which others hold for microseconds, but not for room: so "no" says that there is none. */
    private boolean enterAfterOthers(long need, Reserve reserve, boolean toHold) {
        Waits.Waiter wait = queue.waits().waiterForLocks(Log.OTHERS.toNanos(), isClosed);
        boolean entered = false;
        try {
            entered = section.enter(need, reserve, toHold, wait);
            if (!entered) refuseIfClosed();
            return entered;
        } finally {
            if (!entered) outside(wait);
        }
    }

    // Claim

    @Override
    public Claim claim(int length) {
        if (length < 0) Checks.length(length, maxMessageLength);
        requireFits(length);
        enter(LogEnd.need(length, 0, timestamps), timeoutNanos, true, true);
        Thread current = Thread.currentThread();
        try {
            return claim.open(end.reservedBytes(), end.reserved(timestamps), length);
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            handle.unfinishedBy = current;
            section.rescue(failure, Section.NOTHING);
            throw failure;
        }
    }

    @Override
    public long commitClaim(int length) {
        refuseIfClosedUnderIt();
        Thread current = Thread.currentThread();
        long position = end.next();
        hold.end(); // before the lock is free
        try {
            if (log != null) log.commitReserved(length);
            else end.commitReserved(length, timestamps ? System.currentTimeMillis() : 0);
            section.requireReal();
            section.leave();
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            section.rescue(failure, position);
        }
        if (log == null) section.ring();
        else section.tell();
        return position;
    }

    private void refuseIfClosedUnderIt() {
        if (!section.isClosed()) return;
        giveUp();
        throw section.closed();
    }

    // Batch

    @Override
    public Batch batch(int bytes) {
        return begin(bytes, timeoutNanos, true);
    }

    @Override
    public Batch tryBatch(int bytes, Duration timeout) {
        return begin(bytes, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")), false);
    }

    private Batch begin(int bytes, long nanos, boolean throwIfFull) {
        if (bytes < 0) throw new IllegalArgumentException("bytes must be >= 0, was " + bytes);
        if (bytes > maxMessageLength)
            throw Errors.batchTooLarge(bytes, maxMessageLength, segment.creation.maxCapacity());
        if (!enter(RecordHeader.align(bytes), nanos, throwIfFull, true)) return null;
        Thread current = Thread.currentThread();
        try {
            return batch.open(bytes, timestamps ? System.currentTimeMillis() : 0);
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            handle.unfinishedBy = current;
            section.rescue(failure, Section.NOTHING);
            throw failure;
        }
    }

    @Override
    public int sizeInBatch(int length, MessageProperties properties) {
        int encoded = Objects.requireNonNull(properties, "properties").encodedLength();
        return (int) LogEnd.need(Checks.length(length, maxMessageLength), encoded, timestamps);
    }

    @Override
    public long commitBatch(LogBatch log) {
        refuseIfClosedUnderIt();
        Thread current = Thread.currentThread();
        long position = end.next() - 1 + log.count(); // of the last one: all are committed, or none
        hold.end(); // before the lock is free
        try {
            if (log.count() > 0) log.commit();
            section.requireReal();
            section.leave();
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            section.rescue(failure, position);
        }
        section.ring();
        return position;
    }

    // Claims and batches

    /**
     * This thread's claim or batch. The word at the end of the log is still empty: there is nothing
     * to undo. One that the publisher's close has given up already holds no lock: the lock may be
     * another publisher's by now.
     */
    @Override
    public void giveUp() {
        if (!hold.isMine()) return;
        Thread current = Thread.currentThread();
        hold.end();
        try {
            section.leave();
        } catch (Throwable failure) {
            handle.unfinishedBy = current;
            throw failure;
        }
    }

    /** With its memory, which was told late: the claim or batch may still be open, and the lock ours. */
    @Override
    public RuntimeException isGone(InternalError late) {
        RuntimeException gone =
                handle.translate(late); // throws an error that is not of our memory: it stays open, then
        if (hold.isMine()) hold.end();
        return gone;
    }

    @Override
    public RuntimeException notMine(String kind) {
        Thread holder = hold.holder();
        if (holder != Thread.currentThread())
            return new IllegalStateException("This " + kind + " on '" + queueUri() + "' belongs to thread '"
                    + holder.getName() + "': only it may fill and commit it");
        refuseIfClosed();
        return new IllegalStateException(
                "This " + kind + " on '" + queueUri() + "' was committed or closed: " + kind + " again");
    }

    /** For {@link PublisherWatch}, twice a second. */
    void watch() {
        if (section.isShut() && !hold.isOpen()) {
            queue.forgetClosed(this);
            return;
        }
        Hold.Held held = hold.heldSinceLastCheck();
        if (held != null && held.isLost()) giveUp(held);
        if (held != null && held.checks() == WARN_AFTER_CHECKS && !held.isLost())
            LOG.warn(
                    "{}: thread '{}' holds a {} for a second: all other publishers wait for it",
                    segment.queue,
                    held.by().getName(),
                    hold.kind());
    }

    private void giveUp(Hold.Held lost) {
        if (!hold.end(lost)) return;
        section.leave(); // before it is logged: no publisher waits for a logger
        LOG.warn(
                "{}: gave up a {} of thread '{}', which has ended",
                segment.queue,
                hold.kind(),
                lost.by().getName());
    }

    /** The claim or batch that this thread has open here, or null. */
    Hold heldByThisThread() {
        return hold.isMine() ? hold : null;
    }

    // The rest

    void refuseIfClosed() {
        if (section.isClosed()) throw section.closed();
    }

    @Override
    public String queueUri() {
        return handle.queueUri();
    }

    @Override
    public int maxMessageLength() {
        return maxMessageLength;
    }

    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        Checks.awaitAcknowledged(position, minSubscribers);
        long nanos = Deadlines.nanos(Objects.requireNonNull(timeout, "timeout"));
        refuseIfClosed();
        try {
            Wait.Ended ended = acknowledgements.await(position, minSubscribers, new Wait(nanos, isClosed));
            handle.check();
            return switch (ended) {
                case DONE -> true;
                case TIMED_OUT, CLOSED -> false;
                case INTERRUPTED -> throw Errors.interrupted("acknowledgement in '" + handle.queueUri() + "'");
            };
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw handle.translate(failure);
        }
    }

    /** As {@link Section#awaitEmpty} says, with a claim of this thread given up before. */
    @Override
    public void close() {
        if (!queue.forget(this)) return;
        section.shut();
        giveUp();
        if (section.awaitEmpty(() -> queue.isHeldElsewhere(this))) queue.lowerPublisherFlags();
        if (!hold.isOpen())
            queue.forgetClosed(this); // until then it is watched, so that the claim ends with its thread
        if (!handle.hasLeft()) handle.abandonIfUnfinished(); // the watch does not come by any more
    }

    boolean isHeld() {
        return hold.isOpen();
    }

    @Override
    public String toString() {
        return (exclusive ? "Exclusive publisher" : "Publisher") + " of 'shm:" + segment.queue + "'"
                + (section.isShut() ? ", closed" : "");
    }
}
