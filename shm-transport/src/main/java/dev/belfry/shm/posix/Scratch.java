package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.TV_NSEC;
import static dev.belfry.shm.posix.Linux.TV_SEC;

import dev.belfry.shm.memory.RealMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A little native memory for each thread, for the one struct of its current call, so that waiting
 * allocates nothing. Nothing in it is kept beyond a call.
 *
 * <p>The thread holds only a buffer of the JDK's: an object of ours in a pool's thread would keep
 * our class loader alive. So the buffer holds its own address, in its first eight bytes.
 */
final class Scratch {
    /** Index of the struct in the buffer. */
    static final int STRUCT = 16;

    /** Room for the largest one, struct statx with its reserve, or for a struct and a pointer after it. */
    private static final int SIZE = STRUCT + 512;

    private static final ThreadLocal<ByteBuffer> OF_THREAD = ThreadLocal.withInitial(Scratch::allocate);

    static ByteBuffer get() {
        return OF_THREAD.get();
    }

    /** The address of the struct. */
    static long address(ByteBuffer scratch) {
        return scratch.getLong(0) + STRUCT;
    }

    /** Makes the struct a timespec of {@code seconds} and {@code nanos}, which may be a second and more. */
    static long timespec(ByteBuffer scratch, long seconds, long nanos) {
        scratch.putLong(STRUCT + TV_SEC, seconds + nanos / 1_000_000_000);
        scratch.putLong(STRUCT + TV_NSEC, nanos % 1_000_000_000);
        return address(scratch);
    }

    private static ByteBuffer allocate() {
        ByteBuffer scratch = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.nativeOrder());
        return scratch.putLong(0, addressOf(scratch));
    }

    /** The address of a direct buffer, which must stay reachable as long as the address is used. */
    static long addressOf(ByteBuffer direct) {
        return RealMemory.MEMORY.addressOf(direct);
    }

    private Scratch() {}
}
