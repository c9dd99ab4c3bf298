package dev.belfry.shm.inspect;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.shm.sync.PublishLock;

final class QueueView implements AutoCloseable {
    final Segment segment;
    final Liveness liveness;
    final Snapshot snapshot;

    QueueView(Segment segment) {
        this.segment = segment;
        this.liveness = new Liveness(new ByteRangeLock(segment.object()), segment.handles);
        this.snapshot = new Snapshot(segment, liveness);
    }

    FutexLock lock(int at) {
        // For reading only.
        Futex futex = new Futex(segment.machine.libC());
        return at == SegmentHeader.PUBLISH_LOCK
                ? new PublishLock(
                        segment.header.bytes(),
                        futex,
                        liveness,
                        segment.machine.membarrier(),
                        segment.handles,
                        -1,
                        0,
                        0)
                : new FutexLock(segment.header.bytes(), at, futex, liveness, -1, 0);
    }

    /** "free", or the holder. */
    String holder(int at) {
        FutexLock lock = lock(at);
        int owner = lock.ownerHandle(segment.handles);
        if (owner < 0) return "free";
        return "pid " + segment.handles.pid(owner) + (lock.isHeldByDead() ? ", which is dead" : "");
    }

    @Override
    public void close() {
        segment.close();
    }
}
