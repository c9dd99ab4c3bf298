package dev.belfry.benchmarks;

import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Measured;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.shm.sync.PublishLock;
import dev.belfry.shm.sync.Wait;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The publish lock that nobody else wants, as a claim takes it, and as a thread that publishes alone for long. */
public class LockBenchmark extends Piece {
    private final Wait wait = new Wait(TimeUnit.DAYS.toNanos(1), () -> false);
    private Segment segment;
    private SharedMemory probe;
    private PublishLock lock;

    @Setup
    public void open() {
        segment = Measured.segment();
        probe = segment.object.reopen();
        new ByteRangeLock(segment.object).tryLock(Liveness.FIRST_BYTE);
        long incarnation = segment.handles.open(0, 1, 0);
        Liveness liveness = new Liveness(new ByteRangeLock(probe), segment.handles);
        lock = new PublishLock(
                segment.header.bytes(),
                new Futex(segment.machine.libC()),
                liveness,
                segment.machine.membarrier(),
                segment.handles,
                0,
                incarnation,
                PublishLock.PATIENCE);
    }

    @TearDown
    public void close() {
        probe.close();
        segment.close();
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
