package dev.belfry.spi;

import dev.belfry.api.WritableBody;
import java.nio.ByteBuffer;
import java.util.Objects;

/** An array that a message is made of: of a transport that keeps its messages on the heap, or has no claims. */
public class WritableArray implements WritableBody {
    private final byte[] body;
    private int length;

    /** It is not copied. */
    public WritableArray(byte[] body) {
        this.body = Objects.requireNonNull(body, "body");
        length = body.length;
    }

    /** Only its first bytes are left. */
    public final void cut(int length) {
        this.length = length;
    }

    /** Asked before each write. @throws IllegalStateException once it is committed or given up */
    protected void requireOpen() {}

    private byte[] at(int index, int bytes) {
        requireOpen();
        Objects.checkFromIndexSize(index, bytes, length);
        return body;
    }

    @Override
    public final int length() {
        return length;
    }

    @Override
    public final void putByte(int index, byte value) {
        at(index, 1)[index] = value;
    }

    @Override
    public final void putShort(int index, short value) {
        ArrayBody.putShort(at(index, Short.BYTES), index, value);
    }

    @Override
    public final void putInt(int index, int value) {
        ArrayBody.putInt(at(index, Integer.BYTES), index, value);
    }

    @Override
    public final void putLong(int index, long value) {
        ArrayBody.putLong(at(index, Long.BYTES), index, value);
    }

    @Override
    public final void copyFrom(int index, byte[] source, int from, int length) {
        System.arraycopy(source, from, at(index, length), index, length);
    }

    @Override
    public final void copyFrom(int index, ByteBuffer source) {
        source.get(at(index, source.remaining()), index, source.remaining());
    }

    @Override
    public final ByteBuffer buffer() {
        return ByteBuffer.wrap(at(0, length), 0, length).slice();
    }
}
