package dev.belfry.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One record, little-endian, read by absolute place. All that is in it may come from a stranger. */
public interface Bytes {
    int length();

    byte getByte(int at);

    int getInt(int at);

    long getLong(int at);

    void get(int at, byte[] to, int from, int length);

    /** The bytes between the buffer's position and limit. */
    static Bytes of(ByteBuffer record) {
        return new Heap(record.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    /** A record in a buffer. */
    record Heap(ByteBuffer buffer) implements Bytes {
        @Override
        public int length() {
            return buffer.limit();
        }

        @Override
        public byte getByte(int at) {
            return buffer.get(at);
        }

        @Override
        public int getInt(int at) {
            return buffer.getInt(at);
        }

        @Override
        public long getLong(int at) {
            return buffer.getLong(at);
        }

        @Override
        public void get(int at, byte[] to, int from, int length) {
            buffer.get(at, to, from, length);
        }
    }
}
