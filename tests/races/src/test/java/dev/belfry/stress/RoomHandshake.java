package dev.belfry.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.sync.Wait;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A publisher makes the event count odd and checks once more for room; a subscriber acknowledges and
 * checks whether it is odd. (slept, woken)
 */
public class RoomHandshake {
    /** In place of the kernel, which would be too slow to meet anybody: it sleeps for no time, and notes it. */
    static final class Kernel implements InvocationHandler {
        private static final int FUTEX_WAIT = 0;
        private static final int EAGAIN = 11;

        private final SharedBytes bytes;
        private boolean slept;
        private boolean woken;

        Kernel(SharedBytes bytes) {
            this.bytes = bytes;
        }

        LibC calls() {
            return (LibC) Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, this);
        }

        void forget() {
            slept = false;
            woken = false;
        }

        @Override
        public Object invoke(Object proxy, Method call, Object[] arguments) {
            if (call.getName().equals("errno")) return EAGAIN;
            if ((long) arguments[2] != FUTEX_WAIT) {
                woken = true;
                return 0L;
            }
            slept = bytes.getIntAcquire(SegmentHeader.ROOM) == (int) (long) arguments[3];
            return slept ? 0L : -1L;
        }
    }

    abstract static class Scene {
        final Cell cell = Cell.empty();

        void await(ZZ_Result r) {
            cell.room.await(
                    () -> cell.kernel.slept || cell.slots.ackPosAcquire(Cell.SLOT) != 0,
                    new Wait(Long.MAX_VALUE, () -> false));
            r.r1 = cell.kernel.slept;
        }
    }

    /** As it is. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @State
    public static class Fence extends Scene {
        @Actor
        public void subscriber(ZZ_Result r) {
            cell.approach();
            cell.slots.ackPosRelease(Cell.SLOT, 1);
            cell.room.wake();
            r.r2 = cell.kernel.woken;
        }

        @Actor
        public void publisher(ZZ_Result r) {
            await(r);
        }
    }

    /** No fence between the acknowledgement and the look. */
    @JCStressTest
    @Outcome(
            id = {"true, true", "false, true", "false, false"},
            expect = ACCEPTABLE)
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING)
    @State
    public static class NoFence extends Scene {
        @Actor
        public void subscriber(ZZ_Result r) {
            cell.approach();
            cell.slots.ackPosRelease(Cell.SLOT, 1);
            if ((cell.bytes.getIntAcquire(SegmentHeader.ROOM) & 1) != 0) cell.room.wake();
            r.r2 = cell.kernel.woken;
        }

        @Actor
        public void publisher(ZZ_Result r) {
            await(r);
        }
    }
}
