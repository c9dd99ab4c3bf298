package dev.belfry.shm.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * By {@code java.lang.foreign}, of a segment that is all memory: it is never closed, so no access asks for more than
 * bounds. Created by its name: a JVM older than 22 does not find it.
 */
final class ForeignMemory extends RawMemory {
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final VarHandle LONG = JAVA_LONG.varHandle();

    /** The largest buffer over a segment. */
    private static final long MOST = Integer.MAX_VALUE - 8;

    /** Copied in straight lines: starting a bulk copy takes longer. */
    private static final int SMALL = 64;

    ForeignMemory() {}

    /** Apart, as a JVM may refuse it: {@link #unavailableReason} says so. */
    private static final class Everything {
        @SuppressWarnings("restricted")
        static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
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
        return Everything.ALL.get(JAVA_BYTE, at);
    }

    @Override
    public short getShort(long at) {
        return Everything.ALL.get(JAVA_SHORT_UNALIGNED, at);
    }

    @Override
    public int getInt(long at) {
        return Everything.ALL.get(JAVA_INT_UNALIGNED, at);
    }

    @Override
    public long getLong(long at) {
        return Everything.ALL.get(JAVA_LONG_UNALIGNED, at);
    }

    @Override
    public void putByte(long at, byte value) {
        Everything.ALL.set(JAVA_BYTE, at, value);
    }

    @Override
    public void putShort(long at, short value) {
        Everything.ALL.set(JAVA_SHORT_UNALIGNED, at, value);
    }

    @Override
    public void putInt(long at, int value) {
        Everything.ALL.set(JAVA_INT_UNALIGNED, at, value);
    }

    @Override
    public void putLong(long at, long value) {
        Everything.ALL.set(JAVA_LONG_UNALIGNED, at, value);
    }

    // What a stranger wrote may lead a reader to a place that is not aligned. Such words are no words of a sound
    // queue; what is read there is checked as all is.

    @Override
    public int getIntAcquire(long at) {
        if ((at & 3) == 0) return (int) INT.getAcquire(Everything.ALL, at);
        int value = getInt(at);
        VarHandle.acquireFence();
        return value;
    }

    @Override
    public long getLongAcquire(long at) {
        if ((at & 7) == 0) return (long) LONG.getAcquire(Everything.ALL, at);
        long value = getLong(at);
        VarHandle.acquireFence();
        return value;
    }

    @Override
    public void putIntRelease(long at, int value) {
        INT.setRelease(Everything.ALL, at, value);
    }

    @Override
    public void putLongRelease(long at, long value) {
        LONG.setRelease(Everything.ALL, at, value);
    }

    @Override
    public boolean compareAndSetInt(long at, int expected, int value) {
        return INT.compareAndSet(Everything.ALL, at, expected, value);
    }

    @Override
    public boolean compareAndSetLong(long at, long expected, long value) {
        return LONG.compareAndSet(Everything.ALL, at, expected, value);
    }

    @Override
    public void copy(long from, long to, int length) {
        MemorySegment.copy(Everything.ALL, from, Everything.ALL, to, length);
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

    // Not by the buffer, as the segment of ALL is a constant, and so is all that is asked of it.

    @Override
    public void copy(byte[] source, int from, int length, long to, ByteBuffer target, int at) {
        MemorySegment.copy(source, from, Everything.ALL, JAVA_BYTE, to, length);
    }

    @Override
    public void copy(long from, ByteBuffer source, int at, byte[] target, int to, int length) {
        MemorySegment.copy(Everything.ALL, JAVA_BYTE, from, target, to, length);
    }

    @Override
    public ByteBuffer view(long address, long length) {
        return Everything.ALL
                .asSlice(address, Math.min(length, MOST))
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
    }

    @Override
    public long addressOf(ByteBuffer direct) {
        return MemorySegment.ofBuffer(direct.duplicate().clear()).address();
    }
}
