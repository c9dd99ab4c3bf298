package dev.belfry.shm.publish;

import dev.belfry.shm.ring.LogBatch;

/** A publisher's {@link Claims}, as its claim and its batch need them. */
interface ClaimOwner {
    /** The first {@code length} bytes of the open claim, of this thread: its position. */
    long commitClaim(int length);

    /** The open batch, of this thread: the position of its last message. */
    long commitBatch(LogBatch log);

    /** This thread's claim or batch; nothing if it has none. */
    void giveUp();

    /** With its memory, which was told late. */
    RuntimeException memoryGone(InternalError late);

    /** Why this thread may not use it. */
    RuntimeException notMine(String kind);

    String queueUri();
}
