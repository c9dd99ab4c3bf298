package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.spi.Checks;
import java.nio.ByteBuffer;

/** Room in the ring, filled in place; used again for the publisher's next claim. */
final class ShmClaim implements Claim {
    private final ShmPublisher publisher;
    private ByteBuffer buffer;
    private int length;
    private boolean open;

    ShmClaim(ShmPublisher publisher) {
        this.publisher = publisher;
    }

    void open(ByteBuffer buffer, int length) {
        this.buffer = buffer;
        this.length = length;
        this.open = true;
    }

    @Override
    public ByteBuffer buffer() {
        publisher.requireClaimant(open);
        return buffer;
    }

    @Override
    public long commit() {
        return commit(length);
    }

    @Override
    public long commit(int length) {
        publisher.requireClaimant(open);
        Checks.length(length, this.length);
        open = false;
        return publisher.commitClaim(this, length);
    }

    @Override
    public void close() {
        if (!open || !publisher.isClaimant()) return;
        open = false;
        publisher.giveUpClaim(this);
    }
}
