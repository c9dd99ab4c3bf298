package dev.belfry.shm.sync;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.locks.LockSupport;

/**
 * Virtual threads that wait in the kernel hold their carrier, and there are as many carriers as cores. So they wait in short slices and park in between: not
 * {@code Thread.yield}, after which a carrier goes on with its own queue and a thread that was started elsewhere never gets its turn.
 */
final class Carriers {
    private static final long LONGEST_NANOS = 10_000_000;
    private static final MethodHandle IS_VIRTUAL = isVirtual();

    private Carriers() {}

    /** How long the current thread may wait in the kernel at a time. */
    static long slice(long nanos) {
        return isCurrentVirtual() ? Math.min(nanos, LONGEST_NANOS) : nanos;
    }

    /** After a slice that ended by time. */
    static void release() {
        if (isCurrentVirtual()) LockSupport.parkNanos(1);
    }

    private static boolean isCurrentVirtual() {
        if (IS_VIRTUAL == null) return false;
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable e) {
            return false;
        }
    }

    private static MethodHandle isVirtual() {
        try {
            return MethodHandles.lookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException olderThan21) {
            return null;
        }
    }
}
