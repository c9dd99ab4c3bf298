package dev.belfry.shm.posix;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A process's part in the fence that one thread requests of all others, so that they need no fence
 * of their own on their fast path. A process that goes without a fence must be registered, or the
 * requested fence passes its threads by. A process that only requests it need not be.
 */
public final class Membarrier {
    private static final int GLOBAL_EXPEDITED = 1 << 1;
    private static final int REGISTER_GLOBAL_EXPEDITED = 1 << 2;

    /** Longer than any processor delays a store. */
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

    /**
     * The real one, registered by a thread of its own. No thread waits for it, and until it is done all threads fence.
     */
    public static Membarrier real() {
        return Real.INSTANCE;
    }

    private static final class Real {
        static final Membarrier INSTANCE = new Membarrier(RealLibC.load());

        static {
            Thread thread = new Thread(INSTANCE::register, "belfry-membarrier");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError noThread) {
                // Then all threads of this JVM fence. An exception from here would end it for every
                // queue, for ever.
            }
        }
    }

    private void register() {
        registered = call(REGISTER_GLOBAL_EXPEDITED);
    }

    /**
     * Whether {@link #everywhere}, called by any process, reaches the threads of this one. Once true, it stays true.
     */
    public boolean isRegistered() {
        return registered;
    }

    /**
     * When it returns true, every running thread of every registered process, and the caller, has passed a full fence:
     * its earlier stores can be seen, and from then on it sees all that was stored before the call. Takes about a
     * microsecond. False: the kernel has no such call, or a sandbox forbids it.
     */
    public boolean everywhere() {
        return call(GLOBAL_EXPEDITED);
    }

    /** Waits where {@link #everywhere} is denied: a store leaves the processor within microseconds. */
    public static void outlastStoreBuffers() {
        VarHandle.fullFence();
        long end = System.nanoTime() + STORE_BUFFER_NANOS;
        for (long left; (left = end - System.nanoTime()) > 0; ) LockSupport.parkNanos(left); // which an interrupt ends
    }

    private boolean call(int command) {
        return c.syscall(Linux.SYS_membarrier, command, 0, 0, 0, 0, 0) == 0;
    }
}
