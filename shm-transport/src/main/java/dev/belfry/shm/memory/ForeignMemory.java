package dev.belfry.shm.memory;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;

/**
 * By {@code java.lang.foreign}, of a segment that is all memory: it is never closed, so no access asks for more than
 * bounds. Each access is a constant handle, bound to that segment.
 */
final class ForeignMemory extends RawMemory {
    /** The largest buffer over a segment. */
    private static final long MOST = Integer.MAX_VALUE - 8;

    /** Copied in straight lines: starting a bulk copy takes longer. */
    private static final int SMALL = 64;

    private boolean asksSegments = Runtime.version().feature() > 25;

    private ForeignMemory() {}

    /** A JVM that takes another way does not load this class to verify the one that chooses. */
    static RawMemory create() {
        return new ForeignMemory();
    }

    /** Apart, as a JVM may refuse it: {@link #unavailableReason} says so. */
    private static final class Everything {
        private static final Class<?> SEGMENT = Foreign.type("MemorySegment");
        private static final Class<?> LAYOUT = Foreign.type("ValueLayout");
        private static final Object ALL = Foreign.call(
                Foreign.constant("MemorySegment", "NULL"),
                Foreign.method("MemorySegment", "reinterpret", long.class),
                Long.MAX_VALUE);
        private static final Method INSERT =
                Foreign.method(MethodHandles.class, "insertCoordinates", VarHandle.class, int.class, Object[].class);
        static final VarHandle BYTE = words("JAVA_BYTE");
        static final VarHandle SHORT = words("JAVA_SHORT_UNALIGNED");
        static final VarHandle INT = words("JAVA_INT_UNALIGNED");
        static final VarHandle LONG = words("JAVA_LONG_UNALIGNED");
        static final VarHandle ALIGNED_INT = words("JAVA_INT");
        static final VarHandle ALIGNED_LONG = words("JAVA_LONG");

        /** From, to, length. */
        static final MethodHandle COPY = copy(SEGMENT, long.class, SEGMENT, long.class, long.class);

        /** Source, from, to, length. */
        static final MethodHandle COPY_IN = copy(Object.class, int.class, SEGMENT, LAYOUT, long.class, int.class)
                .asType(methodType(void.class, byte[].class, int.class, long.class, int.class));

        /** From, target, to, length. */
        static final MethodHandle COPY_OUT = copy(SEGMENT, LAYOUT, long.class, Object.class, int.class, int.class)
                .asType(methodType(void.class, long.class, byte[].class, int.class, int.class));

        static final MethodHandle VIEW = MethodHandles.filterReturnValue(
                MethodHandles.insertArguments(handle("asSlice", long.class, long.class), 0, ALL),
                handle("asByteBuffer"));
        static final MethodHandle IS_MAPPED =
                MethodHandles.filterReturnValue(handle("ofBuffer", Buffer.class), handle("isMapped"));
        static final MethodHandle ADDRESS_OF =
                MethodHandles.filterReturnValue(handle("ofBuffer", Buffer.class), handle("address"));

        private static VarHandle words(String layout) {
            Object of = Foreign.constant("ValueLayout", layout);
            Object words = Foreign.call(of, Foreign.method("ValueLayout", "varHandle"));
            return (VarHandle) Foreign.call(null, INSERT, words, 0, new Object[] {ALL});
        }

        private static MethodHandle handle(String method, Class<?>... parameters) {
            return Foreign.handle(Foreign.method("MemorySegment", method, parameters));
        }

        /** Each segment is all memory, each layout that of bytes. */
        private static MethodHandle copy(Class<?>... parameters) {
            MethodHandle copy = handle("copy", parameters);
            Object bytes = Foreign.constant("ValueLayout", "JAVA_BYTE");
            for (int i = parameters.length - 1; i >= 0; i--)
                if (parameters[i] == SEGMENT) copy = MethodHandles.insertArguments(copy, i, ALL);
                else if (parameters[i] == LAYOUT) copy = MethodHandles.insertArguments(copy, i, bytes);
            return copy;
        }
    }

    @Override
    public String unavailableReason() {
        try {
            ByteBuffer word = ByteBuffer.allocateDirect(Long.BYTES);
            return getLong(addressOf(word)) == 0 ? null : "java.lang.foreign does not read memory here";
        } catch (Throwable denied) {
            return "java.lang.foreign cannot be used here: " + rootOf(denied);
        }
    }

    @Override
    public byte getByte(long at) {
        return (byte) Everything.BYTE.get(at);
    }

    @Override
    public short getShort(long at) {
        return (short) Everything.SHORT.get(at);
    }

    @Override
    public int getInt(long at) {
        return (int) Everything.INT.get(at);
    }

    @Override
    public long getLong(long at) {
        return (long) Everything.LONG.get(at);
    }

    @Override
    public void putByte(long at, byte value) {
        Everything.BYTE.set(at, value);
    }

    @Override
    public void putShort(long at, short value) {
        Everything.SHORT.set(at, value);
    }

    @Override
    public void putInt(long at, int value) {
        Everything.INT.set(at, value);
    }

    @Override
    public void putLong(long at, long value) {
        Everything.LONG.set(at, value);
    }

    // Words that a stranger wrote may lead a reader to a place that is not aligned. A sound queue
    // has no words there; those that are read are checked as all are.

    @Override
    public int getIntAcquire(long at) {
        if ((at & 3) != 0) return unalignedIntAcquire(at);
        return (int) Everything.ALIGNED_INT.getAcquire(at);
    }

    private int unalignedIntAcquire(long at) {
        int value = getInt(at);
        VarHandle.acquireFence();
        return value;
    }

    @Override
    public long getLongAcquire(long at) {
        if ((at & 7) != 0) return unalignedLongAcquire(at);
        return (long) Everything.ALIGNED_LONG.getAcquire(at);
    }

    private long unalignedLongAcquire(long at) {
        long value = getLong(at);
        VarHandle.acquireFence();
        return value;
    }

    @Override
    public void putIntRelease(long at, int value) {
        Everything.ALIGNED_INT.setRelease(at, value);
    }

    @Override
    public void putLongRelease(long at, long value) {
        Everything.ALIGNED_LONG.setRelease(at, value);
    }

    @Override
    public boolean compareAndSetInt(long at, int expected, int value) {
        return Everything.ALIGNED_INT.compareAndSet(at, expected, value);
    }

    @Override
    public boolean compareAndSetLong(long at, long expected, long value) {
        return Everything.ALIGNED_LONG.compareAndSet(at, expected, value);
    }

    @Override
    public void copy(long from, long to, int length) {
        try {
            Everything.COPY.invokeExact(from, to, (long) length);
        } catch (Throwable thrown) {
            throw Foreign.unchecked(thrown);
        }
    }

    @Override
    public void copy(ByteBuffer source, int from, int length, long to, ByteBuffer target, int at) {
        if (length >= SMALL) target.put(at, source, from, length);
        else if (source.order() == ByteOrder.nativeOrder()) copySmall(source, from, length, to);
        else copySwapped(source, from, length, to);
    }

    // Straight lines: C2 makes worse of a loop of segment accesses.

    private void copySmall(ByteBuffer source, int from, int length, long to) {
        int i = from;
        long at = to;
        if ((length & 32) != 0) {
            putLong(at, source.getLong(i));
            putLong(at + 8, source.getLong(i + 8));
            putLong(at + 16, source.getLong(i + 16));
            putLong(at + 24, source.getLong(i + 24));
            i += 32;
            at += 32;
        }
        if ((length & 16) != 0) {
            putLong(at, source.getLong(i));
            putLong(at + 8, source.getLong(i + 8));
            i += 16;
            at += 16;
        }
        if ((length & 8) != 0) {
            putLong(at, source.getLong(i));
            i += 8;
            at += 8;
        }
        if ((length & 7) != 0) copyRest(source, i, length & 7, at);
    }

    private void copySwapped(ByteBuffer source, int from, int length, long to) {
        int i = from;
        long at = to;
        if ((length & 32) != 0) {
            putLong(at, Long.reverseBytes(source.getLong(i)));
            putLong(at + 8, Long.reverseBytes(source.getLong(i + 8)));
            putLong(at + 16, Long.reverseBytes(source.getLong(i + 16)));
            putLong(at + 24, Long.reverseBytes(source.getLong(i + 24)));
            i += 32;
            at += 32;
        }
        if ((length & 16) != 0) {
            putLong(at, Long.reverseBytes(source.getLong(i)));
            putLong(at + 8, Long.reverseBytes(source.getLong(i + 8)));
            i += 16;
            at += 16;
        }
        if ((length & 8) != 0) {
            putLong(at, Long.reverseBytes(source.getLong(i)));
            i += 8;
            at += 8;
        }
        if ((length & 7) != 0) copyRest(source, i, length & 7, at);
    }

    private void copyRest(ByteBuffer source, int from, int length, long to) {
        for (int i = 0; i < length; i++) putByte(to + i, source.get(from + i));
    }

    /**
     * C2 does not always take a segment apart that is asked this: then it is garbage, 32 bytes a message. Up to release
     * 25 of the JDK, force returns at once for a buffer of no file, and refuses this range of each other one. An
     * exception takes longer than a segment: from the first buffer of a file on, segments are asked.
     */
    @Override
    public boolean isOfAFile(ByteBuffer source) {
        if (!source.isDirect()) return false;
        try {
            if (asksSegments) return (boolean) Everything.IS_MAPPED.invokeExact((Buffer) source);
            ((MappedByteBuffer) source).force(-1, 0);
            return false;
        } catch (IndexOutOfBoundsException ofAFile) {
            return asksSegments = true;
        } catch (Throwable thrown) {
            throw Foreign.unchecked(thrown);
        }
    }

    // Not by the buffer, as the segment is a constant, and so is all that is asked of it.

    @Override
    public void copy(byte[] source, int from, int length, long to, ByteBuffer target, int at) {
        try {
            Everything.COPY_IN.invokeExact(source, from, to, length);
        } catch (Throwable thrown) {
            throw Foreign.unchecked(thrown);
        }
    }

    @Override
    public void copy(long from, ByteBuffer source, int at, byte[] target, int to, int length) {
        try {
            Everything.COPY_OUT.invokeExact(from, target, to, length);
        } catch (Throwable thrown) {
            throw Foreign.unchecked(thrown);
        }
    }

    @Override
    public ByteBuffer view(long address, long length) {
        long most = Math.min(length, MOST);
        try {
            return ((ByteBuffer) Everything.VIEW.invokeExact(address, most)).order(ByteOrder.nativeOrder());
        } catch (Throwable thrown) {
            throw Foreign.unchecked(thrown);
        }
    }

    @Override
    public long addressOf(ByteBuffer direct) {
        Buffer whole = direct.duplicate().clear();
        try {
            return (long) Everything.ADDRESS_OF.invokeExact(whole);
        } catch (Throwable thrown) {
            throw Foreign.unchecked(thrown);
        }
    }
}
