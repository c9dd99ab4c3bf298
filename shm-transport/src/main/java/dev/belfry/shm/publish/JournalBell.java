package dev.belfry.shm.publish;

import dev.belfry.shm.journal.Leader;
import dev.belfry.shm.segment.Handle;
import java.util.function.BooleanSupplier;

/**
 * The bell of a queue whose messages are seen, and whose publishes return, when the disk has them:
 * the leader of the journal wakes those that sleep.
 */
final class JournalBell extends Bell {
    private final Leader leader;
    private final BooleanSupplier isClosed;

    JournalBell(Handle handle, Leader leader, BooleanSupplier isClosed) {
        super(handle);
        this.leader = leader;
        this.isClosed = isClosed;
    }

    @Override
    void ring(long position) {
        flushLog();
        leader.awaitDurable(position, isClosed);
    }
}
