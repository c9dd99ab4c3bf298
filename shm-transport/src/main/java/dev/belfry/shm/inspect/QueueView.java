package dev.belfry.shm.inspect;

import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Liveness;

final class QueueView implements AutoCloseable {
    final Segment segment;
    final Liveness liveness;
    final Snapshot snapshot;

    QueueView(Segment segment) {
        this.segment = segment;
        this.liveness = new Liveness(new ByteRangeLock(segment.object), segment.handles);
        this.snapshot = new Snapshot(segment, liveness);
    }

    /** @return null if there is no queue of this name */
    static QueueView of(Machine machine, String queue) {
        SharedMemory object = QueueFile.open(machine.libC(), queue);
        return object == null ? null : new QueueView(Segment.look(machine, queue, object));
    }

    /** "free", or the holder. */
    String holder(int at) {
        FutexLock lock = snapshot.lock(at);
        int owner = lock.ownerHandle(segment.handles);
        if (owner < 0) return "free";
        return "pid " + segment.handles.pid(owner) + (lock.isHeldByDead() ? ", which is dead" : "");
    }

    @Override
    public void close() {
        segment.close();
    }
}
