package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Window;
import dev.belfry.spi.Checks;
import java.nio.ByteBuffer;

/** A publisher's one claim: room in the ring, filled in place; used again for the next one. */
final class ShmClaim implements Claim {
    private final Holder publisher;
    private final Hold hold;
    private long number;
    private ByteBuffer buffer;
    private int length;
    private SharedBytes bytes;
    private Window window;

    ShmClaim(Holder publisher, Hold hold) {
        this.publisher = publisher;
        this.hold = hold;
    }

    /**
     * Under the publish lock. No reference is stored that is there already: collectors make such a
     * store cost a fence.
     */
    ShmClaim open(SharedBytes in, long index, int length) {
        if (bytes != in) {
            window = new Window(in, false);
            bytes = in;
        }
        ByteBuffer at = window.at(index, length);
        if (buffer != at) buffer = at;
        this.length = length;
        number = hold.begin(false);
        return this;
    }

    /** Open still, and of this thread: no other thread can end it, then. */
    boolean isMine() {
        return hold.isMine(number);
    }

    private void requireMine() {
        if (!isMine()) throw publisher.notMine("claim");
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
            throw publisher.isGone(late);
        }
    }

    @Override
    public void close() {
        try {
            if (isMine()) publisher.giveUp();
        } catch (InternalError late) {
            throw publisher.isGone(late);
        }
    }
}
