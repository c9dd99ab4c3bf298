package dev.belfry.shm.journal;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Creation;
import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.UseCount;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Regions;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.EventCount;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the log of a queue into its files: what a handle has for that. Any thread that needs it leads, and all others
 * wait for that one, on an event count: so one sync does for many messages.
 *
 * <pre>
 *   leader                                             if the process dies right after it
 *     journal lock, if it is free                        the next one takes it over, and wakes
 *     read copied, and the tail; open the files          nothing happened
 *     copy a piece of the ring into an own buffer
 *     load fence; gate, cover: was it whole?             no: another leader was here, or the queue was closed
 *     walk and seal it in the buffer; write it           the next one writes the same bytes to the same place
 *     sync                                               the same
 *     raise copied to a tail that was read, then its     the next one has nothing to do; it raises the position
 *     position; wake readers; lock back; wake the rest   they check again after a slice
 * </pre>
 *
 * The lock is for speed, not for safety: the gate never passes what is not copied, so two that copy there write
 * the same bytes. A thread that has waited for a slice in which nothing moved leads beside a leader of another handle.
 * In this one only one thread leads at a time: of two that sync on one descriptor, only one would be told of an error.
 */
public final class Leader extends Disk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leader.class);

    /** A stopped leader holds others up for so long. */
    private static final long SLICE_NANOS = 20_000_000;

    private static final int BUFFER = 1 << 20;

    /** A leader stops after so many bytes: one of an older library finds its position by a stamp. */
    private static final long MOST_AT_ONCE = 64 << 20;

    private static final int MOST_TRIES = 1 << 10;
    private static final int MOST_SLICES = 50;

    private final Handle handle;
    final LogFiles files;
    private final JournalWords words;
    private final SegmentHeader header;
    private final Regions regions;
    private final UUID logId;
    private final long longest;
    private final long ahead; // when less is left of what is ready, the next file is to be made
    private final FutexLock lock;
    private final EventCount synced;
    private final AtomicReference<Thread> leading = new AtomicReference<>(); // the thread that leads
    private final ReentrantLock flushing = new ReentrantLock();
    private final DoubtfulSync doubtful; // guarded by flushing

    // For callers whose wait has an end
    private final Aside copying;
    private final Aside making;
    private final Aside flushes;

    private final SharedBytes copy;
    private final ByteBuffer bytes;
    private final Runnable keeper;
    private volatile Runnable readsBefore = () -> {};
    private volatile Function<Places.At, Places> places = durable -> null;
    private volatile LongPredicate givesWay = floor -> false;

    private volatile long fullAt = -1; // the end of the files when the disk refused another one; -1: never
    private volatile boolean keepsAll; // when it did
    private volatile Places.At bound; // of what is synced now and then: of the last flush; null before the first

    private final UseCount uses = new UseCount(); // of the files, by threads that are in a step with them
    private volatile long cameOut = System.nanoTime(); // the last one that has ended a step

    /** {@code keeper}: wakes the thread that calls {@link #makeReadyAhead}. */
    public Leader(Handle handle, LogFiles files, Runnable keeper) {
        super(handle.segment.creation.sync() == Creation.Sync.ALWAYS, handle.segment.creation.isDomain());
        this.handle = handle;
        this.files = files;
        this.keeper = keeper;
        this.words = handle.segment.journal;
        this.header = handle.segment.header;
        this.regions = handle.segment.readable;
        this.logId = words.identity().logId();
        this.longest = handle.segment.creation.maxCapacity();
        this.ahead = files.fileSize() / 4;
        this.doubtful = new DoubtfulSync(files, words, header, longest);
        Futex futex = new Futex(handle.segment.machine.libC());
        this.lock = new FutexLock(
                header.bytes(), JournalWords.LOCK, futex, handle.liveness, handle.index, handle.incarnation);
        this.synced = new EventCount(header.bytes(), JournalWords.SYNCED, futex, handle.segment.machine.membarrier());
        this.copying = new Aside(files, synced);
        this.making = new Aside(files, synced);
        this.flushes = new Aside(files, synced);
        this.copy = SharedBytes.own((int) Math.min(BUFFER, longest));
        this.bytes = copy.buffer.duplicate();
        if (lock.takeOverFromPredecessor()) {
            takenOver();
            lock.release();
            synced.wake();
        }
    }

    @Override
    public void requireFor(String call) {}

    @Override
    public boolean isOver() {
        return handle.isPoisoned();
    }

    @Override
    public long durablePosition() {
        return words.durablePosition();
    }

    // Waiting

    @Override
    public void awaitDurable(long position, BooleanSupplier closing) {
        Wait wait = new Uninterrupted(closing);
        boolean told = false;
        while (words.durablePosition() < position) {
            try {
                step(wait);
            } catch (JournalFailedException | QueueClosedException theEnd) {
                throw theEnd;
            } catch (RuntimeException refused) {
                if (handle.isPoisoned()) throw refused;
                // No descriptor is left, or a file is cut, say. Thrown, it would be published again. Another process
                // may lead meanwhile, or the file be put back.
                if (!told) LOG.warn("{}: published, and waits for the disk: {}", handle.queueUri(), refused.toString());
                told = true;
                rest(wait);
            }
        }
    }

    @Override
    public boolean awaitDurable(long position, Wait wait) {
        while (words.durablePosition() < position) {
            requireUsable(wait);
            Wait.Ended ended = wait.mayBlock ? wait.ended() : Wait.Ended.TIMED_OUT;
            if (ended == Wait.Ended.INTERRUPTED) throw Errors.interrupted("the disk of '" + handle.queueUri() + "'");
            if (ended != null) return false;
            BooleanSupplier isOver = () -> wait.ended() != null || words.durablePosition() >= position;
            Wait shared = new Uninterrupted(handle.segment::isCovered); // others join: it ends with no caller
            if (syncsAlways) aside(copying, () -> step(shared), isOver);
            else aside(flushes, () -> flush(shared), isOver);
        }
        return true;
    }

    private void aside(Aside kind, Runnable step, BooleanSupplier isOver) {
        Wait whole = new Uninterrupted(() -> false);
        kind.await(step, isOver, () -> new Uninterrupted(whole));
    }

    /** No interrupt ends it: that is the caller's. */
    private static final class Uninterrupted extends Wait {
        Uninterrupted(BooleanSupplier closing) {
            super(Long.MAX_VALUE, closing);
        }

        /** A slice of that wait. */
        Uninterrupted(Wait of) {
            super(Math.min(SLICE_NANOS, of.remainingNanos()), () -> of.ended() == Wait.Ended.CLOSED);
        }

        @Override
        protected boolean isInterrupted() {
            return false;
        }
    }

    @Override
    public void awaitCopied(BooleanSupplier closing) {
        Wait wait = new Uninterrupted(closing);
        try {
            step(wait);
        } catch (QueueClosedException notItsMessage) {
            if (wait.ended() == null) throw closed(); // else the caller sees it
        }
    }

    @Override
    public void awaitCopiedAside(BooleanSupplier isOver) {
        aside(copying, () -> awaitCopied(handle.segment::isCovered), isOver);
    }

    /** Leads; or waits until something has moved, and leads beside if nothing has for a slice. */
    private void step(Wait wait) {
        requireUsable(wait);
        long copied = words.copiedAcquire();
        if (lead(false)) return;
        if (synced.awaitOnce(() -> hasMoved(copied) || isFree(), new Uninterrupted(wait))) return;
        if (!hasMoved(copied) && wait.ended() == null) lead(true);
    }

    private boolean hasMoved(long copied) {
        return words.copiedAcquire() != copied || words.hasFailed() || handle.segment.isCovered();
    }

    private boolean isFree() {
        return leading.get() == null && lock.isFree();
    }

    private void requireUsable(Wait wait) {
        handle.check();
        boolean failed = words.hasFailed();
        if (handle.segment.isCovered() || wait.ended() == Wait.Ended.CLOSED) throw notKnown();
        if (failed) throw handle.journalFailed(files.directory(), null);
        if (lock.isLost()) throw handle.abandon("an error in the middle of a step of its journal", null);
    }

    /** In covered memory all seems damaged. */
    private RuntimeException translate(Throwable failure) {
        return handle.segment.isCovered() ? notKnown() : handle.translate(failure);
    }

    private RuntimeException notKnown() {
        handle.check();
        return Errors.closedBeforeDurable(handle.queueUri());
    }

    // Leading

    /** False: another thread does. {@code beside}: of another handle. */
    private boolean lead(boolean beside) {
        if (!leading.compareAndSet(null, Thread.currentThread())) return false;
        boolean locked = false;
        try {
            locked = lock.tryAcquire();
            if (!locked && beside) {
                FutexLock.Outcome outcome = lock.acquireInside(new Wait(0, () -> false));
                locked = outcome.isAcquired();
                if (outcome == FutexLock.Outcome.ACQUIRED_FROM_DEAD_OWNER) takenOver();
            }
            boolean leads = locked || beside;
            if (leads) inFiles(this::copyAll);
            return leads;
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw translate(failure);
        } finally {
            goesOut(locked);
        }
    }

    /** The dead leader may have raised what others sleep for. */
    private void takenOver() {
        handle.wakeSleepersIfAny();
        handle.changes.wake();
    }

    private void goesOut(boolean locked) {
        try {
            if (locked) lock.release();
        } finally {
            leading.set(null);
        }
        synced.wake(); // after both: one that it wakes leads
    }

    /** Copies, and where that is promised syncs, up to a tail that is read here, or as much as one may at once. */
    private void copyAll() {
        SealedRecords records = begins();
        long from = records.offset();
        long tail = header.tailAcquire();
        handle.requireAttached();
        if (tail <= from) return;
        LogFiles.Span opened = open(from, tail, words::copiedAcquire);
        if (opened == null) return;
        try (LogFiles.Span span = opened) {
            while (records.offset() < tail && records.committed() - from < MOST_AT_ONCE) {
                if (!copyPiece(records, span, tail)) return;
            }
            if (records.offset() == tail && records.committed() != tail)
                throw new CorruptSegmentException("the log ends in the middle of a batch, at " + tail);
            if (syncsAlways) sync(span);
        }
        words.raiseCopied(records.committed());
        words.raiseCopiedPosition(records.committedPosition() - 1);
        if (wakesReaders) handle.wakeSleepersIfAny();
        handle.changes.wake(); // those that wait for room
        if (words.readyUpTo() - tail < ahead) keeper.run();
    }

    /** Null: another thread has done it meanwhile, and perhaps the first of the files is gone since. */
    private LogFiles.Span open(long from, long to, LongSupplier begins) {
        try {
            return files.span(from, to, this::hearsFrom);
        } catch (RuntimeException refused) {
            long now = begins.getAsLong();
            handle.requireAttached();
            if (now > from) return null;
            throw refused;
        }
    }

    /** Where the last leader has stopped. Its position is stored before anything else: it may have died before that. */
    private SealedRecords begins() {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            long from = words.copiedAcquire();
            long position = regions.ownPositionAt(header, from);
            SharedBytes.loadFence();
            long gate = header.gateAcquire();
            handle.requireAttached();
            if (gate > from) continue; // another leader has copied it
            LogPlace.checked(header, from, position);
            words.raiseCopiedPosition(position - 1);
            return new SealedRecords(logId, longest, from, position);
        }
        throw new CorruptSegmentException("the gate is above " + words.copiedAcquire() + ", which is not copied");
    }

    /** False: the gate has passed it, so another leader has copied it. */
    private boolean copyPiece(SealedRecords records, LogFiles.Span span, long tail) {
        long at = records.offset();
        int length = regions.copyOut(at, copy, (int) Math.min(copy.length, tail - at));
        SharedBytes.loadFence();
        long gate = header.gateAcquire();
        handle.requireAttached(); // covered memory has no gate
        if (gate > at) return false;
        bytes.limit(length).position(0);
        records.seal(bytes);
        int sealed = bytes.position();
        bytes.limit(sealed).position(0);
        try {
            span.write(bytes, at);
        } catch (PosixException refused) {
            throw failed(refused);
        }
        return true;
    }

    private void sync(LogFiles.Span span) {
        long began = System.nanoTime();
        try {
            span.sync();
            words.addSync(System.nanoTime() - began);
        } catch (PosixException refused) {
            throw failed(refused);
        }
    }

    /** Stored before anything else: nobody else may ever be told. */
    private RuntimeException failed(PosixException refused) {
        words.fail(refused.errno == 0 ? Errno.ENOENT : refused.errno); // 0: what was there is not there
        synced.wake();
        handle.changes.wake();
        return handle.journalFailed(files.directory(), refused);
    }

    // Now and then

    /** All that is published by now, if no publisher waits for it; if another thread does that, waits for it. */
    public void flush() {
        flushing.lock();
        flushInside(new Uninterrupted(() -> false));
    }

    /** The same, but nothing begins after the wait has ended. */
    private void flush(Wait wait) {
        try {
            if (flushing.tryLock(Math.min(SLICE_NANOS, wait.remainingNanos()), TimeUnit.NANOSECONDS)) flushInside(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // which ends the wait
        }
    }

    private void flushInside(Wait wait) {
        try {
            for (long tail = header.tailAcquire(); words.copiedAcquire() < tail && wait.ended() == null; ) step(wait);
            if (!syncsAlways && wait.ended() == null) inFiles(this::syncWritten);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw translate(failure);
        } finally {
            flushing.unlock();
        }
    }

    /** Whether all before this offset is on the disk: a flush leaves to another process what that one is at. */
    boolean isDurable(long offset) {
        return words.durableAcquire() >= offset;
    }

    private void syncWritten() {
        SealedRecords written = begins();
        long from = words.durableAcquire();
        handle.requireAttached();
        if (written.offset() > from) {
            LogFiles.Span opened = open(from, written.offset(), words::durableAcquire);
            if (opened == null) return;
            try (LogFiles.Span span = opened) {
                sync(span, from, written);
            }
            words.raiseDurable(written.offset());
        }
        words.raiseDurablePosition(written.committedPosition() - 1);
        bound = new Places.At(written.offset(), written.committedPosition());
        synced.wake();
    }

    private void sync(LogFiles.Span span, long from, SealedRecords written) {
        try {
            doubtful.sync(span, from, written, () -> sync(span));
        } catch (PosixException refused) {
            throw failed(refused);
        }
    }

    /**
     * A file that begins there was opened just now. The offset from which on each error is told to it: its beginning,
     * if nothing in it counts as written. A process that syncs it has read that word first, so none was told. Else the
     * tail of now: a leader writes up to a tail that it has read first.
     */
    private long hearsFrom(long begin) {
        return words.copiedAcquire() <= begin ? 0 : header.tailAcquire();
    }

    /** All before it is on the disk. */
    private Places.At bound() {
        if (!syncsAlways) return bound;
        SealedRecords synced = begins();
        return new Places.At(synced.offset(), synced.committedPosition());
    }

    // Files

    @Override
    public void makeReady(long upTo) {
        try {
            requireUsable(new Uninterrupted(() -> false));
            inFiles(() -> {
                makeFiles(upTo);
                boolean ready = words.readyUpTo() >= upTo;
                handle.requireAttached();
                if (!ready) throw new IllegalStateException("no files up to " + upTo);
            });
        } catch (QueueClosedException nothingIsPublished) {
            throw closed();
        }
        handle.changes.wake();
    }

    @Override
    public void makeReadyAside(long upTo, BooleanSupplier isOver) {
        aside(making, () -> makeReady(upTo), isOver);
    }

    private void makeFiles(long upTo) {
        long ready = words.readyUpTo();
        if (ready >= upTo) return;
        requireDirectory();
        try {
            if (isFull()) askAndStore(false); // files that nobody needs any more make room
        } catch (PosixException | InsufficientResourcesException refused) {
            // the keeper meets it, too, and says it
        }
        try {
            words.raiseReady(makeReadyOrGiveWay(upTo));
        } catch (QueueFullException full) {
            keepsAll = files.keepsAll();
            fullAt = ready;
            throw full;
        }
    }

    /** Files below the floor go first. Then that gives way, a file at a time, however many threads ask. */
    private long makeReadyOrGiveWay(long upTo) {
        for (long kept = -1; ; ) {
            long floor = handle.segment.floor.offset();
            try {
                return files.makeReady(upTo);
            } catch (QueueFullException full) {
                boolean goesOn = handle.segment.creation.hasHistory() && (floor != kept || givesWay.test(floor));
                if (!goesOn) throw full;
                kept = handle.segment.floor.offset();
                flush(); // no file goes before what comes after it is on the disk
                if (!askAndStore(false)) throw full;
            }
        }
    }

    private void requireDirectory() {
        if (files.isRemoved()) throw failed(PosixException.refused("open", files.directory(), "it was removed"));
    }

    @Override
    public boolean isFull() {
        return fullAt == words.readyUpTo();
    }

    @Override
    public boolean keepsAll() {
        return keepsAll;
    }

    @Override
    public boolean isInOneFile(long from, long to) {
        return from / files.fileSize() == to / files.fileSize();
    }

    @Override
    public boolean isDated() {
        return answer(files::keepsByAge);
    }

    private boolean askAndStore(boolean now) {
        readsBefore.run();
        return files.storePlaces(this::placesNow, now);
    }

    private Places placesNow() {
        return places.apply(bound());
    }

    private RuntimeException closed() {
        return Errors.closed("Queue '" + handle.queueUri() + "'");
    }

    /** By the keeper: the next file, before a publisher needs it. */
    public void makeReadyAhead() {
        long ready = words.readyUpTo();
        long tail = header.tailAcquire();
        handle.requireAttached();
        if (ready - tail < ahead) makeReady(ready + 1);
        else fullAt = -1; // a longer record was refused: its publisher meets that again
    }

    /**
     * Ends the queue if another process has been told of an error, a user has removed its files, or the log in them is
     * not the one that was copied there. By the keeper.
     */
    void requireFiles(LastWord last) {
        String wrong = answer(() -> {
            requireUsable(new Uninterrupted(() -> false));
            requireDirectory();
            long copied = words.copiedAcquire();
            handle.requireAttached();
            return last.wrong(copied);
        });
        if (wrong == null) return;
        handle.requireAttached(); // in covered memory there is no floor
        throw failed(PosixException.refused("pread", files.directory(), wrong));
    }

    /**
     * {@code readsBefore}: what {@code places} needs of the files, as that is asked under a lock. {@code places}: given
     * where all before it is durable. {@code givesWay}: given the floor that is to be raised
     * though places that hold no publishers up need it; false: it cannot be.
     */
    public void takesPlacesFrom(Runnable readsBefore, Function<Places.At, Places> places, LongPredicate givesWay) {
        this.readsBefore = readsBefore;
        this.places = places;
        this.givesWay = givesWay;
    }

    /** As {@link LogFiles#read}. */
    LogFiles.Read reads(ByteBuffer into, long offset) {
        return answer(() -> files.read(into, offset));
    }

    /** As {@link LogFiles#keptFrom}. */
    long keptFrom(long floor, boolean givesWay) {
        return answer(() -> files.keptFrom(floor, words.copiedAcquire(), givesWay));
    }

    /** As {@link LogFiles#notBefore}. */
    long notBefore(long millis, long floor) {
        return answer(() -> files.notBefore(millis, floor, header.gateAcquire()));
    }

    /** By the keeper. False: nothing was kept, see {@link LogFiles#storePlaces}. */
    public boolean storePlaces(boolean now) {
        return answer(() -> askAndStore(now));
    }

    /** As {@link LogFiles#raise}. */
    void raise(long feature) {
        answer(() -> {
            files.raise(feature);
            return null;
        });
    }

    private <T> T answer(Supplier<T> files) {
        try {
            return inFiles(files);
        } catch (CorruptSegmentException | PosixException | InternalError failure) {
            throw translate(failure);
        }
    }

    /**
     * False: another process is at it for long, perhaps stopped. Then the keeper keeps them with the
     * next ones. {@code before}: each try, as others may have kept later places meanwhile.
     */
    public boolean storePlacesNow(Runnable before) {
        for (int tries = 0; tries < MOST_SLICES; tries++) {
            before.run();
            if (storePlaces(true)) return true;
            rest(new Uninterrupted(() -> false));
        }
        return false;
    }

    /** A slice of it. */
    private void rest(Wait wait) {
        synced.awaitOnce(() -> false, new Uninterrupted(wait));
    }

    /** By the last call before the memory goes. A record above the tail, of a publisher that died, is in no file. */
    public void closesCleanly() {
        if (syncsAlways) return;
        inFiles(() -> files.closesCleanly(() -> {
            // A thread of this handle that is stuck in a publish may still commit: no other can begin any more.
            boolean stuck = handle.publishLock.ownerHandle(handle.segment.handles) == handle.index;
            boolean all =
                    !stuck && LogPlace.isTailTheEnd(header, regions) && words.durableAcquire() == header.tailAcquire();
            handle.requireAttached();
            return all ? header.tailAcquire() : -1;
        }));
    }

    private void inFiles(Runnable step) {
        inFiles(() -> {
            step.run();
            return null;
        });
    }

    private <T> T inFiles(Supplier<T> step) {
        if (!uses.enter()) throw notKnown();
        try {
            return step.get();
        } finally {
            cameOut = System.nanoTime();
            if (uses.exit()) end();
        }
    }

    /** A thread is in a step with the files, and since then none has ended one: the disk hangs, or is slow. */
    boolean standsSince(long nanoTime) {
        return uses.isInside() && cameOut - nanoTime < 0;
    }

    /**
     * Its memory is covered. A thread that is still in a step writes nothing that differs, and closes the files when it
     * is out: their lock says that nobody writes.
     */
    @Override
    public void close() {
        if (uses.close()) end();
    }

    private void end() {
        LateDisks.letGo(files);
        files.close();
    }
}
