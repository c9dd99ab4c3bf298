package dev.belfry.spi;

import dev.belfry.api.ReadableBody;
import java.nio.ByteBuffer;

/** A body that is an array: the view of a message extends this in a transport that keeps messages on the heap. */
public abstract class ReadableArray implements ReadableBody {
    protected ReadableArray() {}

    /** The whole body, and nothing else. It is not handed out. */
    protected abstract byte[] array();

    @Override
    public final int length() {
        return array().length;
    }

    @Override
    public final byte getByte(int index) {
        return array()[index];
    }

    @Override
    public final short getShort(int index) {
        return ArrayBody.getShort(array(), index);
    }

    @Override
    public final int getInt(int index) {
        return ArrayBody.getInt(array(), index);
    }

    @Override
    public final long getLong(int index) {
        return ArrayBody.getLong(array(), index);
    }

    @Override
    public final void copyTo(int index, byte[] target, int from, int length) {
        System.arraycopy(array(), index, target, from, length);
    }

    @Override
    public final void copyTo(int index, ByteBuffer target, int length) {
        ArrayBody.copyTo(array(), index, target, length);
    }

    @Override
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array()).asReadOnlyBuffer();
    }
}
