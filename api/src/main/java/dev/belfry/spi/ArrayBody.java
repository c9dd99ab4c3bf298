package dev.belfry.spi;

import dev.belfry.api.ReadableBody;
import dev.belfry.api.WritableBody;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** The methods of {@link ReadableBody} and {@link WritableBody} that need care for a body that is an array. */
public final class ArrayBody {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private ArrayBody() {}

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.BIG_ENDIAN);
    }

    /** A VarHandle's own text names a length that is not the body's. */
    private static int checked(byte[] body, int index, int length) {
        return Objects.checkFromIndexSize(index, length, body.length);
    }

    public static short getShort(byte[] body, int index) {
        return (short) SHORT.get(body, checked(body, index, Short.BYTES));
    }

    public static int getInt(byte[] body, int index) {
        return (int) INT.get(body, checked(body, index, Integer.BYTES));
    }

    public static long getLong(byte[] body, int index) {
        return (long) LONG.get(body, checked(body, index, Long.BYTES));
    }

    public static void copyTo(byte[] body, int index, ByteBuffer target, int length) {
        checked(body, index, length);
        if (length > target.remaining()) throw new BufferOverflowException();
        target.put(body, index, length);
    }

    public static void putShort(byte[] body, int index, short value) {
        SHORT.set(body, checked(body, index, Short.BYTES), value);
    }

    public static void putInt(byte[] body, int index, int value) {
        INT.set(body, checked(body, index, Integer.BYTES), value);
    }

    public static void putLong(byte[] body, int index, long value) {
        LONG.set(body, checked(body, index, Long.BYTES), value);
    }
}
