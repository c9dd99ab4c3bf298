package dev.belfry.shm.sync;

import dev.belfry.benchmarks.Piece;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.posix.SharedMemory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The publish lock that nobody else wants, as a claim takes it, and as a thread that publishes alone for long. */
public class LockBenchmark extends Piece {
    private final Wait wait = new Wait(TimeUnit.DAYS.toNanos(1), () -> false);
    private Memory memory;
    private SharedMemory probe;
    private PublishLock lock;

    @Setup
    public void open() {
        memory = new Memory();
        probe = memory.object().reopen();
        new ByteRangeLock(memory.object()).tryLock(Liveness.FIRST_BYTE);
        long incarnation = memory.handles.open(0, 1, 0);
        Liveness liveness = new Liveness(new ByteRangeLock(probe), memory.handles);
        lock = new PublishLock(
                memory.bytes,
                new Futex(Memory.C),
                liveness,
                Membarrier.registered(Memory.C),
                memory.handles,
                0,
                incarnation,
                PublishLock.PATIENCE);
    }

    @TearDown
    public void close() {
        probe.close();
        memory.close();
    }

    @Benchmark
    public FutexLock.Outcome acquireAndRelease() {
        FutexLock.Outcome outcome = lock.acquire(wait);
        lock.release();
        return outcome;
    }

    @Benchmark
    public boolean favoured() {
        boolean entered = lock.enter();
        if (!entered) lock.acquire(wait);
        lock.releaseAfterPublish();
        return entered;
    }
}
