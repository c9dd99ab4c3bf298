package dev.belfry.jakarta.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A growing buffer, little-endian. */
public final class Out {
    private ByteBuffer buffer;
    /** A view of the buffer's bytes; null: not yet. */
    private ByteBuffer view;

    public Out(int first) {
        buffer = ByteBuffer.allocate(first).order(ByteOrder.LITTLE_ENDIAN);
    }

    public void clear() {
        buffer.clear();
    }

    public int length() {
        return buffer.position();
    }

    /** All that was written so far; valid until the next write. */
    public ByteBuffer written() {
        if (view == null) view = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return view.clear().limit(buffer.position());
    }

    public Out int8(int value) {
        room(1).put((byte) value);
        return this;
    }

    public Out int16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    public Out int32(int value) {
        room(4).putInt(value);
        return this;
    }

    public Out int64(long value) {
        room(8).putLong(value);
        return this;
    }

    public Out varint(long value) {
        long rest = value;
        for (; (rest & ~0x7fL) != 0; rest >>>= 7) int8((int) rest | 0x80);
        return int8((int) rest);
    }

    public Out text(String text) {
        return text == null ? int32(-1) : block(Text.bytes(text));
    }

    public Out block(byte[] bytes) {
        return int32(bytes.length).raw(bytes);
    }

    /** The bytes written are its first {@link #length}; valid until the next write. */
    public byte[] array() {
        return buffer.array();
    }

    /** So many bytes, for the caller to fill: where they begin. */
    public int more(int length) {
        int at = length();
        room(length).position(at + length);
        return at;
    }

    public Out raw(byte[] bytes) {
        return raw(bytes, bytes.length);
    }

    public Out raw(byte[] bytes, int length) {
        room(length).put(bytes, 0, length);
        return this;
    }

    public Out align() {
        while ((length() & 7) != 0) int8(0);
        return this;
    }

    public void setInt16(int at, int value) {
        buffer.putShort(at, (short) value);
    }

    public void setInt32(int at, int value) {
        buffer.putInt(at, value);
    }

    private ByteBuffer room(int length) {
        if (buffer.remaining() < length) {
            int needed = Math.addExact(buffer.position(), length);
            ByteBuffer larger = ByteBuffer.allocate(Math.max(needed, (int) Math.min(1L << 30, 2L * buffer.capacity())));
            buffer = larger.order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
            view = null;
        }
        return buffer;
    }
}
