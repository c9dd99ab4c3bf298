package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.SharedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A segment, and handles of it that live as those of processes do. */
final class Members implements AutoCloseable {
    final Memory memory = new Memory();
    final AtomicBoolean closing = new AtomicBoolean();
    private final SharedMemory probe = memory.object().reopen();
    final Liveness liveness = new Liveness(new ByteRangeLock(probe), memory.handles);
    private final List<SharedMemory> tokens = new ArrayList<>();

    /** As a process has it: its byte held, its state stored. Returns its incarnation. */
    long open(int handle) {
        SharedMemory token = memory.object().reopen();
        tokens.add(token);
        assertThat(new ByteRangeLock(token).tryLock(Liveness.FIRST_BYTE + handle))
                .isTrue();
        return memory.handles.open(handle, 1000 + handle, 0);
    }

    /** The n-th that was opened, from 0. */
    void kill(int n) {
        tokens.get(n).close();
    }

    void closeAtTheEnd(SharedMemory another) {
        tokens.add(another);
    }

    int word() {
        return memory.bytes.getIntAcquire(SegmentHeader.PUBLISH_LOCK);
    }

    Wait within(long nanos) {
        return new Wait(nanos, closing::get);
    }

    @Override
    public void close() {
        tokens.forEach(SharedMemory::close);
        probe.close();
        memory.close();
    }
}
