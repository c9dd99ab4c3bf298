package dev.belfry.spi;

import dev.belfry.api.WritableBody;
import java.nio.ByteBuffer;
import java.util.Objects;

/** An array that a message is made of: of a transport that keeps its messages on the heap, or has no claims. */
public class WritableArray implements WritableBody {
    private final byte[] body;

    /** It is not copied. */
    public WritableArray(byte[] body) {
        this.body = Objects.requireNonNull(body, "body");
    }

    /** Asked before each write. @throws IllegalStateException once it is committed or given up */
    protected void requireOpen() {}

    private byte[] open() {
        requireOpen();
        return body;
    }

    @Override
    public final int length() {
        return body.length;
    }

    @Override
    public final void putByte(int index, byte value) {
        open()[index] = value;
    }

    @Override
    public final void putShort(int index, short value) {
        ArrayBody.putShort(open(), index, value);
    }

    @Override
    public final void putInt(int index, int value) {
        ArrayBody.putInt(open(), index, value);
    }

    @Override
    public final void putLong(int index, long value) {
        ArrayBody.putLong(open(), index, value);
    }

    @Override
    public final void copyFrom(int index, byte[] source, int from, int length) {
        ArrayBody.copyFrom(open(), index, source, from, length);
    }

    @Override
    public final void copyFrom(int index, ByteBuffer source) {
        ArrayBody.copyFrom(open(), index, source);
    }

    @Override
    public final ByteBuffer buffer() {
        return ByteBuffer.wrap(open());
    }
}
