package dev.belfry.api;

import java.nio.ByteBuffer;

/** The body that a codec writes into; it counts the bytes. One thread, one message after the other. */
final class CountedBody implements WritableBody {
    private final Thread owner = Thread.currentThread();
    private WritableBody body;
    private boolean used;
    private long written;

    /** {@code spare}: of a message before, or null. No object is made as long as one thread publishes. */
    static CountedBody of(CountedBody spare, WritableBody body) {
        boolean fits = spare != null && spare.owner == Thread.currentThread() && !spare.used;
        CountedBody counted = fits ? spare : new CountedBody();
        if (counted.body != body) counted.body = body; // else a claim's, whose object is the same each time
        counted.used = true;
        counted.written = 0;
        return counted;
    }

    /** How many bytes were written, some perhaps twice; of a view nobody knows, so it counts as all. */
    long end() {
        used = false;
        return written;
    }

    @Override
    public int length() {
        return body.length();
    }

    @Override
    public void putByte(int index, byte value) {
        body.putByte(index, value);
        written++;
    }

    @Override
    public void putShort(int index, short value) {
        body.putShort(index, value);
        written += Short.BYTES;
    }

    @Override
    public void putInt(int index, int value) {
        body.putInt(index, value);
        written += Integer.BYTES;
    }

    @Override
    public void putLong(int index, long value) {
        body.putLong(index, value);
        written += Long.BYTES;
    }

    @Override
    public void copyFrom(int index, byte[] source, int from, int length) {
        body.copyFrom(index, source, from, length);
        written += length;
    }

    @Override
    public void copyFrom(int index, ByteBuffer source) {
        int length = source.remaining();
        body.copyFrom(index, source);
        written += length;
    }

    @Override
    public ByteBuffer buffer() {
        written = Integer.MAX_VALUE;
        return body.buffer();
    }

    @Override
    public <T> T as(Class<T> type) {
        T view = body.as(type);
        if (view != null) written = Integer.MAX_VALUE;
        return view;
    }
}
