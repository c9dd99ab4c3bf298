package dev.belfry.shm.publish;

import dev.belfry.spi.Errors;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * That a claim or a batch of a publisher is open, and holds the publish lock. One number says whether one is, and which
 * claim; a plain field says whose batch.
 *
 * <p>Only the thread that began it fills, commits and closes. The watch may end it, but only after that thread has
 * ended: so a living thread ends its own by a plain store. A claim that its user has merely forgotten stays open.
 */
final class OpenClaim {
    private static final AtomicLongFieldUpdater<OpenClaim> TURN =
            AtomicLongFieldUpdater.newUpdater(OpenClaim.class, "turn");

    private volatile long turn; // odd while one is open; its next value ends it
    private Thread holder; // of the one that is open, or of the one before
    private Thread batcher; // of the batch that is open, or that the watch has ended; null: none is

    // The watch's own: the one that it met last time, and how often since.
    private long watched;
    private int checks;

    /**
     * Under the publish lock: its number. No reference is stored that is there already: it would
     * cost a fence. The number is odd, also after an error.
     */
    long begin(boolean isBatch) {
        Thread current = Thread.currentThread();
        if (holder != current) holder = current;
        long next = turn + 1 | 1;
        TURN.lazySet(this, next); // after the holder: pairs with the read in isMine, which reads the holder after it
        Thread batching = isBatch ? current : null;
        if (batcher != batching) batcher = batching; // last: nothing that may fail comes after it
        return next;
    }

    /** Ends an open one of this thread. */
    void end() {
        TURN.lazySet(this, turn + 1);
        if (batcher != null) batcher = null; // after it: if that failed, the batch is still open
    }

    /** After an error, and before the lock is free: as far as this thread has begun, or has not ended. */
    void endMine() {
        if (isMine()) TURN.lazySet(this, turn + 1);
        if (isMyBatch()) batcher = null;
    }

    // Any thread

    boolean isOpen() {
        return isOpen(turn);
    }

    private static boolean isOpen(long turn) {
        return (turn & 1) != 0;
    }

    /**
     * Open, and of this thread: no other thread can end it, then. The number is read before the holder: else a thread
     * might find its own name, of an earlier claim, and then the number of another thread's.
     */
    boolean isMine() {
        return isOpen(turn) && holder == Thread.currentThread();
    }

    /** The one of this number is open, and of this thread. */
    boolean isMine(long number) {
        return turn == number && holder == Thread.currentThread();
    }

    /**
     * A batch is open, and of this thread. One plain field is enough: a thread that has stored null cannot read its own
     * name any more. With a volatile read for each message the compiler would forget all that it knows of the batch.
     */
    boolean isMyBatch() {
        return batcher == Thread.currentThread();
    }

    /** For messages. */
    Thread holder() {
        return holder;
    }

    /** Its thread wants to publish, or to begin another. */
    IllegalStateException nested(String queue) {
        return batcher != null ? Errors.nestedBatch(queue) : Errors.nestedClaim(queue);
    }

    // The watch

    /**
     * The thread whose claim or batch was open at the last check already: its name for the log, and
     * whether it has ended.
     */
    record Held(long turn, Thread by, int checks, String kind) {
        boolean isLost() {
            return !by.isAlive();
        }
    }

    /** Null: none is open, or another one than at the last check. */
    Held heldSinceLastCheck() {
        long now = turn;
        if (now != watched || !isOpen(now)) {
            watched = now;
            checks = 0;
            return null;
        }
        return new Held(now, holder, ++checks, batcher != null ? "batch" : "claim");
    }

    /** Ends one of a thread that has ended. True: it was still open. */
    boolean end(Held lost) {
        return TURN.compareAndSet(this, lost.turn, lost.turn + 1);
    }
}
