package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.ring.InPlaceReader;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Sleepers;
import dev.belfry.shm.sync.Wait;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A subscriber announces itself and reads once more; a publisher commits and checks for sleepers.
 * (slept, seen asleep)
 */
public class SleepHandshake {
    abstract static class Scene {
        final Cell cell = Cell.empty();

        void sleep(Sleepers sleepers, ZZ_Result r) {
            InPlaceReader reader = cell.reader();
            sleepers.sleep(
                    Cell.SLOT,
                    new Bed(r),
                    () -> r.r1 || reader.next() != Reader.Found.NOTHING,
                    new Wait(Long.MAX_VALUE, () -> false),
                    System.nanoTime());
        }
    }

    /** The publisher has the publish lock, as a favoured one does: no release of it is a fence. */
    abstract static class Held extends Scene {
        Held() {
            LockHandshake.lock(cell, 1).tryAcquire();
        }
    }

    /** Notes that somebody lay down in it, and ends that sleep. */
    private record Bed(ZZ_Result r) implements Sleepers.Bed {
        @Override
        public boolean tryTake() {
            return false;
        }

        @Override
        public boolean take(long nanos) {
            return r.r1 = true;
        }
    }

    /** Where the publisher's process has no membarrier. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @State
    public static class Fence extends Held {
        @Actor
        public void publisher(ZZ_Result r) {
            cell.approach();
            cell.append();
            r.r2 = cell.fencing.handshake.look() != 0;
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            sleep(cell.fencing, r);
        }
    }

    /** Where there is one. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @State
    public static class Asking extends Held {
        @Actor
        public void publisher(ZZ_Result r) {
            cell.approach();
            cell.append();
            r.r2 = cell.asking.handshake.look() != 0;
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            sleep(cell.asking, r);
        }
    }

    /**
     * As the others do on x86, where the exchange that gives the lock back is the fence; who finds
     * it free does not ask for one.
     */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @State
    public static class Unlock extends Scene {
        final FutexLock lock = LockHandshake.lock(cell, 1);

        @Actor
        public void publisher(ZZ_Result r) {
            cell.approach();
            while (!lock.tryAcquire()) Thread.onSpinWait();
            cell.append();
            lock.release();
            r.r2 = cell.asking.handshake.lookFenced() != 0;
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            sleep(cell.asking, r);
        }
    }

    /** Goes without a fence, and does not have the lock that would say so. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class Unlocked extends Scene {
        @Actor
        public void publisher(ZZ_Result r) {
            cell.approach();
            cell.append();
            r.r2 = cell.asking.handshake.look() != 0;
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            sleep(cell.asking, r);
        }
    }

    /** No fence between the commit and the look. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class NoFence extends Held {
        @Actor
        public void publisher(ZZ_Result r) {
            cell.approach();
            cell.append();
            r.r2 = cell.bytes.getIntAcquire(SegmentHeader.ASLEEP) != 0;
        }

        @Actor
        public void subscriber(ZZ_Result r) {
            sleep(cell.fencing, r);
        }
    }
}
