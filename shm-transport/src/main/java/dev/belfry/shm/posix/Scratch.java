package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.TV_NSEC;
import static dev.belfry.shm.posix.Linux.TV_SEC;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A little native memory for each thread, for the one struct that its current call passes, so that
 * waiting allocates nothing. Nobody keeps anything in it beyond a call.
 *
 * <p>What the thread holds is a buffer of the JDK's and nothing of ours, lest a thread of a pool
 * keep our class loader alive; so the buffer holds its own address, in its first eight bytes.
 */
final class Scratch {
    /** Index of the struct in the buffer. */
    static final int STRUCT = 16;

    /** Room for the largest one, struct statx with its reserve, or a struct and a pointer behind it. */
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

    /** Where a direct buffer lies; it must stay reachable as long as that is used. */
    static long addressOf(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    private Scratch() {}
}
