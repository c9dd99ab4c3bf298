package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.spi.Checks;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Room in the ring, filled in place; used again for the publisher's next claim. */
final class ShmClaim implements Claim {
    private final ShmPublisher publisher;
    private final ClaimInHand hand;
    private ByteBuffer buffer;
    private int length;
    private boolean open;

    ShmClaim(ShmPublisher publisher, ClaimInHand hand) {
        this.publisher = publisher;
        this.hand = hand;
    }

    void open(ByteBuffer buffer, int length) {
        if (this.buffer != buffer) this.buffer = buffer;
        this.length = length;
        this.open = true;
    }

    /** In this order: of a claim that is open again, for another thread, this one finds the other's name. */
    private boolean isMine() {
        VarHandle.acquireFence(); // behind the look at open; pairs with the fence in ClaimInHand.open
        return hand.isClaimant();
    }

    private void requireOpenAndMine() {
        if (!open)
            throw new IllegalStateException(
                    "This claim on '" + publisher.queueUri() + "' was committed or closed: claim anew");
        if (!isMine())
            throw new IllegalStateException("This claim on '" + publisher.queueUri() + "' belongs to thread '"
                    + hand.claimantName() + "': only it may fill and commit it");
    }

    @Override
    public ByteBuffer buffer() {
        requireOpenAndMine();
        return buffer;
    }

    @Override
    public long commit() {
        return commit(length);
    }

    @Override
    public long commit(int length) {
        requireOpenAndMine();
        Checks.length(length, this.length);
        open = false;
        try {
            return publisher.commitClaim(length);
        } catch (InternalError late) {
            throw publisher.claimIsGone(late);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        if (!open || !isMine()) return;
        open = false;
        try {
            publisher.giveUpClaim();
        } catch (InternalError late) {
            throw publisher.claimIsGone(late);
        } finally {
            Reference.reachabilityFence(this); // until then the watch must not take it for forgotten
        }
    }
}
