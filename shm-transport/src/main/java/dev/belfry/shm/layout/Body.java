package dev.belfry.shm.layout;

import dev.belfry.shm.memory.RawMemory;
import dev.belfry.shm.memory.RealMemory;
import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The bytes of one message in a {@link SharedBytes}. Numbers are BIG_ENDIAN and need no alignment; all access is
 * plain. One object for each reader or publisher, which is put over its next message: what its user has is a subclass,
 * whose interface says which of these methods are meant for that.
 */
public class Body {
    private static final RawMemory MEMORY = RealMemory.MEMORY;
    private static final int ENDED = Integer.MIN_VALUE; // a bit beside the length: a claim still tells that

    final boolean readOnly;
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
    public final void over(SharedBytes bytes) {
        if (in == bytes) return;
        length = 0;
        root = readOnly ? bytes.buffer.asReadOnlyBuffer() : bytes.buffer.duplicate();
        in = bytes;
    }

    /** The next message is here. */
    public final void at(long index, int length) {
        this.at = index;
        this.length = length;
    }

    /** Only the first bytes of the message are left. */
    public final void cut(int length) {
        this.length = length;
    }

    /** From now on every access is refused, of no bytes, too. */
    public final void end() {
        length |= ENDED;
    }

    /** Also after its end. */
    public int length() {
        return length & ~ENDED;
    }

    /** The same of each; below 0: it has ended. */
    final int size() {
        return length;
    }

    public final boolean isOver() {
        return length < 0;
    }

    // Bytes are checked against the message, and against the bytes that it is in, which are read once and stay
    // reachable: a thread that uses a view too late finds some message or an exception, never other memory.

    public final byte getByte(int index) {
        SharedBytes bytes = in;
        byte value = MEMORY.getByte(bytes.address(placeOf(index, Byte.BYTES), Byte.BYTES));
        Reference.reachabilityFence(bytes);
        return value;
    }

    public final short getShort(int index) {
        SharedBytes bytes = in;
        short value = MEMORY.getShort(bytes.address(placeOf(index, Short.BYTES), Short.BYTES));
        Reference.reachabilityFence(bytes);
        return Short.reverseBytes(value);
    }

    public final int getInt(int index) {
        SharedBytes bytes = in;
        int value = MEMORY.getInt(bytes.address(placeOf(index, Integer.BYTES), Integer.BYTES));
        Reference.reachabilityFence(bytes);
        return Integer.reverseBytes(value);
    }

    public final long getLong(int index) {
        SharedBytes bytes = in;
        long value = MEMORY.getLong(bytes.address(placeOf(index, Long.BYTES), Long.BYTES));
        Reference.reachabilityFence(bytes);
        return Long.reverseBytes(value);
    }

    public final void putByte(int index, byte value) {
        SharedBytes bytes = in;
        MEMORY.putByte(bytes.address(placeOf(index, Byte.BYTES), Byte.BYTES), value);
        Reference.reachabilityFence(bytes);
    }

    public final void putShort(int index, short value) {
        SharedBytes bytes = in;
        MEMORY.putShort(bytes.address(placeOf(index, Short.BYTES), Short.BYTES), Short.reverseBytes(value));
        Reference.reachabilityFence(bytes);
    }

    public final void putInt(int index, int value) {
        SharedBytes bytes = in;
        MEMORY.putInt(bytes.address(placeOf(index, Integer.BYTES), Integer.BYTES), Integer.reverseBytes(value));
        Reference.reachabilityFence(bytes);
    }

    public final void putLong(int index, long value) {
        SharedBytes bytes = in;
        MEMORY.putLong(bytes.address(placeOf(index, Long.BYTES), Long.BYTES), Long.reverseBytes(value));
        Reference.reachabilityFence(bytes);
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

    public final void copyFrom(int index, byte[] source, int from, int size) {
        in.copyIn(placeOf(index, size), source, from, size);
    }

    /** Moves the source's position to its limit. */
    public final void copyFrom(int index, ByteBuffer source) {
        int from = source.position();
        int size = source.limit() - from; // of what was read: another thread may move the position
        in.copyIn(placeOf(index, size), source, from, size);
        source.position(from + size);
    }

    private long placeOf(int index, int size) {
        try {
            return at + Objects.checkFromIndexSize(index, size, length);
        } catch (IndexOutOfBoundsException outside) {
            throw refused(outside);
        }
    }

    /** To its user: the index is outside the message, or that has ended. Asked only then. */
    protected RuntimeException refused(IndexOutOfBoundsException outside) {
        return outside;
    }

    /** A new one: position 0, limit the message's length, BIG_ENDIAN. */
    public ByteBuffer buffer() {
        return root.slice((int) at, length);
    }
}
