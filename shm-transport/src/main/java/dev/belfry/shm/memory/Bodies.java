package dev.belfry.shm.memory;

import static dev.belfry.shm.memory.BufferFields.ADDRESS;
import static dev.belfry.shm.memory.BufferFields.ARRAY;
import static dev.belfry.shm.memory.BufferFields.SEGMENT;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * Copies the body of a message from a buffer to an address: word by word, or in bulk if it is long. The buffer's own
 * accessors check each word; here position and limit were checked once, by the caller. A buffer over a memory segment
 * can be closed meanwhile, so it is copied by its own accessors, and so is any buffer where these fields are not found.
 */
final class Bodies {
    private static final UnsafeMemory MEMORY = UnsafeMemory.INSTANCE;
    private static final long BEGIN = ADDRESS < 0 ? 0 : MEMORY.readLong(ByteBuffer.wrap(new byte[0]), ADDRESS);
    private static final boolean KNOWN = ADDRESS >= 0 && SEGMENT >= 0 && ARRAY >= 0 && works();

    /** Up to this length, copying words is faster than starting a bulk copy. */
    private static final int SMALL = 128;

    private Bodies() {}

    /** May {@link #copy} be used for it? */
    static boolean isPlain(ByteBuffer source) {
        return KNOWN && UnsafeMemory.unsafeGetObject(source, SEGMENT) == null;
    }

    /** {@code from} and {@code length} lie in the source, and {@code length} bytes at {@code to} in the mapping. */
    static void copy(ByteBuffer source, int from, int length, long to) {
        Object array = UnsafeMemory.unsafeGetObject(source, ARRAY); // null: direct, and the address is one
        long at = MEMORY.readLong(source, ADDRESS) + from;
        if (length <= SMALL) copySmall(array, at, length, to);
        else if (array == null) UnsafeMemory.copyMemory(at, to, length);
        else MEMORY.copyMemory((byte[]) array, (int) (at - BEGIN), to, length);
        Reference.reachabilityFence(source);
    }

    private static void copySmall(Object array, long at, int length, long to) {
        int words = length & ~7;
        for (int i = 0; i < words; i += 8) MEMORY.writeLong(to + i, MEMORY.readLong(array, at + i));
        for (int i = words; i < length; i++) MEMORY.writeByte(to + i, MEMORY.readByte(array, at + i));
    }

    private static boolean works() {
        byte[] bytes = new byte[2 * SMALL];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i * 7);
        ByteBuffer heap = ByteBuffer.wrap(bytes, 2, bytes.length - 2).slice();
        ByteBuffer direct = ByteBuffer.allocateDirect(heap.limit()).put(heap.duplicate());
        return works(heap, 11) && works(direct, 11) && works(heap, SMALL + 11) && works(direct, SMALL + 11);
    }

    private static boolean works(ByteBuffer source, int length) {
        ByteBuffer target = ByteBuffer.allocateDirect(length + 1);
        copy(source, 1, length, MEMORY.readLong(target, ADDRESS));
        return target.get(length) == 0
                && target.limit(length)
                        .equals(source.duplicate().position(1).limit(1 + length).slice());
    }
}
