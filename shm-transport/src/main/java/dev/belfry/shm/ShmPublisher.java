package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.RingWriter;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Handshake;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long SAY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ShmQueue queue;
    private final Handle handle;
    private final Segment segment;
    private final PublishLock lock;
    private final RingWriter writer;
    private final Handshake sleeping;
    private final Room room;
    private final Acknowledgements acknowledgements;
    private final boolean exclusive;
    private final boolean timestamps;
    private final long timeoutNanos;
    private final int maxMessageLength;
    private final BooleanSupplier isClosed = this::isClosed;
    private volatile boolean closed;

    // Exclusive: is somebody inside, and who was it last; as well as plain fields can tell. A reference is not stored
    // for each message: collectors have it cost a fence.
    private boolean inside;
    private Thread user;

    private final ClaimInHand claim;
    private boolean tellAfterClaim;

    /** For an exclusive one the lock is taken already. */
    ShmPublisher(ShmQueue queue, PublisherOptions options) {
        this.queue = queue;
        this.handle = queue.handle();
        this.segment = handle.segment;
        this.lock = handle.publishLock;
        this.writer = new RingWriter(segment.header, segment.writable, options.exclusive());
        this.sleeping = handle.sleepers.handshake();
        this.room = new Room(handle, queue.subscriptions(), queue.grower(), writer, options.spin());
        this.acknowledgements = new Acknowledgements(handle, queue.subscriptions());
        this.claim = new ClaimInHand(this, options.exclusive() ? null : queue.claimants());
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
        long position = RingWriter.NO_ROOM;
        try {
            if (!(held = enterAtOnce(false))) {
                wait = handle.waits.waiter(nanos, isClosed);
                if (!(held = enter(wait, false))) return refused(wait, throwIfFull, true);
            }
            while ((position = writer.append(body, from, length, encoded, timestamp)) == RingWriter.NO_ROOM) {
                long need = RingWriter.need(length, encoded.length, timestamps);
                if (room.makeAtOnce(need)) continue;
                if (wait == null) wait = handle.waits.waiter(nanos, isClosed);
                held = false; // makeRoom gives the lock back unless it returns true
                held = makeRoom(need, wait, false);
                if (!held) return refused(wait, throwIfFull, false);
            }
            requireReal();
            writer.settled();
        } catch (Throwable failure) {
            boolean inTheMiddle = held;
            held = false; // unless it can be mended
            held = inTheMiddle && isWholeAfter(failure);
            position = held ? committed() : RingWriter.NO_ROOM;
            if (position == RingWriter.NO_ROOM) throw handle.translate(failure);
        } finally {
            try {
                if (held) leave(position != RingWriter.NO_ROOM);
            } finally {
                if (wait != null) wait.over();
            }
        }
        body.position(from + length);
        afterCommit(wait != null);
        return position;
    }

    /** Where covered memory says so, nobody else was told. */
    private long committed() {
        return segment.isCovered() ? RingWriter.NO_ROOM : writer.committed();
    }

    private static byte[] encode(MessageProperties properties) {
        return Objects.requireNonNull(properties, "properties").encode();
    }

    private void requireFits(long length) {
        if (length > maxMessageLength) throw Errors.tooLarge(length, maxMessageLength, segment.creation.maxCapacity());
    }

    /** Inside: a closer that waited in vain for us has covered the memory, before or after our commit. Not covered: it is out. */
    private void requireReal() {
        if (segment.isCovered())
            throw Errors.corrupted(
                    segment.queue,
                    "it was closed or found damaged in the middle of a publish, which may or may not have happened",
                    null);
    }

    /** It is published: whatever fails from here on is not thrown, or its publisher would do so again. Who sleeps looks by itself within a slice. */
    private void afterCommit(boolean hasWaited) {
        try {
            if ((exclusive || !lock.hasFenced() ? sleeping.look() : sleeping.lookFenced()) != 0) wakeThem();
            if (hasWaited) handle.tell();
        } catch (Throwable late) {
            if (late instanceof InternalError && segment.isTruncated()) throw handle.translate(late); // into nothing
            say(late);
        }
    }

    /** If there is stack and memory enough. */
    private void say(Throwable late) {
        try {
            LOG.warn("{}: published, but could not wake subscribers", segment.queue, late);
        } catch (Throwable unsaid) {
            late.addSuppressed(unsaid);
        }
    }

    private void wakeThem() {
        handle.wakeSleepers();
        if (!exclusive) lock.forgoBias();
    }

    // The lock. Whom it favours publishes by a way of its own; a claim, which others may have to end, holds the word.

    /** One compare-and-set at most; false: not free at once. */
    private boolean enterAtOnce(boolean toHold) {
        if (exclusive) {
            enterExclusive();
            return true;
        }
        if (!(!toHold && lock.enter()) && !lock.tryAcquire()) return false;
        refuseIfClosed();
        return true;
    }

    private void enterExclusive() {
        Thread current = Thread.currentThread();
        if (inside) throw inUse(current);
        if (user != current) user = current;
        inside = true;
        // Inside before the look at closed; the closer's membarrier does it for the processor.
        SharedBytes.compilerFence();
        refuseIfClosed();
    }

    private RuntimeException inUse(Thread current) {
        if (user == current && claim.isOpen()) return Errors.nestedClaim(handle.queueUri());
        return new ConcurrentModificationException("Exclusive publisher of '" + handle.queueUri()
                + "' is in use by thread '" + user.getName() + "': one thread at a time");
    }

    /** Inside: the closer sets closed and then looks whether we are. */
    private void refuseIfClosed() {
        if (!closed && !segment.isCovered()) return;
        leave();
        throw closed();
    }

    private RuntimeException closed() {
        handle.check();
        return Errors.closed("Publisher of '" + handle.queueUri() + "'");
    }

    private boolean enter(Waits.Waiter wait, boolean toHold) {
        if (!toHold && lock.enter()) {
            refuseIfClosed();
            return true;
        }
        if (claim.isHeldSomewhereByThisThread()) throw Errors.nestedClaim(handle.queueUri());
        Object span = Events.record().waitingForLock();
        FutexLock.Outcome outcome = lock.acquire(wait);
        if (span != null) Events.record().waitedForLock(span, segment.queue);
        switch (outcome) {
            case ACQUIRED -> {}
            case ACQUIRED_FROM_DEAD_OWNER -> handle.repairRingOrAbandon();
            case TIMED_OUT, CLOSED, INTERRUPTED -> {
                return false;
            }
        }
        wait.hasTheLock();
        refuseIfClosed();
        return true;
    }

    private void leave() {
        leave(false);
    }

    private void leave(boolean published) {
        if (exclusive) {
            // The ring's words are stored before the closer, who then frees the lock, can see us gone.
            SharedBytes.compilerFence();
            inside = false;
            return;
        }
        try {
            if (published) lock.releaseAfterPublish();
            else lock.release();
        } catch (Throwable failure) { // the lock may still be ours, and we are alive: nobody could ever take it
            handle.abandonLater();
            throw handle.translate(failure);
        }
    }

    /** True: there is room now, and the lock is held. False: the time is over, or it was closed or interrupted; the lock is not held. */
    private boolean makeRoom(long need, Waits.Waiter wait, boolean toHold) {
        boolean held = true;
        boolean made = false;
        boolean said = false;
        boolean waited = false;
        Object span = null;
        try {
            while (true) {
                Room.Made outcome = room.make(need, wait);
                if (outcome == Room.Made.ROOM) return made = true;
                if (!exclusive) {
                    held = false;
                    leave();
                }
                if (outcome == Room.Made.BLOCKED) {
                    if (!waited && wait.mayBlock()) span = Events.record().waitingForRoom();
                    if (wait.waitedNanos() >= Waits.SHOWN_AFTER_NANOS) wait.goesOnForRoom(room.blocker());
                    room.await(need, wait, waited);
                    waited = true;
                }
                if (wait.state() != Wait.Ended.DONE) return false;
                if (!said && wait.waitedNanos() > SAY_AFTER_NANOS) {
                    said = true; // who waits for ever would never say for whom
                    LOG.warn(room.full(wait.waitedNanos()).getMessage());
                }
                if (!exclusive && !(held = enter(wait, toHold))) return false;
                if (writer.hasRoom(need)) return made = true;
            }
        } catch (Throwable failure) { // a grower that fails in the middle leaves what a dead one leaves
            boolean inTheMiddle = held;
            held = false;
            held = inTheMiddle && isWholeAfter(failure);
            throw failure;
        } finally {
            if (held && !made) leave();
            if (span != null) Events.record().waitedForRoom(span, segment.queue, need);
            if (!made) handle.tell();
        }
    }

    /** Nothing was published; why not? */
    private long refused(Wait wait, boolean throwIfFull, boolean byLock) {
        if (closed || segment.isCovered()) throw closed();
        if (wait.mayBlock()
                && wait.remainingNanos() > 0
                && Thread.currentThread().isInterrupted())
            throw Errors.interrupted("space in '" + handle.queueUri() + "'");
        if (!throwIfFull) return REJECTED;
        int owner = lock.ownerHandle(segment.handles);
        if (byLock && owner >= 0)
            throw Errors.heldByPublisher(handle.queueUri(), segment.handles.pid(owner), wait.waitedNanos());
        throw room.full(wait.waitedNanos());
    }

    /**
     * After an error in the middle, of a process that lives, with the lock held: the ring is made whole as after a death, and what was committed counts. If
     * that fails the lock stays taken and the handle is poisoned, so that others find a dead owner; false then.
     */
    private boolean isWholeAfter(Throwable failure) {
        try {
            return finished(failure);
        } catch (Throwable again) {
            handle.abandonLater();
            throw again;
        }
    }

    private boolean finished(Throwable failure) {
        writer.forget();
        if (failure instanceof PosixException) return true; // the ring's stores make no calls: none of them was begun
        if (failure instanceof CorruptSegmentException
                || failure instanceof InternalError && segment.isTruncated()
                || segment.isCovered()) {
            handle.translate(failure); // poisons the handle: its memory is covered, and the lock goes nowhere
            return true;
        }
        try {
            handle.finishOrForget();
            return true;
        } catch (Throwable again) {
            failure.addSuppressed(again);
            handle.abandon("an error in the middle of a publish could not be mended", failure);
            return false;
        }
    }

    // Claim

    @Override
    public Claim claim(int length) {
        if (length < 0) Checks.length(length, maxMessageLength);
        requireFits(length);
        Waits.Waiter wait = null;
        boolean held = false;
        try {
            if (!(held = enterAtOnce(true))) {
                wait = handle.waits.waiter(timeoutNanos, isClosed);
                if (!(held = enter(wait, true))) refused(wait, true, true);
            }
            while (!writer.reserve(length, timestamps)) {
                long need = RingWriter.need(length, 0, timestamps);
                if (room.makeAtOnce(need)) continue;
                if (wait == null) wait = handle.waits.waiter(timeoutNanos, isClosed);
                held = false;
                held = makeRoom(need, wait, true);
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
                if (held) leave();
            } finally {
                if (wait != null) wait.over();
            }
        }
    }

    /** The claim in hand, closed already. */
    long commitClaim(int length) {
        if (closed || segment.isCovered()) {
            giveUpClaim();
            throw closed();
        }
        boolean whole = true;
        long position;
        try {
            position = writer.commitReserved(length, timestamps ? System.currentTimeMillis() : 0);
            requireReal();
            writer.settled();
        } catch (Throwable failure) {
            whole = false;
            whole = isWholeAfter(failure);
            position = whole ? committed() : RingWriter.NO_ROOM;
            if (position == RingWriter.NO_ROOM) throw handle.translate(failure);
        } finally {
            claim.end();
            if (whole) leave();
        }
        afterCommit(tellAfterClaim);
        return position;
    }

    /** This thread's. The word at the tail is still empty: there is nothing to undo. One that the publisher's close has given up already holds no lock: it may be somebody else's by now. */
    void giveUpClaim() {
        if (claim.endIfMine()) leave();
    }

    /** With its memory, which was told late: the claim may still be open, and the lock ours. */
    RuntimeException claimIsGone(InternalError late) {
        claim.endIfMine();
        return handle.translate(late);
    }

    /** For {@link PublisherWatch}, twice a second; false: nothing to watch here any more. */
    boolean watch() {
        handle.abandonIfLeftInTheMiddle();
        handle.waits.say();
        String lost = claim.lostAfterALook(segment.queue);
        if (lost != null) {
            leave(); // before it is said: nobody waits for a log
            LOG.warn("{}: gave up {}", segment.queue, lost);
        }
        handle.lookForName();
        return claim.isOpen() || !closed;
    }

    // The rest

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
        if (isClosed()) throw closed();
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

    private boolean isClosed() {
        return closed || segment.isCovered();
    }

    /**
     * Waits up to 5 s for a thread that is inside, a claim too, then leaves the lock to that one: it stays taken until the queue's handle closes, when
     * others find its owner dead. Never covers memory: subscribers of the handle use it.
     */
    @Override
    public void close() {
        if (!queue.forget(this)) return;
        closed = true;
        giveUpClaim();
        // Closed before the look who is inside; who enters takes the lock before it looks at closed.
        segment.header.bytes().fullFence();
        handle.room.wake();
        boolean idle = exclusive ? awaitUserGone() : awaitLockGone();
        if (exclusive && idle) lock.release();
        if (idle || !exclusive) queue.lowerPublisherFlags();
    }

    /** Whoever enters from now on sees closed. A claim that another publisher of this handle holds is not waited for. */
    private boolean awaitLockGone() {
        long end = System.nanoTime() + CLOSE_NANOS;
        while (lock.isHeldByThisHandle()
                && !segment.isCovered()
                && (claim.isOpen() || !queue.hasClaimElsewhere(this))) {
            if (lock.tryAcquire()) {
                lock.release();
                return true;
            }
            lock.endOwnBias();
            if (System.nanoTime() - end >= 0) return false;
            LockSupport.parkNanos(100_000);
        }
        return true;
    }

    /** The fast path has no fence between "inside" and its look at closed: the kernel makes every thread pass one for us. */
    private boolean awaitUserGone() {
        Membarrier membarrier = segment.machine.membarrier();
        if (!membarrier.isRegistered() || !membarrier.everywhere()) Membarrier.outlastStoreBuffers();
        long end = System.nanoTime() + CLOSE_NANOS;
        while (isSomebodyElseInside()) {
            if (System.nanoTime() - end >= 0) return false;
            LockSupport.parkNanos(100_000);
        }
        return true;
    }

    private boolean isSomebodyElseInside() {
        SharedBytes.loadFence();
        return inside && user != Thread.currentThread();
    }

    boolean hasOpenClaim() {
        return claim.isOpen();
    }

    @Override
    public String toString() {
        return (exclusive ? "Exclusive publisher" : "Publisher") + " of 'shm:" + segment.queue + "'"
                + (closed ? ", closed" : "");
    }
}
