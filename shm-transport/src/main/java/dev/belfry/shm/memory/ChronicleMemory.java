package dev.belfry.shm.memory;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * By Chronicle's {@link UnsafeMemory}, and no more of Chronicle: the class initialisers of its stores take as long as a
 * fifth of a start, and speak. Buffers over memory are made by JNA.
 *
 * <p>It is asked by its constant at each place: where Unsafe is denied, this class can still say so.
 */
final class ChronicleMemory extends RawMemory {
    @Override
    public String unavailableReason() {
        try {
            long memory = UnsafeMemory.INSTANCE.allocate(Long.BYTES);
            UnsafeMemory.INSTANCE.freeMemory(memory, Long.BYTES);
            Bodies.isPlain(ByteBuffer.allocate(0)); // its first use, as one at the end of the stack loses the class
            return null;
        } catch (Throwable denied) {
            Throwable cause = rootOf(denied);
            return "Chronicle Bytes cannot be used here: " + cause
                    + (cause instanceof UnsupportedOperationException
                            ? "; start the JVM with --sun-misc-unsafe-memory-access=allow"
                            : "");
        }
    }

    @Override
    public byte getByte(long at) {
        return UnsafeMemory.INSTANCE.readByte(at);
    }

    @Override
    public short getShort(long at) {
        return UnsafeMemory.INSTANCE.readShort(at);
    }

    @Override
    public int getInt(long at) {
        return UnsafeMemory.INSTANCE.readInt(at);
    }

    @Override
    public long getLong(long at) {
        return UnsafeMemory.INSTANCE.readLong(at);
    }

    @Override
    public void putByte(long at, byte value) {
        UnsafeMemory.INSTANCE.writeByte(at, value);
    }

    @Override
    public void putShort(long at, short value) {
        UnsafeMemory.INSTANCE.writeShort(at, value);
    }

    @Override
    public void putInt(long at, int value) {
        UnsafeMemory.INSTANCE.writeInt(at, value);
    }

    @Override
    public void putLong(long at, long value) {
        UnsafeMemory.INSTANCE.writeLong(at, value);
    }

    @Override
    public int getIntAcquire(long at) {
        return UnsafeMemory.INSTANCE.readVolatileInt(null, at); // the form that does not check alignment
    }

    @Override
    public long getLongAcquire(long at) {
        return UnsafeMemory.INSTANCE.readVolatileLong(null, at);
    }

    @Override
    public void putIntRelease(long at, int value) {
        UnsafeMemory.INSTANCE.writeOrderedInt(null, at, value);
    }

    @Override
    public void putLongRelease(long at, long value) {
        UnsafeMemory.INSTANCE.writeOrderedLong(null, at, value);
    }

    @Override
    public boolean compareAndSetInt(long at, int expected, int value) {
        return UnsafeMemory.INSTANCE.compareAndSwapInt(at, expected, value);
    }

    @Override
    public boolean compareAndSetLong(long at, long expected, long value) {
        return UnsafeMemory.INSTANCE.compareAndSwapLong(at, expected, value);
    }

    @Override
    public void copy(long from, long to, int length) {
        UnsafeMemory.copyMemory(from, to, length);
    }

    @Override
    public void copy(ByteBuffer source, int from, int length, long to, ByteBuffer target, int at) {
        if (Bodies.isPlain(source)) Bodies.copy(source, from, length, to);
        else target.put(at, source, from, length);
    }

    @Override
    public boolean isOfAFile(ByteBuffer source) {
        return source instanceof MappedByteBuffer // as each direct one is
                && (BufferFields.FILE < 0 || UnsafeMemory.unsafeGetObject(source, BufferFields.FILE) != null);
    }

    @Override
    public void copy(byte[] source, int from, int length, long to, ByteBuffer target, int at) {
        target.put(at, source, from, length);
    }

    @Override
    public void copy(long from, ByteBuffer source, int at, byte[] target, int to, int length) {
        source.get(at, target, to, length);
    }

    @Override
    public ByteBuffer view(long address, long length) {
        return new Pointer(address)
                .getByteBuffer(0, Math.min(length, Integer.MAX_VALUE))
                .order(ByteOrder.nativeOrder());
    }

    @Override
    public long addressOf(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }
}
