package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Text;
import jakarta.jms.MessageFormatException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads what {@link MessageCodec} has written, or what a stranger has put there: each length is checked
 * before anything is allocated.
 */
final class Input {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int to;
    private int at;

    /** From now on what is {@code from} here {@code upTo} there. */
    Input over(byte[] given, int from, int upTo) {
        bytes = given;
        at = from;
        to = upTo;
        return this;
    }

    static int i32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long i64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static short i16(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at);
    }

    boolean hasMore() {
        return at < to;
    }

    byte i8() throws MessageFormatException {
        return bytes[take(1)];
    }

    /** A kind: later releases may number theirs up to 255. */
    int u8() throws MessageFormatException {
        return i8() & 0xFF;
    }

    short i16() throws MessageFormatException {
        return i16(bytes, take(2));
    }

    int i32() throws MessageFormatException {
        return i32(bytes, take(4));
    }

    long i64() throws MessageFormatException {
        return i64(bytes, take(8));
    }

    byte[] sized() throws MessageFormatException {
        int length = i32();
        int start = take(length);
        return Arrays.copyOfRange(bytes, start, start + length);
    }

    String text() throws MessageFormatException {
        int length = i32();
        return Text.string(bytes, take(length), length);
    }

    byte[] rest() {
        byte[] rest = Arrays.copyOfRange(bytes, at, to);
        at = to;
        return rest;
    }

    /** Not copied: between position and limit, to be read only. */
    ByteBuffer restInPlace() {
        ByteBuffer rest = ByteBuffer.wrap(bytes, at, to - at);
        at = to;
        return rest;
    }

    String restAsText() {
        String rest = Text.string(bytes, at, to - at);
        at = to;
        return rest;
    }

    private int take(int count) throws MessageFormatException {
        if (count < 0 || count > to - at) throw Problems.damaged("a field ends after its message");
        at += count;
        return at - count;
    }
}
