package dev.belfry.shm.posix;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A process's part in the fence that one thread asks of all others, so that they need none of their
 * own on their fast path. Who goes without one must be registered, or the fence passes its threads
 * by; who only asks for it need not be.
 */
public final class Membarrier {
    private static final int GLOBAL_EXPEDITED = 1 << 1;
    private static final int REGISTER_GLOBAL_EXPEDITED = 1 << 2;

    /** Longer than any processor keeps a store to itself. */
    public static final long STORE_BUFFER_NANOS = 20_000_000;

    private final LibC c;
    private volatile boolean registered;

    private Membarrier(LibC c) {
        this.c = c;
    }

    /**
     * Registers the process, which takes some ten milliseconds the first time: the kernel waits
     * until all processors know of it.
     */
    public static Membarrier registered(LibC c) {
        Membarrier membarrier = new Membarrier(c);
        membarrier.register();
        return membarrier;
    }

    /** The real one, registered by a thread of its own: nobody waits for it, and until it is done everybody fences. */
    public static Membarrier real() {
        return Real.INSTANCE;
    }

    private static final class Real {
        static final Membarrier INSTANCE = new Membarrier(NativeLibC.load());

        static {
            Thread thread = new Thread(INSTANCE::register, "belfry-membarrier");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError noThread) {
                // Then everybody fences in this JVM. Thrown from here it would end it for every queue, for good.
            }
        }
    }

    private void register() {
        registered = call(REGISTER_GLOBAL_EXPEDITED);
    }

    /** Does {@link #everywhere}, asked by whatever process, reach the threads of this one? For good, once it does. */
    public boolean isRegistered() {
        return registered;
    }

    /**
     * When it returns true, every running thread of every registered process, and the caller, has
     * passed a point at which all that it stored before can be seen, and from which on it sees all
     * that was stored before the call. About a microsecond. False: the kernel has none, or a
     * sandbox forbids it.
     */
    public boolean everywhere() {
        return call(GLOBAL_EXPEDITED);
    }

    /** Where {@link #everywhere} is denied, time does: a store leaves the processor within microseconds. */
    public static void outlastStoreBuffers() {
        VarHandle.fullFence();
        long end = System.nanoTime() + STORE_BUFFER_NANOS;
        for (long left; (left = end - System.nanoTime()) > 0; ) LockSupport.parkNanos(left); // which an interrupt ends
    }

    private boolean call(int command) {
        return c.syscall(Linux.SYS_membarrier, command, 0, 0, 0, 0, 0) == 0;
    }
}
