package dev.belfry.shm.layout;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.BytesUtil;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.bytes.internal.AbstractBytesStore;

/**
 * A body as a store of Chronicle Bytes, whose {@link Bytes} reads and writes by nothing else. Each
 * access is one of the {@link Body}: within the message, and refused once that has ended. It tells
 * no address, so Chronicle copies by its methods, too. Numbers are little-endian, as Chronicle's are.
 *
 * <p>The only class that knows Chronicle Bytes, and it is loaded when a program first asks for it.
 */
final class BodyStore extends AbstractBytesStore<BodyStore, Void> {
    private static final String NO_ADDRESS = "The body of a message tells no address: read and write by its Bytes";
    private static final String NOT_ATOMIC =
            "The body of a message has no atomic updates: no other thread may write it";

    private final Body body;
    private Bytes<Void> bytes;

    BodyStore(Body body) {
        super(false);
        this.body = body;
        bytes = bytesForWrite();
        bytes.singleThreadedCheckDisabled(true); // a subscriber may change its thread
        singleThreadedCheckDisabled(true);
    }

    /** Is it as the program was given it? That may have released it, or put it over another store. */
    boolean isWhole() {
        return refCount() > 0 && bytes.refCount() > 0 && bytes.bytesStore() == this;
    }

    /** Over the message that the body is over now; null: of that type there is none. */
    <T> T as(Class<T> type) {
        if (type != Bytes.class) return null;
        bytes.clear();
        if (body.readOnly) bytes.writePosition(capacity());
        return type.cast(bytes);
    }

    /** Where the index goes on from is checked by the body. */
    private int index(long offset) {
        if (body.isOver())
            throw new IllegalStateException(
                    body.readOnly
                            ? "These Bytes were used after their handler returned. Keep what copy() returns instead."
                            : "This message is committed or given up, or another one was added to its batch: it has no"
                                    + " bytes any more");
        if (offset != (int) offset)
            throw new IndexOutOfBoundsException("Index " + offset + " of a body of " + body.size());
        return (int) offset;
    }

    private int writable(long offset) {
        if (body.readOnly) throw new ReadOnlyBufferException();
        return index(offset);
    }

    @Override
    public long capacity() {
        return Math.max(0, body.size());
    }

    @Override
    public long realCapacity() {
        return capacity();
    }

    @Override
    public boolean isDirectMemory() {
        return false;
    }

    @Override
    public boolean sharedMemory() {
        return true;
    }

    @Override
    public Void underlyingObject() {
        return null;
    }

    @Override
    protected void performRelease() {
        // the memory is the queue's
    }

    @Override
    public byte readByte(long offset) {
        return body.getByte(index(offset));
    }

    @Override
    public short readShort(long offset) {
        return Short.reverseBytes(body.getShort(index(offset)));
    }

    @Override
    public int readInt(long offset) {
        return Integer.reverseBytes(body.getInt(index(offset)));
    }

    @Override
    public long readLong(long offset) {
        return Long.reverseBytes(body.getLong(index(offset)));
    }

    @Override
    public float readFloat(long offset) {
        return Float.intBitsToFloat(readInt(offset));
    }

    @Override
    public double readDouble(long offset) {
        return Double.longBitsToDouble(readLong(offset));
    }

    // A message does not change while it may be read or written, so no order matters.

    @Override
    public byte readVolatileByte(long offset) {
        return readByte(offset);
    }

    @Override
    public short readVolatileShort(long offset) {
        return readShort(offset);
    }

    @Override
    public int readVolatileInt(long offset) {
        return readInt(offset);
    }

    @Override
    public long readVolatileLong(long offset) {
        return readLong(offset);
    }

    @Override
    public long read(long offset, byte[] target, int from, int length) {
        int size = (int) Math.max(0, Math.min(length, capacity() - offset));
        body.copyTo(index(offset), target, from, size);
        return size;
    }

    @Override
    public BodyStore writeByte(long offset, byte value) {
        body.putByte(writable(offset), value);
        return this;
    }

    @Override
    public BodyStore writeShort(long offset, short value) {
        body.putShort(writable(offset), Short.reverseBytes(value));
        return this;
    }

    @Override
    public BodyStore writeInt(long offset, int value) {
        body.putInt(writable(offset), Integer.reverseBytes(value));
        return this;
    }

    @Override
    public BodyStore writeLong(long offset, long value) {
        body.putLong(writable(offset), Long.reverseBytes(value));
        return this;
    }

    @Override
    public BodyStore writeFloat(long offset, float value) {
        return writeInt(offset, Float.floatToRawIntBits(value));
    }

    @Override
    public BodyStore writeDouble(long offset, double value) {
        return writeLong(offset, Double.doubleToRawLongBits(value));
    }

    @Override
    public BodyStore writeOrderedInt(long offset, int value) {
        return writeInt(offset, value);
    }

    @Override
    public BodyStore writeOrderedLong(long offset, long value) {
        return writeLong(offset, value);
    }

    @Override
    public BodyStore writeVolatileByte(long offset, byte value) {
        return writeByte(offset, value);
    }

    @Override
    public BodyStore writeVolatileShort(long offset, short value) {
        return writeShort(offset, value);
    }

    @Override
    public BodyStore writeVolatileInt(long offset, int value) {
        return writeInt(offset, value);
    }

    @Override
    public BodyStore writeVolatileLong(long offset, long value) {
        return writeLong(offset, value);
    }

    @Override
    public BodyStore write(long offset, byte[] source, int from, int length) {
        body.copyFrom(writable(offset), source, from, length);
        return this;
    }

    @Override
    public void write(long offset, ByteBuffer source, int from, int length) {
        body.copyFrom(writable(offset), source.duplicate().limit(from + length).position(from));
    }

    @Override
    public BodyStore write(long offset, RandomDataInput source, long from, long length) {
        for (long i = 0; i < length; i++) writeByte(offset + i, source.readByte(from + i));
        return this;
    }

    @Override
    public long write8bit(long offset, BytesStore<?, ?> source) {
        long length = source.readRemaining();
        long at = BytesUtil.writeStopBit(this, offset, length);
        write(at, source, source.readPosition(), length);
        return at + length;
    }

    @Override
    public long write8bit(long offset, String source, int from, int length) {
        long at = BytesUtil.writeStopBit(this, offset, length);
        for (int i = 0; i < length; i++) writeByte(at + i, (byte) source.charAt(from + i));
        return at + length;
    }

    /**
     * The number {@code digits} / 10^{@code decimals} as text, from its end on. With {@code point}
     * an integer ends in ".0".
     */
    @Override
    public long appendAndReturnLength(long offset, boolean negative, long digits, int decimals, boolean point) {
        int zeros = Math.max(0, -decimals);
        int after = Math.max(0, decimals);
        int count = Math.max(after + 1, digitsOf(digits));
        boolean pointed = point && decimals <= 0;
        long length = (negative ? 1 : 0) + count + (after > 0 ? 1 : 0) + zeros + (pointed ? 2 : 0);
        long at = offset + length;
        if (pointed) writeByte(--at, (byte) '0').writeByte(--at, (byte) '.');
        for (int i = 0; i < zeros; i++) writeByte(--at, (byte) '0');
        long rest = digits;
        for (int i = 0; i < count; i++) {
            if (after > 0 && i == after) writeByte(--at, (byte) '.');
            writeByte(--at, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        if (negative) writeByte(--at, (byte) '-');
        return length;
    }

    private static int digitsOf(long number) {
        int count = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) count++;
        return count;
    }

    @Override
    public BodyStore zeroOut(long from, long to) {
        for (long i = Math.max(0, from); i < Math.min(to, capacity()); i++) writeByte(i, (byte) 0);
        return this;
    }

    @Override
    public void move(long from, long to, long length) {
        byte[] moved = new byte[Math.toIntExact(length)];
        body.copyTo(index(from), moved, 0, moved.length);
        write(to, moved, 0, moved.length);
    }

    @Override
    public BytesStore<BodyStore, Void> copy() {
        throw new UnsupportedOperationException("Copy the message: MessageView.copy(), or toByteArray()");
    }

    @Override
    public boolean compareAndSwapInt(long offset, int expected, int value) {
        throw new UnsupportedOperationException(NOT_ATOMIC);
    }

    @Override
    public boolean compareAndSwapLong(long offset, long expected, long value) {
        throw new UnsupportedOperationException(NOT_ATOMIC);
    }

    @Override
    public void testAndSetInt(long offset, int expected, int value) {
        throw new UnsupportedOperationException(NOT_ATOMIC);
    }

    @Override
    public long addressForRead(long offset) {
        throw new UnsupportedOperationException(NO_ADDRESS);
    }

    @Override
    public long addressForWrite(long offset) {
        throw new UnsupportedOperationException(NO_ADDRESS);
    }

    @Override
    public long addressForWritePosition() {
        throw new UnsupportedOperationException(NO_ADDRESS);
    }

    @Override
    public void nativeRead(long offset, long address, long size) {
        throw new UnsupportedOperationException(NO_ADDRESS);
    }

    @Override
    public void nativeWrite(long address, long offset, long size) {
        throw new UnsupportedOperationException(NO_ADDRESS);
    }
}
