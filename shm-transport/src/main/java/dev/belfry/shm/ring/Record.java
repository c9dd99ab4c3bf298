package dev.belfry.shm.ring;

import dev.belfry.shm.layout.Body;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SharedBytes;

/** A record as its reader found it: in place, or as a private copy. One object per reader, filled again for each. */
public final class Record {
    private static final byte[] NONE = {};

    private long position;
    private long timestamp;
    private int propertiesLength;
    private long propertiesAt;
    private SharedBytes bytes; // that it lies in: a region's, or the copy
    private SharedBytes copy; // null before the first
    private final Body body = new Body(true);

    public long position() {
        return position;
    }

    public long timestamp() {
        return timestamp;
    }

    /** Else it is a private copy. */
    public boolean isInPlace() {
        return bytes != copy;
    }

    /** The same object for each record. */
    public Body body() {
        return body;
    }

    public byte[] copyBody() {
        byte[] copied = new byte[body.length()];
        body.copyTo(0, copied, 0, copied.length);
        return copied;
    }

    /** Encoded; empty if it has none. */
    public byte[] copyProperties() {
        if (propertiesLength == 0) return NONE;
        byte[] copied = new byte[propertiesLength];
        bytes.copyOut(propertiesAt, copied, 0, copied.length);
        return copied;
    }

    void inPlace(Ring ring, long index, long word, long position) {
        in(ring.bytes);
        parse(word, index + RecordHeader.SIZE, position);
    }

    private void in(SharedBytes bytes) {
        if (this.bytes == bytes) return; // a reference is not stored for each record: collectors have it cost a fence
        body.over(bytes);
        this.bytes = bytes;
    }

    /** All records until the next one that is not plain are bodies in place. */
    void plain(Ring ring) {
        in(ring.bytes);
        timestamp = 0;
        propertiesLength = 0;
    }

    /** After {@link #plain(Ring)}. */
    void plain(long position, long bodyAt, int bodyLength) {
        this.position = position;
        body.at(bodyAt, bodyLength);
    }

    /** Takes the payload out, whatever it is by now; valid only after the check of the gate. */
    void takeCopy(Ring ring, long index, long word) {
        int length = RecordHeader.frameLength(word) - RecordHeader.SIZE;
        if (copy == null || copy.length() < length) copy = larger(length);
        ring.bytes.copyOut(index + RecordHeader.SIZE, copy, length);
    }

    private SharedBytes larger(int length) {
        if (copy != null && 2 * copy.length() > length)
            try {
                return SharedBytes.own((int) (2 * copy.length()));
            } catch (OutOfMemoryError tooMuch) {
                // the message alone may still fit
            }
        return SharedBytes.own(length);
    }

    void copied(long word, long position) {
        in(copy);
        parse(word, 0, position);
    }

    private void parse(long word, long payload, long position) {
        this.position = position;
        int flags = RecordHeader.flags(word);
        if (flags == 0) { // the plain path
            timestamp = 0;
            propertiesLength = 0;
            body.at(payload, RecordHeader.frameLength(word) - RecordHeader.SIZE);
            return;
        }
        long at = payload;
        long end = payload + RecordHeader.frameLength(word) - RecordHeader.SIZE;
        timestamp = 0;
        if ((flags & RecordHeader.SYSTEM_BLOCK) != 0) {
            at = within(at, RecordHeader.SYSTEM_BLOCK_SIZE, end);
            timestamp = bytes.getLong(at - RecordHeader.SYSTEM_BLOCK_SIZE);
        }
        propertiesLength = 0;
        if ((flags & RecordHeader.PROPERTIES) != 0) {
            at = within(at, RecordHeader.PROPERTIES_PREFIX, end);
            int length = (int) bytes.getLong(at - RecordHeader.PROPERTIES_PREFIX);
            if (length < 0) throw new CorruptSegmentException("properties of length " + length);
            propertiesAt = at;
            at = within(at, RecordHeader.align(length), end);
            propertiesLength = length;
        }
        body.at(at, (int) (end - at));
    }

    private static long within(long at, long length, long end) {
        if (length > end - at)
            throw new CorruptSegmentException("record block of " + length + " where " + (end - at) + " are left");
        return at + length;
    }
}
