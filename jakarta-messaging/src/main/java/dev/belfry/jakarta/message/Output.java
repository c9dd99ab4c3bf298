package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Text;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bytes that grow while they are written, little-endian. To be used again after {@link #clear}. */
public final class Output {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[256];
    private int length;

    public void clear() {
        length = 0;
    }

    /** The bytes written are its first {@link #length}. */
    public byte[] array() {
        return bytes;
    }

    public int length() {
        return length;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    Output u8(int value) {
        int at = more(1);
        bytes[at] = (byte) value;
        return this;
    }

    Output u16(int value) {
        int at = more(2);
        SHORT.set(bytes, at, (short) value);
        return this;
    }

    Output i32(int value) {
        int at = more(4);
        INT.set(bytes, at, value);
        return this;
    }

    Output i64(long value) {
        int at = more(8);
        LONG.set(bytes, at, value);
        return this;
    }

    Output raw(byte[] value) {
        return raw(value, 0, value.length);
    }

    Output raw(byte[] value, int from, int count) {
        int at = more(count);
        System.arraycopy(value, from, bytes, at, count);
        return this;
    }

    /** Its length before it. */
    Output sized(byte[] value) {
        return i32(value.length).raw(value);
    }

    Output text(String value) {
        return sized(Text.bytes(value));
    }

    /** Zeros, until what began at {@code start} is a multiple of 8. */
    void align(int start) {
        while ((length - start & 7) != 0) u8(0);
    }

    void setInt(int at, int value) {
        INT.set(bytes, at, value);
    }

    private int more(int count) {
        int at = length;
        int needed = at + count;
        if (needed < 0) throw new OutOfMemoryError("Message of more than 2^31 - 1 bytes");
        if (needed > bytes.length)
            bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, bytes.length * 2L), Integer.MAX_VALUE - 8));
        length = needed;
        return at;
    }
}
