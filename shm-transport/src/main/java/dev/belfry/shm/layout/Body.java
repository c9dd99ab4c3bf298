package dev.belfry.shm.layout;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Objects;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * The bytes of one message in a {@link SharedBytes}. Numbers are BIG_ENDIAN and need no alignment; all access is
 * plain. One object for each reader or publisher, which is put over its next message.
 */
public final class Body {
    private static final UnsafeMemory MEMORY = UnsafeMemory.INSTANCE;

    private final boolean readOnly;
    private SharedBytes in;
    private ByteBuffer root; // of these bytes
    private long at;
    private int length;

    /** Over nothing. */
    public Body(boolean readOnly) {
        this.readOnly = readOnly;
    }

    /**
     * The next messages are in these bytes. No reference is stored that is there already: collectors make such a
     * store cost a fence.
     */
    public void over(SharedBytes bytes) {
        if (in == bytes) return;
        length = 0;
        root = readOnly ? bytes.buffer.asReadOnlyBuffer() : bytes.buffer.duplicate();
        in = bytes;
    }

    /** The next message is here. */
    public void at(long index, int length) {
        this.at = index;
        this.length = length;
    }

    /** From now on every access is refused. */
    public void end() {
        length = 0;
    }

    public int length() {
        return length;
    }

    /**
     * The address. Bytes are checked against the message, and against these bytes, which are read once: a thread that
     * uses a view of an earlier message too late finds some message or an exception, never other memory.
     */
    private long checked(int index, int size) {
        SharedBytes bytes = in;
        return bytes.address(placeOf(index, size), size);
    }

    public byte getByte(int index) {
        return MEMORY.readByte(checked(index, Byte.BYTES));
    }

    public short getShort(int index) {
        return Short.reverseBytes(MEMORY.readShort(checked(index, Short.BYTES)));
    }

    public int getInt(int index) {
        return Integer.reverseBytes(MEMORY.readInt(checked(index, Integer.BYTES)));
    }

    public long getLong(int index) {
        return Long.reverseBytes(MEMORY.readLong(checked(index, Long.BYTES)));
    }

    public void putByte(int index, byte value) {
        MEMORY.writeByte(checked(index, Byte.BYTES), value);
    }

    public void putShort(int index, short value) {
        MEMORY.writeShort(checked(index, Short.BYTES), Short.reverseBytes(value));
    }

    public void putInt(int index, int value) {
        MEMORY.writeInt(checked(index, Integer.BYTES), Integer.reverseBytes(value));
    }

    public void putLong(int index, long value) {
        MEMORY.writeLong(checked(index, Long.BYTES), Long.reverseBytes(value));
    }

    public void copyTo(int index, byte[] target, int from, int size) {
        in.copyOut(placeOf(index, size), target, from, size);
    }

    /** Moves the target's position after what was copied. */
    public void copyTo(int index, ByteBuffer target, int size) {
        long place = placeOf(index, size);
        if (size > target.remaining()) throw new BufferOverflowException();
        target.put(target.position(), root, (int) place, size).position(target.position() + size);
    }

    public void copyFrom(int index, byte[] source, int from, int size) {
        in.copyIn(placeOf(index, size), source, from, size);
    }

    /** Moves the source's position to its limit. */
    public void copyFrom(int index, ByteBuffer source) {
        int size = source.remaining();
        in.copyIn(placeOf(index, size), source, source.position(), size);
        source.position(source.limit());
    }

    private long placeOf(int index, int size) {
        return at + Objects.checkFromIndexSize(index, size, length);
    }

    /** A new one: position 0, limit the message's length, BIG_ENDIAN. */
    public ByteBuffer buffer() {
        return root.slice((int) at, length);
    }
}
