package dev.belfry.shm.publish;

import dev.belfry.api.QueueFullException;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows others what the publishers of this handle wait for, since when, and which process holds them up: one word in
 * its entry, for the publisher that waits longest. It is written only when a wait has lasted for a slice, and cleared
 * when it ends. The word of a dead process counts for nothing, and is cleared when its entry is opened again.
 *
 * <p>A wait that ended by its time-out stays there until something is published, or until what it waited for is no
 * longer in the way, or nobody has tried again for five seconds. So publishers with short time-outs are seen as one
 * that has none, between two tries as well.
 */
final class WaitBoard {
    private static final Logger LOG = LoggerFactory.getLogger(WaitBoard.class);

    private static final long SAY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SAY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long TRIED_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Shorter ones are of no interest. A test whose time is not the clock's shows none. */
    long shownAfterNanos = TimeUnit.MILLISECONDS.toNanos(20);

    // Not with the first wait: a class whose initializer meets the end of a stack can never be used again.
    private static final Counter COUNTED = Counter.LOCK_WAITS;

    private final Handle handle;
    private final Segment segment;
    private final Room room;

    /** The last wait without success; {@code count}: messages published when it ended, at {@code endNanos}. */
    private record InVain(int what, int cause, long sinceMillis, long sinceNanos, long count, long endNanos) {}

    private final List<PublisherWait> shown = new ArrayList<>(); // the oldest first; guarded by this
    private InVain inVain; // null: none; the same

    // The handle that was logged last, -1: none since a wait ended well; the same.
    private int said = -1;
    private long saidNanos;

    // When waiting for room was logged last, 0: not since it ended; the same.
    private long fullSaidNanos;

    WaitBoard(Handle handle, Room room) {
        this.handle = handle;
        this.room = room;
        this.segment = handle.segment;
    }

    PublisherWait waiter(long timeoutNanos, BooleanSupplier closing) {
        return new PublisherWait(timeoutNanos, closing, true);
    }

    /** The waiter of a call that waits for locks, but not for room. No interrupt ends it. */
    PublisherWait waiterForLocks(long timeoutNanos, BooleanSupplier closing) {
        return new PublisherWait(timeoutNanos, closing, false);
    }

    final class PublisherWait extends Wait {
        private int what;
        private int cause = -1;
        private long sinceMillis;
        private long sinceNanos; // or since when the waits without success before it have lasted
        private long begunNanos;
        private long saidNanos; // 0: never
        FutexLock lacked =
                handle.publishLock; // the last that was not to be had; null: it had both, and waited for room
        QueueFullException refusal; // of the disk, the last one; null: none
        final boolean isForRoom; // else what does not fit is refused as soon as that is known, and nothing grows

        private PublisherWait(long timeoutNanos, BooleanSupplier closing, boolean isForRoom) {
            super(timeoutNanos, closing);
            this.isForRoom = isForRoom;
        }

        @Override
        protected boolean isInterrupted() {
            return isForRoom && super.isInterrupted();
        }

        @Override
        protected void goesOn(FutexLock lock) {
            if (isLong()) show(this, WaitWord.LOCK, lock.ownerHandle(segment.handles));
        }

        boolean isLong() {
            return waitedNanos() >= shownAfterNanos;
        }

        /** Because of this slot, -1 if it is not known. */
        void goesOnForRoom(int slot) {
            show(this, WaitWord.ROOM, slot);
        }

        @Override
        public void endLockWait() {
            lacked = null;
            if (what == WaitWord.LOCK && hide(this)) noteTheEnd(System.nanoTime() - sinceNanos);
        }

        void over() {
            if (what != WaitWord.NONE) hide(this);
        }

        /** The process that had the lock when it went on last; 0 if it is not known. */
        int holder() {
            int handle = cause;
            return handle < 0 || handle >= segment.handles.count() ? 0 : segment.handles.pid(handle);
        }

        /** It has timed out: because of this slot, or of the handle that has the lock; -1 if it is not known. */
        void gaveUp(int forWhat, int because) {
            if (isLong() && what == WaitWord.NONE) show(this, forWhat, because);
            if (what != WaitWord.NONE) showInVain(this);
        }

        /** With the waits before it, if nothing was published since. */
        long waitedInAllNanos() {
            long waited = waitedNanos();
            return what == WaitWord.NONE ? waited : Math.max(waited, System.nanoTime() - sinceNanos);
        }

        /** True: it is to be warned of, by this one of the publishers: for room, after a second, again each minute. */
        boolean beginWarning(long inAllNanos) {
            return inAllNanos >= SAY_AFTER_NANOS && beginFullWarning();
        }

        /** It has got its room; true: that it waited was logged, and its end is to be. */
        boolean endWarning() {
            return endFullWarning();
        }

        private void begins(int forWhat, int because) {
            what = forWhat;
            begunNanos = System.nanoTime();
            boolean again = inVain != null
                    && inVain.what == what
                    && inVain.cause == because
                    && inVain.count == segment.header.countAcquire();
            sinceMillis = again ? inVain.sinceMillis : System.currentTimeMillis();
            sinceNanos = again ? inVain.sinceNanos : begunNanos;
            if (what == WaitWord.LOCK) segment.header.add(COUNTED);
        }

        private void ends() {
            if (what == WaitWord.LOCK) segment.header.add(Counter.LOCK_WAIT_NANOS, System.nanoTime() - begunNanos);
            what = (int) WaitWord.NONE;
        }
    }

    private synchronized void show(PublisherWait waiter, int what, int cause) {
        if (waiter.what == what && waiter.cause == cause) return;
        if (waiter.what != what) {
            shown.remove(waiter);
            waiter.ends();
            waiter.begins(what, cause);
            shown.add(waiter);
        }
        waiter.cause = cause;
        store();
    }

    private synchronized boolean hide(PublisherWait waiter) {
        shown.remove(waiter);
        waiter.ends();
        inVain = null;
        said = -1;
        store();
        boolean wasSaid = waiter.saidNanos != 0;
        waiter.saidNanos = 0;
        return wasSaid;
    }

    /** A wait for a lock is over: the caller has it. */
    private void noteTheEnd(long waitedNanos) {
        handle.note(() -> LOG.warn(
                "'{}': the wait for a lock is over, after {}", handle.queueUri(), Units.duration(waitedNanos)));
    }

    private synchronized void showInVain(PublisherWait waiter) {
        long count = segment.header.countAcquire();
        inVain = new InVain(waiter.what, waiter.cause, waiter.sinceMillis, waiter.sinceNanos, count, System.nanoTime());
        shown.remove(waiter);
        waiter.ends();
        store();
    }

    private synchronized boolean beginFullWarning() {
        long now = System.nanoTime();
        if (fullSaidNanos != 0 && now - fullSaidNanos < SAY_AGAIN_NANOS) return false;
        fullSaidNanos = now == 0 ? 1 : now;
        return true;
    }

    private synchronized boolean endFullWarning() {
        boolean wasSaid = fullSaidNanos != 0;
        fullSaidNanos = 0;
        return wasSaid;
    }

    /**
     * Now and then, by a thread that holds no lock: a wait without success is over when something is published, or
     * another cause is in the way. A publish that found room at once does not tell its end.
     */
    void forgetWhatIsOver() {
        long lasted = lastedIfOver();
        if (lasted != 0) room.sayTheEnd(lasted);
    }

    /** 0: nothing is to be logged. */
    private synchronized long lastedIfOver() {
        if (inVain == null) return 0;
        if (inVain.count == segment.header.countAcquire() && isInTheWay(inVain)) {
            if (System.nanoTime() - inVain.endNanos > TRIED_AGAIN_NANOS) hideInVain(); // which is no end of it
            return 0;
        }
        long lasted = inVain.what == WaitWord.ROOM && endFullWarning() ? System.nanoTime() - inVain.sinceNanos : 0;
        forget();
        return lasted;
    }

    /** None of the publishers is left. */
    synchronized void forget() {
        fullSaidNanos = 0;
        if (inVain != null) hideInVain();
    }

    private void hideInVain() {
        inVain = null;
        store();
    }

    private boolean isInTheWay(InVain wait) {
        if (wait.cause < 0) return false; // it went as the wait ended
        if (wait.what == WaitWord.ROOM) return segment.floor.holder() == wait.cause;
        return handle.publishLock.ownerHandle(segment.handles) == wait.cause
                || handle.gateLock.ownerHandle(segment.handles) == wait.cause;
    }

    private void store() {
        PublisherWait first = shown.isEmpty() ? null : shown.get(0);
        Handles handles = segment.handles;
        long word = WaitWord.NONE;
        if (first != null) word = WaitWord.of(first.what, first.cause, first.sinceMillis);
        else if (inVain != null) word = WaitWord.of(inVain.what, inVain.cause, inVain.sinceMillis);
        handles.waitingRelease(handle.index, word);
    }

    /** By a thread that holds no lock, now and then: a log that blocks would stop every process. */
    void say() {
        for (PublisherWait waiter : toBeSaid()) {
            int owner = waiter.cause;
            long nanos = System.nanoTime() - waiter.sinceNanos;
            if (owner >= 0 && owner < segment.handles.count())
                LOG.warn(heldBy(owner, nanos).getMessage());
        }
    }

    /** By this handle's process. */
    QueueFullException heldBy(int owner, long nanos) {
        int pid = segment.handles.pid(owner);
        return Errors.heldByPublisher(handle.queueUri(), pid, nanos, Processes.isStopped(pid, segment));
    }

    /** The gate lock, by this handle's process; -1: not any more. */
    QueueFullException gateHeldBy(int owner, long nanos) {
        int pid = owner < 0 ? 0 : segment.handles.pid(owner);
        return new QueueFullException(
                "'" + handle.queueUri() + "' may have room, but " + (pid == 0 ? "another process" : "pid " + pid)
                        + " has kept the lock under which that is made for " + Units.duration(nanos) + "."
                        + (pid != 0 && Processes.isStopped(pid, segment) ? Errors.stopped(pid) : " Try again."));
    }

    private synchronized List<PublisherWait> toBeSaid() {
        List<PublisherWait> late = new ArrayList<>();
        for (PublisherWait waiter : shown) {
            long now = System.nanoTime();
            if (waiter.what != WaitWord.LOCK || now - waiter.sinceNanos < SAY_AFTER_NANOS) continue;
            if (waiter.saidNanos != 0 && now - waiter.saidNanos < SAY_AGAIN_NANOS) continue;
            if (waiter.cause == said && now - saidNanos < SAY_AGAIN_NANOS) continue;
            said = waiter.cause;
            saidNanos = waiter.saidNanos = now;
            late.add(waiter);
        }
        return late;
    }
}
