package dev.belfry.spi;

import java.util.ConcurrentModificationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * Whether a subscriber is open or closed, and which threads are in it: the one inside, and those that acknowledge. The
 * last of them to leave releases what is closed. The monitor of this object guards the release against all others. It
 * is held for a few stores only, as closing needs it: nothing under it waits for a disk. A thread at the end of its
 * stack still gives the monitor back.
 */
final class Use {
    private static final AtomicReferenceFieldUpdater<Use, Object> INSIDE =
            AtomicReferenceFieldUpdater.newUpdater(Use.class, Object.class, "inside");

    /** Stays inside for ever: no thread enters what was released. */
    private static final Object NOBODY = new Object();

    /** The subscriber. */
    interface Owner {
        String describe();

        /** The call that was inside ends. */
        void ends();

        /** Makes a waiting call that is inside end. Never called after release has begun. */
        void wake();

        /** Called once, when no call is inside and none acknowledges; again at the next close if it throws. */
        void release();
    }

    private final Owner owner;
    private final CountDownLatch released = new CountDownLatch(1);
    private boolean releasing; // guarded by this

    /**
     * The number of calls that acknowledge, whichever thread makes them. Guarded by this. As {@link #inside} it is
     * changed without a call: each method that has called {@link #beginAcknowledge} ends with that.
     */
    int acknowledging;

    /**
     * The thread of the call that is inside. A field of its own: a store clears it, which works on any stack. At the
     * end of the stack the very call of {@link #leave} may fail. So a method that has called enter ends with such a
     * store of its own; the store changes nothing if leave was called.
     */
    volatile Object inside;

    private volatile boolean closed;
    private volatile Thread listening;

    Use(Owner owner) {
        this.owner = owner;
    }

    /** Names the owner in texts of errors. */
    String describe() {
        return owner.describe();
    }

    boolean isClosed() {
        return closed;
    }

    void refuseIfClosed() {
        if (closed) throw Errors.closed(owner.describe());
    }

    boolean isInside() {
        return inside == Thread.currentThread();
    }

    /** Begins a call: refused if closed, if a listener is set, if another call is inside. */
    void enter() {
        refuseIfClosed();
        if (listening != null)
            throw new IllegalStateException(
                    owner.describe() + " has a listener: receive, poll and setListener are refused");
        Thread current = Thread.currentThread();
        if (INSIDE.compareAndSet(this, null, current)) return;
        refuseIfClosed();
        Object other = inside;
        throw new ConcurrentModificationException(
                other == current
                        ? owner.describe()
                                + " is being read already by this thread: its handler may not receive or poll from it"
                        : owner.describe() + " is being read by thread '"
                                + (other instanceof Thread reading ? Units.name(reading) : "that just left")
                                + "': one thread at a time");
    }

    /** Ends it; if it was closed meanwhile, releases. */
    void leave() {
        try {
            owner.ends();
        } finally {
            inside = null;
            if (closed) releaseOnce();
        }
    }

    /** One more acknowledges. From now on nothing is released before it is counted out. */
    synchronized void beginAcknowledge() {
        refuseIfClosed();
        acknowledging++;
    }

    /** It is counted out: if it was the last in what was closed meanwhile, releases. */
    void endAcknowledge() {
        if (closed) releaseOnce();
    }

    private void releaseOnce() {
        if (!INSIDE.compareAndSet(this, null, Thread.currentThread())) return;
        boolean isLast;
        synchronized (this) {
            isLast = acknowledging == 0;
            if (isLast) releasing = true;
            else inside = null; // in here: the last of those finds it so after it is counted out
        }
        if (!isLast) return;
        try {
            owner.release();
            inside = NOBODY;
        } finally {
            if (inside != NOBODY) inside = null; // so that the next close tries again
            released.countDown();
        }
    }

    // A listener's thread

    /** The caller is inside. It is permanent: receive and poll are refused before they do anything. */
    void handTo(Thread listener) {
        listening = listener;
        inside = listener;
    }

    /** The listener runs in another thread than the one that was given. */
    void takeOver() {
        inside = Thread.currentThread();
    }

    /** The thread was not started. */
    void takeBack() {
        listening = null;
        leave();
    }

    /** The listener has ended, and so has the subscriber. True: it was closed before. */
    boolean leaveClosed() {
        boolean wasClosed = closed;
        closed = true;
        leave();
        return wasClosed;
    }

    // Closing

    /** A waiting call ends meanwhile. */
    void beginClose() {
        closed = true;
        synchronized (this) {
            if (!releasing) owner.wake();
            notifyAll(); // the thread inside, if it is in awaitClose
        }
    }

    void endClose(long deadline) {
        Thread current = Thread.currentThread();
        if (INSIDE.compareAndSet(this, null, current)) leave();
        else if (inside == current) return; // the thread inside releases when it leaves
        awaitUninterruptibly(released, deadline);
    }

    /** So long, or until it is closed. */
    synchronized void awaitClose(long nanos) throws InterruptedException {
        long deadline = Deadlines.after(nanos);
        for (long left; !closed && (left = Deadlines.remaining(deadline)) > 0; )
            TimeUnit.NANOSECONDS.timedWait(this, left);
    }

    static void awaitUninterruptibly(CountDownLatch latch, long deadline) {
        boolean interrupted = false;
        for (long left; (left = Deadlines.remaining(deadline)) > 0; ) {
            try {
                if (latch.await(left, TimeUnit.NANOSECONDS)) break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
