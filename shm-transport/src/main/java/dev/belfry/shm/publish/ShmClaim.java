package dev.belfry.shm.publish;

import dev.belfry.api.Claim;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.spi.Checks;

/**
 * A publisher's claim: room in the ring, filled in place. Used again for the next one, once its thread
 * has closed it: until then a late close would end the next one.
 */
final class ShmClaim extends ClaimedBody implements Claim {
    private static final long FREE = 0; // an open claim's number is odd

    private final ClaimOwner publisher;
    private final OpenClaim openClaim;
    private long number; // of the claim, until its thread has closed it
    private Thread claimant;

    ShmClaim(ClaimOwner publisher, OpenClaim openClaim) {
        this.publisher = publisher;
        this.openClaim = openClaim;
    }

    /** Opens it, with room. */
    ShmClaim openInside(SharedBytes in, long index, int length) {
        at(in, index, length);
        Thread current = Thread.currentThread();
        if (claimant != current) claimant = current; // as in OpenClaim
        number = openClaim.begin(false);
        return this;
    }

    /** Nobody will close it any more. */
    boolean isFree() {
        return number == FREE;
    }

    /** Open still, and of this thread: no other thread can end it, then. */
    boolean isMine() {
        return openClaim.isMine(number);
    }

    private void requireMine() {
        if (!isMine()) throw publisher.notMine("claim");
    }

    @Override
    RuntimeException over() {
        return isMine() ? null : publisher.notMine("claim");
    }

    @Override
    public long commit() {
        return commit(length());
    }

    @Override
    public long commit(int length) {
        requireMine();
        Checks.length(length, length());
        try {
            return publisher.commitClaim(length);
        } catch (InternalError late) {
            throw publisher.memoryGone(late);
        }
    }

    @Override
    public void close() {
        try {
            if (isMine()) publisher.giveUp();
            if (claimant == Thread.currentThread()) number = FREE;
        } catch (InternalError late) {
            throw publisher.memoryGone(late);
        }
    }
}
