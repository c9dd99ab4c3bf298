package dev.belfry.shm.segment;

import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.ring.Gate;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.ring.RingRepair;
import dev.belfry.shm.sync.EventCount;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Sleepers;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import dev.belfry.spi.ProgramName;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open handle on a queue: the segment, the lock byte by which all other processes know that it lives, the locks,
 * and both ways to wait. The publishers and subscribers of one open queue share it.
 *
 * <p>A segment that cannot be right, or was cut short, poisons the handle: all its memory is covered and its byte
 * dropped, so that others take over what it held. Every later call says why.
 */
public final class Handle {
    private static final Logger LOG = LoggerFactory.getLogger(Handle.class);
    private static final AtomicReferenceFieldUpdater<Handle, Thread> UNFINISHED =
            AtomicReferenceFieldUpdater.newUpdater(Handle.class, Thread.class, "repairOwedBy");

    public final Segment segment;
    public final AdminLock admin;
    public final int index;
    public final long incarnation;
    public final Liveness liveness;
    public final PublishLock publishLock;
    public final FutexLock gateLock;
    public final Sleepers sleepers;
    public final EventCount changes;
    public final SlotSemaphores semaphores;
    public final Gate gate;
    public final LogEnd end;
    private final RingRepair repair;
    private final ByteRangeLock token;
    private final SharedMemory tokenObject;
    private final SharedMemory probeObject;
    private final IntSupplier highMark;

    /** It leaves, or has left. */
    volatile boolean left;

    private final AtomicBoolean nameIsMissed = new AtomicBoolean();
    private final AtomicInteger mended = new AtomicInteger();
    private Thread unfinishedAtLastCheck; // the watch's
    private int mendedAtLastCheck; // the watch's
    private volatile boolean diskFailed; // before poison
    private volatile String poison;

    /**
     * A thread that met an error while it held the publish lock, until what it left is mended. The
     * {@code catch} itself stores it, which needs neither stack nor memory.
     */
    public volatile Thread repairOwedBy;

    /** {@code index}'s byte was won and {@code incarnation} stored. Owns all that it is given. */
    Handle(
            Segment segment,
            SharedMemory probeObject,
            SharedMemory tokenObject,
            ByteRangeLock token,
            AdminLock admin,
            int index,
            long incarnation) {
        this.segment = segment;
        this.probeObject = probeObject;
        this.tokenObject = tokenObject;
        this.token = token;
        this.admin = admin;
        this.index = index;
        this.incarnation = incarnation;
        SharedBytes header = segment.header.bytes();
        Futex futex = new Futex(segment.machine.libC());
        this.liveness = new Liveness(new ByteRangeLock(probeObject), segment.handles);
        this.publishLock = new PublishLock(
                header,
                futex,
                liveness,
                segment.machine.membarrier(),
                segment.handles,
                index,
                incarnation,
                segment.machine.patience());
        this.gateLock = new FutexLock(header, SegmentHeader.GATE_LOCK, futex, liveness, index, incarnation);
        this.sleepers = new Sleepers(header, segment.machine.membarrier());
        this.changes = new EventCount(header, futex, segment.machine.membarrier());
        this.semaphores = new SlotSemaphores(segment);
        this.gate = new Gate(segment.header, segment.writable, segment.floor, segment.journal);
        this.repair = new RingRepair(segment.header, segment.writable);
        this.end = new LogEnd(segment.header, segment.writable, segment.journal);
        this.highMark = () -> segment.header.highMarkAcquire(segment.slots.count());
    }

    public String queueUri() {
        return segment.uri;
    }

    /**
     * After the publish lock was taken over from a dead owner: makes the ring whole, and wakes the
     * sleepers that it did not wake.
     */
    void repairRing() {
        end.forget();
        RingRepair.Outcome outcome = repair.run();
        segment.header.add(Counter.REPAIRS);
        Machine.events().repaired(segment.queue, outcome.recovered());
        note(() -> LOG.warn(
                "{}: took over from a publisher that died; recovered {} message(s){}",
                segment.name,
                outcome.recovered(),
                outcome.droppedRegion() ? ", dropped an unfinished region" : ""));
        wakeSleepersIfAny();
        changes.wake();
    }

    /** The publish lock, with the log whole: one that is taken over from a dead publisher is repaired first. */
    public FutexLock.Outcome acquirePublishLock(Wait wait) {
        FutexLock.Outcome outcome = publishLock.acquire(wait);
        if (outcome == FutexLock.Outcome.ACQUIRED_FROM_DEAD_OWNER) repairRingOrAbandon();
        return outcome;
    }

    /** If it cannot be finished the word stays ours and the handle is poisoned: the next one finds a dead owner. */
    private void repairRingOrAbandon() {
        Thread current = Thread.currentThread();
        try {
            repairRing();
        } catch (Throwable failure) {
            repairOwedBy = current;
            throw abandon("a repair that failed", failure);
        }
    }

    /**
     * After an error of this process in the middle of a publish; quiet. If it cannot be mended the
     * handle is poisoned, and the failure thrown.
     */
    public void mendOrAbandon(Throwable failure) {
        try {
            repair.run();
        } catch (Throwable again) {
            if (again != failure) failure.addSuppressed(again);
            abandon("an error in the middle of a publish that it could not mend", failure);
            throw translate(failure);
        }
    }

    /** After the change that they wait for. */
    public void wakeSleepersIfAny() {
        if (sleepers.handshake.look() != 0) wakeSleepers();
    }

    public void wakeSleepers() {
        sleepers.wake(highMark, semaphores);
    }

    /** To be logged by the next {@link #tell}, see {@link Notes}. */
    public void note(Runnable logging) {
        segment.notes.add(logging);
    }

    /** Without any lock. */
    public void tell() {
        segment.notes.tell();
    }

    /** Is the owner that a slot names dead? */
    public boolean isDeadOwner(long owner) {
        return !isOurs(owner) && liveness.isDead(Slots.ownerHandle(owner), Slots.ownerIncarnation(owner));
    }

    boolean isOurs(long owner) {
        return Slots.ownerHandle(owner) == index && Slots.ownerIncarnation(owner) == incarnation;
    }

    /** "pid 812 (since 10:02:11)". */
    public String describe(int handle) {
        if (handle < 0 || handle >= segment.handles.count()) return "an unknown process";
        if (liveness.isForeign(handle)) return AdminLock.FOREIGN_LOCK;
        return process(segment, handle);
    }

    /** As {@link #describe}, of a handle whose process lives. */
    public static String process(Segment segment, int handle) {
        LocalTime since =
                LocalTime.ofInstant(Instant.ofEpochMilli(segment.handles.since(handle)), ZoneId.systemDefault());
        int pid = segment.handles.pid(handle);
        return "pid " + pid + " (" + command(pid) + "since " + since.truncatedTo(ChronoUnit.SECONDS) + ")";
    }

    private static String command(int pid) {
        String command = ProgramName.of(pid);
        return command == null ? "" : command + ", ";
    }

    // Errors

    /** Refuses a poisoned handle. */
    public void check() {
        abandonIfLeftInTheMiddle();
        String why = poison;
        if (why == null && segment.isCovered()) why = whyItIsCovered();
        if (why != null) throw refusal(why);
    }

    private MessageQueueException refusal(String why) {
        return diskFailed ? new JournalFailedException(why) : new QueueCorruptedException(why);
    }

    /** For a thread that finds the memory covered: a failed disk is told as itself, everywhere. */
    public void requireDisk() {
        if (diskFailed) check();
    }

    /** Once the thread that covers it has stored the reason; null: it was closed. */
    private synchronized String whyItIsCovered() {
        return poison;
    }

    /** After a read of shared memory, for a caller that must not take zeros for it: what was read is real. */
    public void requireAttached() {
        if (!segment.isCovered()) return;
        check();
        throw Errors.closed("Queue '" + queueUri() + "'");
    }

    /** Notes that a repair which this thread owed is made; another thread's mark stays. */
    public void noteMended(Thread by) {
        UNFINISHED.compareAndSet(this, by, null);
        mended.incrementAndGet(); // after it, and before the thread's next one, which the watch tells apart by it
    }

    /** By the thread that left something unfinished, in its next call. */
    private void abandonIfLeftInTheMiddle() {
        Thread unfinished = repairOwedBy;
        if (unfinished != null && unfinished == Thread.currentThread() || isALockLost()) abandonUnfinished();
    }

    /**
     * By the watch, now and then: a thread that was found at the last check as well, with what it
     * had left then, will not finish, or is as good as dead.
     */
    public void abandonIfStillUnfinished() {
        int mendedBefore = mended.get();
        Thread unfinished = repairOwedBy;
        boolean same = unfinished == unfinishedAtLastCheck && mended.get() == mendedAtLastCheck;
        boolean still = unfinished != null && same;
        unfinishedAtLastCheck = unfinished;
        mendedAtLastCheck = mendedBefore;
        if (still || isALockLost()) abandonUnfinished();
    }

    /**
     * At the end, when no watch checks any more. It is safe to poison a handle whose rescue is only
     * slow: its memory is covered first.
     */
    public void abandonIfUnfinished() {
        if (repairOwedBy != null || isALockLost()) abandonUnfinished();
    }

    /** By a call that may have taken one, at its end: where there are no publishers no watch checks. */
    public void abandonIfALockIsLost() {
        if (isALockLost()) abandonUnfinished();
    }

    /** Nothing was left in the middle; or it was given up for that. */
    public boolean isWhole() {
        return isPoisoned() || repairOwedBy == null && !isALockLost();
    }

    private boolean isALockLost() {
        return publishLock.isLost() || gateLock.isLost();
    }

    private void abandonUnfinished() {
        if (!left) abandon("an error that could not be mended when it happened", null);
    }

    public boolean isPoisoned() {
        return poison != null;
    }

    /** The exception for the user, for a failure of the layers below: their own exceptions pass. */
    public RuntimeException translate(Throwable failure) {
        if (left && !(failure instanceof Error || failure instanceof MessageQueueException))
            return Errors.closed("Queue '" + queueUri() + "'");
        if (failure instanceof NewerRecordException newer)
            return segment.creation.isDomain() ? Failures.ofDomain(newer, queueUri()) : Failures.of(newer, queueUri());
        if (failure instanceof CorruptSegmentException) return poison(failure.getMessage(), failure);
        // Not the InternalError alone: where it comes up late inside a call through JNA, that fails as it can.
        boolean fault = failure instanceof InternalError || failure instanceof NullPointerException;
        if (fault && segment.isTruncated()) return poison("the object was cut short while in use", failure);
        if (failure instanceof PosixException posix) {
            if (posix.call.equals("futex") && posix.errno != Errno.ENOSYS) return poison(posix.getMessage(), posix);
            return Failures.of(posix, segment.name, segment.object);
        }
        if (failure instanceof Error error) throw error;
        if (failure instanceof RuntimeException runtime) return runtime;
        throw new AssertionError(failure);
    }

    /** This handle cannot mend what it holds, though the queue is sound: others shall find a dead owner. */
    public QueueCorruptedException abandon(String what, Throwable cause) {
        return poison(Errors.givenUp(queueUri(), cause == null ? what : what + ": " + cause, cause));
    }

    /** Nothing that is published from now on is sure to be kept: the queue ends for all. */
    public JournalFailedException journalFailed(String directory, Throwable cause) {
        String what = cause == null ? "another process was told" : cause.getMessage();
        diskFailed = true;
        return poison(new JournalFailedException(
                "'" + queueUri() + "' has ended for all processes: a read, write or sync in " + directory + " failed ("
                        + what
                        + "). What was published and had not returned may be lost or not. See to the disk, close the"
                        + " queue in all processes, and open it again.",
                cause));
    }

    /** The first reason counts: what the caller read may be the zeros of a thread that gives up meanwhile. */
    private MessageQueueException poison(String what, Throwable cause) {
        QueueCorruptedException told = poison(Errors.corrupted(segment.name, what, cause));
        return told.getMessage().equals(poison) ? told : refusal(poison);
    }

    /** Covers everything and drops the byte: others then find a dead owner wherever we are named, and repair. */
    private synchronized <E extends MessageQueueException> E poison(E refusal) {
        if (poison == null) { // done again by the next one if an error ends it halfway
            segment.cover(); // before the byte: two writers otherwise
            dropByte();
            poison = refusal.getMessage();
            repairOwedBy = null;
            LOG.error(poison, refusal.getCause()); // no process waits for us any more
        }
        return refusal;
    }

    // The name

    /**
     * Now and then, by a waiting thread or the watch, without any lock: logs once that this queue cannot be found by
     * its name any more. That is no error: its members continue among themselves. Only the last member to leave removes
     * the name, so while this handle is open a stranger did.
     */
    public void lookForName() {
        if (nameIsMissed.get() || left || poison != null) return;
        boolean taken;
        try {
            if (segment.object.status().links() != 0 || left) return;
            taken = QueueFile.isTaken(segment.machine, segment.queue);
        } catch (PosixException
                | InternalError anotherTime) { // it is being closed, or statx fails: of no interest here
            return;
        }
        if (nameIsMissed.compareAndSet(false, true))
            LOG.warn(
                    "{}: its name was removed from {} while it is in use (MessageQueues.delete, belfry rm, rm,"
                            + " RemoveIPC, a cleaner of temporary files): {}. Processes that have it open go on with each other;"
                            + " to meet the others, close it and open it again",
                    segment.name,
                    SharedMemory.DIRECTORY,
                    taken
                            ? "another queue has that name now, and each open since then opens that one"
                            : "the next process that opens that name gets another queue");
    }

    /** Lets nobody miss a name that it never had. */
    public void needNoName() {
        nameIsMissed.set(true);
    }

    // The end

    /** Marks this handle as gone, for good. The memory must be covered, or no thread of ours inside. */
    void dropByte() {
        token.unlock(Liveness.FIRST_BYTE + index);
    }

    /** True once: the caller then leaves. */
    synchronized boolean beginLeaving() {
        if (left) return false;
        return left = true;
    }

    public boolean hasLeft() {
        return left;
    }

    boolean isLast() {
        return !liveness.isAnybodyAlive(index);
    }

    void closeObjects() {
        try {
            semaphores.close();
        } finally {
            segment.close(); // the memory before the byte
            tokenObject.close();
            probeObject.close();
        }
    }
}
