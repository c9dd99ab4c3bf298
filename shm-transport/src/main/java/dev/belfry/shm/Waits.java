package dev.belfry.shm;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows others what the publishers of this handle wait for, since when, and which process holds
 * them up: one word in its entry, for the publisher that waits longest. It is written only when a
 * wait has lasted for a slice, and cleared when it ends. The word of a dead process counts for
 * nothing, and is cleared when its entry is opened again.
 */
final class Waits {
    private static final Logger LOG = LoggerFactory.getLogger(Waits.class);

    private static final long SAY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Shorter ones are of no interest. A test whose time is not the clock's shows none. */
    long shownAfterNanos = TimeUnit.MILLISECONDS.toNanos(20);

    private final Handle handle;
    private final Segment segment;
    private final List<Waiter> shown = new ArrayList<>(); // the oldest first; guarded by this

    Waits(Handle handle) {
        this.handle = handle;
        this.segment = handle.segment;
    }

    Waiter waiter(long timeoutNanos, BooleanSupplier closing) {
        return new Waiter(timeoutNanos, closing, true);
    }

    /** Of a call that waits for locks, but not for room. No interrupt ends it. */
    Waiter waiterForLocks(long timeoutNanos, BooleanSupplier closing) {
        return new Waiter(timeoutNanos, closing, false);
    }

    /** One call that waits. */
    final class Waiter extends Wait {
        private int what;
        private int cause = -1;
        private long sinceMillis;
        private long sinceNanos;
        private boolean said;
        private boolean hadTheLock;
        private final boolean isForRoom;

        private Waiter(long timeoutNanos, BooleanSupplier closing, boolean isForRoom) {
            super(timeoutNanos, closing);
            this.isForRoom = isForRoom;
        }

        /** Else what does not fit is refused as soon as that is known, and nothing grows. */
        boolean isForRoom() {
            return isForRoom;
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
        public void hasTheLock() {
            hadTheLock = true;
            if (what == WaitWord.LOCK) hide(this);
        }

        /** At least once: it waited for room, then. */
        boolean hadTheLock() {
            return hadTheLock;
        }

        void over() {
            if (what != WaitWord.NONE) hide(this);
        }

        private void begins(int forWhat) {
            what = forWhat;
            sinceMillis = System.currentTimeMillis();
            sinceNanos = System.nanoTime();
            if (what == WaitWord.LOCK) segment.header.add(Counter.LOCK_WAITS);
        }

        private void ends() {
            if (what == WaitWord.LOCK) segment.header.add(Counter.LOCK_WAIT_NANOS, System.nanoTime() - sinceNanos);
            what = (int) WaitWord.NONE;
        }
    }

    private synchronized void show(Waiter waiter, int what, int cause) {
        if (waiter.what == what && waiter.cause == cause) return;
        if (waiter.what != what) {
            shown.remove(waiter);
            waiter.ends();
            waiter.begins(what);
            shown.add(waiter);
        }
        waiter.cause = cause;
        store();
    }

    private synchronized void hide(Waiter waiter) {
        shown.remove(waiter);
        waiter.ends();
        store();
    }

    private void store() {
        Waiter first = shown.isEmpty() ? null : shown.get(0);
        Handles handles = segment.handles;
        handles.waitingRelease(
                handle.index, first == null ? WaitWord.NONE : WaitWord.of(first.what, first.cause, first.sinceMillis));
    }

    /** By a thread that holds no lock, now and then: a log that blocks would stop every process. */
    void say() {
        for (Waiter waiter : toBeSaid()) {
            int owner = waiter.cause;
            long nanos = System.nanoTime() - waiter.sinceNanos;
            if (owner >= 0 && owner < segment.handles.count())
                LOG.warn(Errors.heldByPublisher(handle.queueUri(), segment.handles.pid(owner), nanos)
                        .getMessage());
        }
    }

    private synchronized List<Waiter> toBeSaid() {
        List<Waiter> late = new ArrayList<>();
        for (Waiter waiter : shown) {
            if (waiter.said || waiter.what != WaitWord.LOCK) continue;
            if (System.nanoTime() - waiter.sinceNanos < SAY_AFTER_NANOS) continue;
            waiter.said = true;
            late.add(waiter);
        }
        return late;
    }
}
