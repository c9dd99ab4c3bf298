package dev.belfry.shm.memory;

import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * Where the fields of a ByteBuffer lie in it, found by Unsafe without any flag; -1: this JDK has no
 * such field, or does not tell.
 */
final class BufferFields {
    static final long ADDRESS = offset(Buffer.class, "address");
    static final long SEGMENT = offset(Buffer.class, "segment");
    static final long ARRAY = offset(ByteBuffer.class, "hb");
    static final long FILE = offset(MappedByteBuffer.class, "fd");

    private BufferFields() {}

    private static long offset(Class<? extends Buffer> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            return UnsafeMemory.INSTANCE.getFieldOffset(field);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return -1;
        }
    }
}
