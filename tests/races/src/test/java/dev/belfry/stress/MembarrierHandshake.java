package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The bare handshake: the publisher only keeps the compiler from doing its look before its commit,
 * and a thread that goes to sleep asks the kernel to fence every other. (seen committed, seen asleep)
 */
@JCStressTest
@Outcome(
        id = {"false, true", "true, true", "true, false"},
        expect = ACCEPTABLE)
@State
public class MembarrierHandshake {
    final Cell cell = Cell.empty();

    @Actor
    public void publisher(ZZ_Result r) {
        commit(cell, r);
    }

    private static void commit(Cell cell, ZZ_Result r) {
        cell.ring.putLongRelease(0, RecordHeader.data(Cell.RECORD, 0, 1));
        SharedBytes.compilerFence();
        r.r2 = cell.bytes.getIntAcquire(SegmentHeader.ASLEEP) != 0;
    }

    @Actor
    public void subscriber(ZZ_Result r) {
        cell.bytes.putIntRelease(SegmentHeader.ASLEEP, 1);
        Cell.MEMBARRIER.everywhere();
        r.r1 = cell.ring.getLongAcquire(0) != RecordHeader.empty(1);
    }

    /** The sleeper fences for itself only. */
    @JCStressTest
    @Outcome(
            id = {"false, true", "true, true", "true, false"},
            expect = ACCEPTABLE)
    @Outcome(id = "false, false", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class OwnFenceOnly {
        final Cell cell = Cell.empty();

        @Actor
        public void publisher(ZZ_Result r) {
            commit(cell, r);
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            cell.bytes.putIntRelease(SegmentHeader.ASLEEP, 1);
            cell.bytes.fullFence();
            r.r1 = cell.ring.getLongAcquire(0) != RecordHeader.empty(1);
        }
    }
}
