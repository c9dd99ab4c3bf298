package dev.belfry.shm.publish;

import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.segment.Handle;
import java.util.function.BooleanSupplier;

/**
 * Waits until the disk has the message: nobody sees it earlier, and the leader of the journal wakes those that sleep.
 */
final class AwaitDisk extends After {
    private final Disk disk;
    private final BooleanSupplier isClosed;

    AwaitDisk(Handle handle, Disk disk) {
        super(handle);
        this.disk = disk;
        this.isClosed = handle.segment::isCovered;
    }

    @Override
    void wakeOrAwaitDisk(long position) {
        tell();
        disk.awaitDurable(position, isClosed);
    }
}
