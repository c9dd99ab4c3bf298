package dev.belfry.shm.sync;

import dev.belfry.benchmarks.Piece;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Membarrier;
import dev.belfry.shm.segment.Measured;
import dev.belfry.shm.segment.Segment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A change, then the check for sleepers, with a full fence between or without; and what the
 * sleeper pays for the latter.
 */
public class HandshakeBenchmark extends Piece {
    private Segment segment;
    private SharedBytes bytes;
    private Handshake handshake;
    private Sleepers sleepers;
    private Membarrier membarrier;
    private long tail;

    @Setup
    public void open() {
        segment = Measured.segment();
        bytes = segment.header.bytes();
        membarrier = segment.machine.membarrier();
        handshake = new Handshake(bytes, SegmentHeader.ASLEEP, membarrier);
        sleepers = new Sleepers(bytes, membarrier);
    }

    @TearDown
    public void close() {
        segment.close();
    }

    private void change() {
        segment.header.tailRelease(tail += 8);
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
        bytes.fullFence();
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
