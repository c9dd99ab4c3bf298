package dev.belfry.shm.posix;

/** The fence that one thread asks of all others, so that they need none of their own on their fast path. */
public final class Membarrier {
    private static final int MEMBARRIER_CMD_GLOBAL = 1;

    private Membarrier() {}

    /**
     * {@code membarrier(MEMBARRIER_CMD_GLOBAL)}: when it returns, every running thread of the machine has passed a point at which its memory
     * accesses were in program order. Takes milliseconds. False if the kernel has none.
     */
    public static boolean global(LibC c) {
        return c.syscall(Linux.SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0, 0, 0, 0) == 0;
    }
}
