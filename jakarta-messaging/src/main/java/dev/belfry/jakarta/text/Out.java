package dev.belfry.jakarta.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;

/** Bytes that grow while they are written, little-endian. To be used again after {@link #clear}. */
public final class Out {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int length;
    /** A view of the bytes; null: not yet. */
    private ByteBuffer view;

    public Out(int first) {
        bytes = new byte[first];
    }

    public void clear() {
        length = 0;
    }

    /** The bytes written are its first {@link #length}; valid until the next write. */
    public byte[] array() {
        return bytes;
    }

    public int length() {
        return length;
    }

    /** All that was written so far; valid until the next write. */
    public ByteBuffer written() {
        if (view == null) view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return view.clear().limit(length);
    }

    public Out int8(int value) {
        int at = more(1);
        bytes[at] = (byte) value;
        return this;
    }

    public Out int16(int value) {
        int at = more(2);
        SHORT.set(bytes, at, (short) value);
        return this;
    }

    public Out int32(int value) {
        int at = more(4);
        INT.set(bytes, at, value);
        return this;
    }

    public Out int64(long value) {
        int at = more(8);
        LONG.set(bytes, at, value);
        return this;
    }

    public Out uuid(UUID value) {
        return int64(value.getMostSignificantBits()).int64(value.getLeastSignificantBits());
    }

    public Out varint(long value) {
        long rest = value;
        for (; (rest & ~0x7fL) != 0; rest >>>= 7) int8((int) rest | 0x80);
        return int8((int) rest);
    }

    public Out text(String text) {
        return text == null ? int32(-1) : block(Text.bytes(text));
    }

    /** Its length before it. */
    public Out block(byte[] bytes) {
        return int32(bytes.length).raw(bytes);
    }

    public Out raw(byte[] bytes) {
        return raw(bytes, 0, bytes.length);
    }

    public Out raw(byte[] from, int first, int count) {
        int at = more(count);
        System.arraycopy(from, first, bytes, at, count);
        return this;
    }

    /** Zeros, until what began at {@code start} is a multiple of 8. */
    public Out align(int start) {
        while ((length - start & 7) != 0) int8(0);
        return this;
    }

    public void setInt16(int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    public void setInt32(int at, int value) {
        INT.set(bytes, at, value);
    }

    /** So many bytes, for the caller to fill: where they begin. */
    public int more(int count) {
        int at = length;
        int needed = at + count;
        if (needed < 0) throw new OutOfMemoryError("Message of more than 2^31 - 1 bytes");
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, bytes.length * 2L), Integer.MAX_VALUE - 8));
            view = null;
        }
        length = needed;
        return at;
    }
}
