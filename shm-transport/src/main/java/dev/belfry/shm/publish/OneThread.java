package dev.belfry.shm.publish;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Membarrier;

/**
 * Lets one thread at a time into an exclusive publisher, which takes no lock for a message. A thread
 * owns it until another one comes; while it does, it says that it is inside by a plain store to a
 * seat of its own, and then asks whether it still owns. The thread that comes stores itself as owner,
 * has the kernel make each thread pass a fence, and then reads whether the one before is inside. One of
 * the two sees the other: both in the same order, or both would be inside.
 *
 * <p>A seat is stored to by its thread alone, and by the watch once that thread has ended. Where the
 * kernel makes no fence, and after some changes of thread, nobody owns any more: each thread then takes
 * its seat under the mutex.
 */
final class OneThread {
    private static final int MOST_CHANGES = 16;

    /** The seat of the thread that owns, or last did. */
    static final class Seat {
        final Thread thread; // null: of none, and never inside
        boolean inside;

        Seat(Thread thread) {
            this.thread = thread;
        }
    }

    private static final Seat NOBODY = new Seat(null);

    private final Membarrier membarrier;
    private boolean isForGood; // that nobody owns
    private int changes;

    /** Plain. A thread that is refused is it for a moment. */
    Seat owner = NOBODY;

    /** Where a thread is inside, if one is. Changes only while none is. */
    Seat seated = NOBODY;

    OneThread(Membarrier membarrier) {
        this.membarrier = membarrier;
    }

    /**
     * This thread's. It owns from here on, and goes in as any owner does; or nobody does, and it is
     * inside. Null: another thread is.
     */
    synchronized Seat take(Thread current) {
        Seat before = seated;
        if (isInside(before)) return null;
        if (isForGood) {
            if (before.thread != current) seated = new Seat(current);
            seated.inside = true;
            return seated;
        }
        if (before.thread == current) { // another thread was the owner for a moment
            owner = before;
            return before;
        }
        Seat mine = new Seat(current);
        boolean taken = false;
        try {
            owner = mine;
            boolean fenced = before == NOBODY || membarrier.isRegistered() && membarrier.everywhere();
            if (!fenced) Membarrier.outlastStoreBuffers();
            taken = !isInside(before);
            if (!taken) return null;
            seated = mine;
            if (before != NOBODY && ++changes == MOST_CHANGES || !fenced) retire();
            return mine;
        } finally {
            if (!taken) owner = before; // or this thread would be let in by its next call
        }
    }

    /** Nobody is inside, and who was to be goes in here. */
    private void retire() {
        owner = NOBODY;
        isForGood = true;
        seated.inside = true;
    }

    /** With what it has stored, if it is not. */
    private static boolean isInside(Seat seat) {
        boolean inside = seat.inside;
        SharedBytes.loadFence();
        return inside;
    }

    /** Whether this thread is inside: no other thread changes that meanwhile. */
    synchronized boolean isInside(Thread thread) {
        return seated.thread == thread && seated.inside;
    }

    /** Any thread: a closer has made each thread pass a fence. */
    boolean isAnotherInside(Thread current) {
        SharedBytes.loadFence();
        Seat now = seated;
        return now.inside && now.thread != current;
    }
}
