package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.Window;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A record as its reader found it: in place, or as a private copy. One object per reader, filled again for each. */
public final class Record {
    private static final byte[] NONE = {};

    private long position;
    private long timestamp;
    private int propertiesLength;
    private int bodyLength;
    private long propertiesAt;
    private long bodyAt;
    private Ring ring; // null: a copy
    private Window window; // of this ring
    private byte[] copy = NONE;
    private ByteBuffer copyBuffer = ByteBuffer.wrap(NONE).asReadOnlyBuffer();

    public long position() {
        return position;
    }

    public long timestamp() {
        return timestamp;
    }

    public int bodyLength() {
        return bodyLength;
    }

    /** Else it is a private copy. */
    public boolean isInPlace() {
        return ring != null;
    }

    /** Read-only, position 0, limit the body's length, BIG_ENDIAN; the same object each time where that is possible. */
    public ByteBuffer body() {
        if (ring == null) {
            if (bodyAt != 0) return copyBuffer.clear().slice((int) bodyAt, bodyLength);
            return copyBuffer.clear().limit(bodyLength).order(ByteOrder.BIG_ENDIAN);
        }
        return window.at(bodyAt, bodyLength);
    }

    public byte[] copyBody() {
        return copy(bodyAt, bodyLength);
    }

    /** Encoded; empty if it has none. */
    public byte[] copyProperties() {
        return copy(propertiesAt, propertiesLength);
    }

    private byte[] copy(long at, int length) {
        if (length == 0) return NONE;
        byte[] bytes = new byte[length];
        if (ring != null) ring.bytes.copyOut(at, bytes, 0, length);
        else System.arraycopy(copy, (int) at, bytes, 0, length);
        return bytes;
    }

    void inPlace(Ring ring, long index, long word, long position) {
        in(ring);
        parse(word, index + RecordHeader.SIZE, position);
    }

    private void in(Ring ring) {
        if (this.ring == ring) return; // a reference is not stored for each record: collectors have it cost a fence
        window = new Window(ring.bytes, true);
        this.ring = ring;
    }

    /** All records until the next one that is not plain are bodies in place. */
    void plain(Ring ring) {
        in(ring);
        timestamp = 0;
        propertiesLength = 0;
    }

    /** After {@link #plain(Ring)}. */
    void plain(long position, long bodyAt, int bodyLength) {
        this.position = position;
        this.bodyAt = bodyAt;
        this.bodyLength = bodyLength;
    }

    /** Takes the payload out, whatever it is by now; valid only after the check of the gate. */
    void takeCopy(Ring ring, long index, long word) {
        int length = RecordHeader.frameLength(word) - RecordHeader.SIZE;
        if (copy.length < length) {
            copy = new byte[Math.max(length, 2 * copy.length)];
            copyBuffer = ByteBuffer.wrap(copy).asReadOnlyBuffer();
        }
        ring.bytes.copyOut(index + RecordHeader.SIZE, copy, 0, length);
    }

    void copied(long word, long position) {
        if (ring != null) ring = null;
        parse(word, 0, position);
    }

    private void parse(long word, long payload, long position) {
        this.position = position;
        int flags = RecordHeader.flags(word);
        if (flags == 0) { // the plain path
            timestamp = 0;
            propertiesLength = 0;
            bodyAt = payload;
            bodyLength = RecordHeader.frameLength(word) - RecordHeader.SIZE;
            return;
        }
        long at = payload;
        long end = payload + RecordHeader.frameLength(word) - RecordHeader.SIZE;
        timestamp = 0;
        if ((flags & RecordHeader.SYSTEM_BLOCK) != 0) {
            at = within(at, RecordHeader.SYSTEM_BLOCK_SIZE, end);
            timestamp = readLong(at - RecordHeader.SYSTEM_BLOCK_SIZE);
        }
        propertiesLength = 0;
        if ((flags & RecordHeader.PROPERTIES) != 0) {
            at = within(at, RecordHeader.PROPERTIES_PREFIX, end);
            int length = (int) readLong(at - RecordHeader.PROPERTIES_PREFIX);
            if (length < 0) throw new CorruptSegmentException("properties of length " + length);
            propertiesAt = at;
            at = within(at, RecordHeader.align(length), end);
            propertiesLength = length;
        }
        bodyAt = at;
        bodyLength = (int) (end - at);
    }

    private static long within(long at, long length, long end) {
        if (length > end - at)
            throw new CorruptSegmentException("record block of " + length + " where " + (end - at) + " are left");
        return at + length;
    }

    private long readLong(long at) {
        if (ring != null) return ring.bytes.getLong(at);
        return ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).getLong((int) at);
    }
}
