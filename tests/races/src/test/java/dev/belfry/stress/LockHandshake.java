package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Futex;
import dev.belfry.shm.sync.FutexLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two count under the lock, with plain loads and stores: the second one sees what the first one wrote. */
@JCStressTest
@Outcome(
        id = {"1, 2", "2, 1"},
        expect = ACCEPTABLE)
@State
public class LockHandshake {
    private static final int COUNTER = 8;

    final Cell cell = Cell.empty();
    final FutexLock first = lock(cell, 1);
    final FutexLock second = lock(cell, 2);

    public LockHandshake() {
        cell.ring.putLong(COUNTER, 0);
    }

    /** Of a handle that lives: nobody asks whether it does. */
    static FutexLock lock(Cell cell, int handle) {
        return new FutexLock(cell.bytes, SegmentHeader.PUBLISH_LOCK, new Futex(Cell.C), null, handle, 1);
    }

    private static int count(SharedBytes ring) {
        int next = (int) ring.getLong(COUNTER) + 1;
        ring.putLong(COUNTER, next);
        return next;
    }

    @Actor
    public void one(II_Result r) {
        r.r1 = locked(first);
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = locked(second);
    }

    private int locked(FutexLock lock) {
        while (!lock.tryAcquire()) Thread.onSpinWait();
        int counted = count(cell.ring);
        lock.release();
        return counted;
    }

    /** A look and a store instead of a compare-and-set. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE)
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class LookAndStore {
        final Cell cell = Cell.empty();

        public LookAndStore() {
            cell.ring.putLong(COUNTER, 0);
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = locked(1);
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = locked(2);
        }

        private int locked(int handle) {
            while (cell.bytes.getIntAcquire(SegmentHeader.PUBLISH_LOCK) != 0) Thread.onSpinWait();
            cell.bytes.putIntRelease(SegmentHeader.PUBLISH_LOCK, handle);
            int counted = count(cell.ring);
            cell.bytes.putIntRelease(SegmentHeader.PUBLISH_LOCK, 0);
            return counted;
        }
    }
}
