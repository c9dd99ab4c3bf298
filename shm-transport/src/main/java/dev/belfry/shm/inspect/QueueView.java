package dev.belfry.shm.inspect;

import dev.belfry.shm.posix.ByteRangeLock;
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
