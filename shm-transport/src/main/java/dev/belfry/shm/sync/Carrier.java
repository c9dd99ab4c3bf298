package dev.belfry.shm.sync;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.locks.LockSupport;

/**
 * The platform thread that carries a virtual one, and is held while that waits in the kernel itself. Such a wait has
 * short slices, and parks in between: not {@code Thread.yield}, after which a carrier goes on with its own queue and
 * a thread that was started elsewhere never gets its turn. {@link StandIn} has the other way.
 */
public final class Carrier {
    private static final long LONGEST_NANOS = 10_000_000;
    private static final MethodHandle IS_VIRTUAL = findIsVirtual();

    private Carrier() {}

    /** Before the first wait, which may meet the end of a stack or of memory: the class would be lost for good. */
    static void initialize() {}

    public static boolean isVirtual() {
        if (IS_VIRTUAL == null) return false;
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable e) {
            return false;
        }
    }

    /** How long the current thread itself may wait in the kernel at a time. */
    static long atMost(long nanos) {
        return isVirtual() ? Math.min(nanos, LONGEST_NANOS) : nanos;
    }

    /** After a slice that ended by time. */
    static void release() {
        if (isVirtual()) LockSupport.parkNanos(1);
    }

    private static MethodHandle findIsVirtual() {
        try {
            return MethodHandles.lookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException olderThan21) {
            return null;
        }
    }
}
