package dev.belfry.shm.publish;

import dev.belfry.shm.journal.Leader;
import dev.belfry.shm.segment.Handle;
import java.util.function.BooleanSupplier;

/**
 * Waits until the disk has the message: nobody sees it earlier, and the leader of the journal wakes those that sleep.
 */
final class AwaitDisk extends After {
    private final Leader leader;
    private final BooleanSupplier isClosed;

    AwaitDisk(Handle handle, Leader leader) {
        super(handle);
        this.leader = leader;
        this.isClosed = handle.segment::isCovered;
    }

    @Override
    void wakeOrAwaitDisk(long position) {
        tell();
        leader.awaitDurable(position, isClosed);
    }
}
