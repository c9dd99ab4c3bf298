package dev.belfry.shm.sync;

import dev.belfry.benchmarks.Piece;
import dev.belfry.shm.layout.Memory;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.posix.Membarrier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A change, then the look for who sleeps, with a full fence between or without; and what the
 * sleeper pays for the latter.
 */
public class HandshakeBenchmark extends Piece {
    private Memory memory;
    private Handshake handshake;
    private Sleepers sleepers;
    private Membarrier membarrier;
    private long tail;

    @Setup
    public void open() {
        memory = new Memory();
        membarrier = Membarrier.registered(Memory.C);
        handshake = new Handshake(memory.bytes, SegmentHeader.ASLEEP, membarrier);
        sleepers = new Sleepers(memory.bytes, membarrier);
    }

    @TearDown
    public void close() {
        memory.close();
    }

    private void change() {
        memory.header.tailRelease(tail += 8);
    }

    @Benchmark
    public void changeAlone() {
        change();
    }

    /** As a publisher does it. */
    @Benchmark
    public int lookWithoutFence() {
        change();
        return handshake.look();
    }

    @Benchmark
    public int lookBehindFence() {
        change();
        memory.bytes.fullFence();
        return handshake.lookFenced();
    }

    /** The flag was seen, but somebody else has taken it. */
    @Benchmark
    public void wakeNobody() {
        sleepers.wake(() -> 64, slot -> {});
    }

    @Benchmark
    public boolean membarrier() {
        return membarrier.everywhere();
    }
}
