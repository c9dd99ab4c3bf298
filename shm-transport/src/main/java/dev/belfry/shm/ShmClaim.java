package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Window;
import dev.belfry.spi.Checks;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * A publisher's one claim: room in the ring, filled in place; used again for the next one. One number says whether it is open, and which one it is.
 *
 * <p>Only the thread that claimed fills, commits and closes. The watch may end a claim, but only after that thread has ended: so a living claimant ends its own claim by a plain store.
 * A claim that its user has merely forgotten stays open.
 */
final class ShmClaim implements Claim {
    private static final AtomicLongFieldUpdater<ShmClaim> TURN =
            AtomicLongFieldUpdater.newUpdater(ShmClaim.class, "turn");

    private final ShmPublisher publisher;
    private volatile long turn; // odd while the claim is open; its next value ends it
    private Thread claimant; // of the claim that is open, or of the one before
    private ByteBuffer buffer;
    private int length;
    private SharedBytes bytes;
    private Window window;

    // The watch's own: the claim that it met last time, and how often since.
    private long watched;
    private int checks;

    ShmClaim(ShmPublisher publisher) {
        this.publisher = publisher;
    }

    // Under the publish lock

    /** No reference is stored that is there already: collectors make such a store cost a fence. */
    ShmClaim open(SharedBytes in, long index, int length) {
        if (bytes != in) {
            window = new Window(in, false);
            bytes = in;
        }
        ByteBuffer at = window.at(index, length);
        if (buffer != at) buffer = at;
        this.length = length;
        Thread current = Thread.currentThread();
        if (claimant != current) claimant = current;
        TURN.lazySet(this, turn + 1); // last: pairs with the read in isMine, which reads the claimant after it
        return this;
    }

    /** Of this thread, and open. */
    void end() {
        TURN.lazySet(this, turn + 1);
    }

    // Any thread

    boolean isOpen() {
        return isOpen(turn);
    }

    private static boolean isOpen(long turn) {
        return (turn & 1) != 0;
    }

    /**
     * Open, and of this thread: nobody else can end it, then. The number is read before the claimant. The other way round a thread might find its own name, of its claim before, and
     * then the number of a claim that another thread has opened since.
     */
    boolean isMine() {
        return isOpen(turn) && claimant == Thread.currentThread();
    }

    private void requireMine() {
        if (isMine()) return;
        if (claimant != Thread.currentThread())
            throw new IllegalStateException("This claim on '" + publisher.queueUri() + "' belongs to thread '"
                    + claimant.getName() + "': only it may fill and commit it");
        publisher.refuseIfClosed();
        throw new IllegalStateException(
                "This claim on '" + publisher.queueUri() + "' was committed or closed: claim again");
    }

    @Override
    public ByteBuffer buffer() {
        requireMine();
        return buffer;
    }

    @Override
    public long commit() {
        return commit(length);
    }

    @Override
    public long commit(int length) {
        requireMine();
        Checks.length(length, this.length);
        try {
            return publisher.commitClaim(length);
        } catch (InternalError late) {
            throw publisher.claimIsGone(late);
        }
    }

    @Override
    public void close() {
        try {
            publisher.giveUpClaim();
        } catch (InternalError late) {
            throw publisher.claimIsGone(late);
        }
    }

    // The watch

    /** The thread whose claim was open at the last check already: what to say of it, and whether it has ended. */
    record Held(long turn, Thread by, int checks) {
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
        return new Held(now, claimant, ++checks);
    }

    /** Of a thread that has ended. True: it was still open, and is ended here. */
    boolean end(Held lost) {
        return TURN.compareAndSet(this, lost.turn, lost.turn + 1);
    }
}
