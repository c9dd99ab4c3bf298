package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message's way down: take the lock, append (one store commits), give the lock back, wake whoever sleeps. One that is alone on its queue is favoured by the
 * lock, see {@link PublishLock}; an exclusive one holds it for life and skips both lock steps. What a death after each step leaves behind is told in {@code docs/protocol.md}.
 */
final class ShmPublisher implements Publisher {
    private static final Logger LOG = LoggerFactory.getLogger(ShmPublisher.class);
    private static final byte[] NO_PROPERTIES = {};
    private static final int WARN_AFTER_CHECKS = 2;

    private final ShmQueue queue;
    private final Handle handle;
    private final Segment segment;
    private final LogEnd writer;
    private final Room room;
    private final Acknowledgements acknowledgements;
    private final boolean exclusive;
    private final boolean timestamps;
    private final long timeoutNanos;
    private final int maxMessageLength;
    private final ShmClaim claim;
    private final Section section;
    private final BooleanSupplier isClosed;
    private boolean tellAfterClaim;

    /** For an exclusive one the lock is taken already. */
    ShmPublisher(ShmQueue queue, PublisherOptions options) {
        this.queue = queue;
        this.handle = queue.handle();
        this.segment = handle.segment;
        this.writer = new LogEnd(segment.header, segment.writable, options.exclusive());
        this.room = new Room(handle, queue.subscriptions(), queue.grower(), writer, options.spin());
        this.acknowledgements = new Acknowledgements(handle, queue.subscriptions());
        this.claim = new ShmClaim(this);
        this.section = new Section(handle, writer, claim, options.exclusive());
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
        try {
            return sent(body, properties, nanos, throwIfFull);
        } catch (InternalError late) { // of memory that is gone, told on the way out: the lock may still be ours
            throw handle.translate(late);
        }
    }

    private long sent(ByteBuffer body, MessageProperties properties, long nanos, boolean throwIfFull) {
        int from = Objects.requireNonNull(body, "body").position();
        int length = body.remaining();
        byte[] encoded = properties == MessageProperties.empty() ? NO_PROPERTIES : encode(properties);
        requireFits((long) length + encoded.length);
        long timestamp = timestamps ? System.currentTimeMillis() : 0;
        Waits.Waiter wait = null;
        boolean held = false;
        long position = LogEnd.NO_ROOM;
        try {
            if (!(held = section.tryEnter(false))) {
                wait = queue.waits().waiter(nanos, isClosed);
                if (!(held = section.enter(wait, false))) return refused(wait, throwIfFull, true);
            }
            while ((position = writer.append(body, from, length, encoded, timestamp)) == LogEnd.NO_ROOM) {
                long need = LogEnd.need(length, encoded.length, timestamps);
                if (room.makeAtOnce(need)) continue;
                if (wait == null) wait = queue.waits().waiter(nanos, isClosed);
                held = false; // makeRoom gives the lock back unless it returns true
                held = section.makeRoom(room, need, wait, false);
                if (!held) return refused(wait, throwIfFull, false);
            }
            section.requireReal();
            writer.settled();
        } catch (Throwable failure) {
            boolean inTheMiddle = held;
            held = false; // unless it can be mended
            held = inTheMiddle && section.isWholeAfter(failure);
            position = held ? section.committed() : LogEnd.NO_ROOM;
            if (position == LogEnd.NO_ROOM) throw handle.translate(failure);
        } finally {
            try {
                if (held) section.leave(position != LogEnd.NO_ROOM);
            } finally {
                if (wait != null) wait.over();
            }
        }
        body.position(from + length);
        section.ring(wait != null);
        return position;
    }

    private static byte[] encode(MessageProperties properties) {
        return Objects.requireNonNull(properties, "properties").encode();
    }

    private void requireFits(long length) {
        if (length > maxMessageLength) throw Errors.tooLarge(length, maxMessageLength, segment.creation.maxCapacity());
    }

    /** Nothing was published; why not? */
    private long refused(Wait wait, boolean throwIfFull, boolean byLock) {
        refuseIfClosed();
        if (wait.mayBlock()
                && wait.remainingNanos() > 0
                && Thread.currentThread().isInterrupted())
            throw Errors.interrupted("space in '" + handle.queueUri() + "'");
        if (!throwIfFull) return REJECTED;
        int owner = handle.publishLock.ownerHandle(segment.handles);
        if (byLock && owner >= 0)
            throw Errors.heldByPublisher(handle.queueUri(), segment.handles.pid(owner), wait.waitedNanos());
        throw room.full(wait.waitedNanos());
    }

    // Claim

    @Override
    public Claim claim(int length) {
        if (length < 0) Checks.length(length, maxMessageLength);
        requireFits(length);
        Waits.Waiter wait = null;
        boolean held = false;
        try {
            if (!(held = section.tryEnter(true))) {
                wait = queue.waits().waiter(timeoutNanos, isClosed);
                if (!(held = section.enter(wait, true))) refused(wait, true, true);
            }
            while (!writer.reserve(length, timestamps)) {
                long need = LogEnd.need(length, 0, timestamps);
                if (room.makeAtOnce(need)) continue;
                if (wait == null) wait = queue.waits().waiter(timeoutNanos, isClosed);
                held = false;
                held = section.makeRoom(room, need, wait, true);
                if (!held) refused(wait, true, false);
            }
            Claim open = claim.open(writer.reservedBytes(), writer.reservedIndex(timestamps), length);
            held = false; // the claim's from here on
            tellAfterClaim = wait != null;
            return open;
        } catch (Throwable failure) { // nothing of ours is in the ring yet
            throw handle.translate(failure);
        } finally {
            try {
                if (held) section.leave();
            } finally {
                if (wait != null) wait.over();
            }
        }
    }

    /** The open claim, of this thread. */
    long commitClaim(int length) {
        if (section.isClosed()) {
            giveUpClaim();
            throw section.closed();
        }
        boolean whole = true;
        long position;
        try {
            position = writer.commitReserved(length, timestamps ? System.currentTimeMillis() : 0);
            section.requireReal();
            writer.settled();
        } catch (Throwable failure) {
            whole = false;
            whole = section.isWholeAfter(failure);
            position = whole ? section.committed() : LogEnd.NO_ROOM;
            if (position == LogEnd.NO_ROOM) throw handle.translate(failure);
        } finally {
            claim.end();
            if (whole) section.leave();
        }
        section.ring(tellAfterClaim);
        return position;
    }

    /** This thread's. The word at the tail is still empty: there is nothing to undo. One that the publisher's close has given up already holds no lock: it may be somebody else's by now. */
    void giveUpClaim() {
        if (!claim.isMine()) return;
        claim.end();
        section.leave();
    }

    /** With its memory, which was told late: the claim may still be open, and the lock ours. */
    RuntimeException claimIsGone(InternalError late) {
        if (claim.isMine()) claim.end();
        return handle.translate(late);
    }

    /** For {@link PublisherWatch}, twice a second. */
    void watch() {
        if (!handle.hasLeft()) handle.abandonIfLeftInTheMiddle();
        boolean hasEnded = section.isShut() && !claim.isOpen();
        if (hasEnded || handle.hasLeft()) { // a handle that has left has no lock any more
            forget();
            return;
        }
        queue.waits().say();
        ShmClaim.Held held = claim.heldSinceLastCheck();
        if (held != null && held.isLost()) giveUp(held);
        if (held != null && held.checks() == WARN_AFTER_CHECKS && !held.isLost())
            LOG.warn(
                    "{}: thread '{}' holds a claim for a second: all other publishers wait for it",
                    segment.queue,
                    held.by().getName());
        handle.lookForName();
    }

    private void giveUp(ShmClaim.Held lost) {
        if (!claim.end(lost)) return;
        section.leave(); // before it is logged: nobody waits for a log
        LOG.warn(
                "{}: gave up a claim of thread '{}', which has ended",
                segment.queue,
                lost.by().getName());
    }

    /** Has this thread an open claim here? A handle that has left, or is poisoned, holds no lock any more. */
    boolean isClaimHeldByThisThread(UUID queueId) {
        return segment.queueId.equals(queueId) && !handle.hasLeft() && !segment.isCovered() && claim.isMine();
    }

    // The rest

    void refuseIfClosed() {
        if (section.isClosed()) throw section.closed();
    }

    String queueUri() {
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
        giveUpClaim();
        if (section.awaitEmpty(() -> queue.hasClaimElsewhere(this))) queue.lowerPublisherFlags();
        if (!claim.isOpen()) forget();
        if (!handle.hasLeft()) handle.abandonIfLeftInTheMiddle(); // the watch does not come by any more
    }

    /** Closed, and no claim is open: until then queue and watch keep it, so that the claim ends with its thread. */
    private void forget() {
        queue.forgetClosed(this);
        PublisherWatch.forget(this);
    }

    boolean hasOpenClaim() {
        return claim.isOpen();
    }

    @Override
    public String toString() {
        return (exclusive ? "Exclusive publisher" : "Publisher") + " of 'shm:" + segment.queue + "'"
                + (section.isShut() ? ", closed" : "");
    }
}
