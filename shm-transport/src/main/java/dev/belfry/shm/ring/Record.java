package dev.belfry.shm.ring;

import dev.belfry.shm.layout.Body;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SharedBytes;

/** A record as its reader found it: in place, or in a private copy. One object per reader, filled again for each. */
public final class Record {
    private static final byte[] NONE = {};

    private long position;
    private long timestamp;
    private int propertiesLength;
    private long propertiesAt;
    private SharedBytes bytes; // that it lies in: a region's, or a window
    private boolean isInPlace;
    public Body body = new Body(true); // the same object for each record: before the first, that of its user

    public long position() {
        return position;
    }

    public long timestamp() {
        return timestamp;
    }

    /** Else it is a private copy. */
    public boolean isInPlace() {
        return isInPlace;
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
        in(ring.bytes, true);
        parse(word, index + RecordHeader.SIZE, position);
    }

    /** One that was copied out whole. */
    public void inWindow(SharedBytes window, long index, long word, long position) {
        in(window, false);
        parse(word, index + RecordHeader.SIZE, position);
    }

    private void in(SharedBytes bytes, boolean isInPlace) {
        if (this.bytes == bytes) return; // a reference is not stored for each record: collectors have it cost a fence
        body.over(bytes);
        this.bytes = bytes;
        this.isInPlace = isInPlace;
    }

    /** All records until the next one that is not plain are bodies in there. */
    void plain(SharedBytes bytes, boolean isInPlace) {
        in(bytes, isInPlace);
        timestamp = 0;
        propertiesLength = 0;
    }

    /** After {@link #plain(SharedBytes, boolean)}. */
    void plain(long position, long bodyAt, int bodyLength) {
        this.position = position;
        body.at(bodyAt, bodyLength);
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
        if (!RecordHeader.hasKnownFlags(word)) throw new NewerRecordException(position, flags);
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
