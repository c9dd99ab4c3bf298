package dev.belfry.shm.ring;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.nio.ByteBuffer;

/**
 * Appends records, under the publish lock. One store commits: the release of the record's header word. A writer that dies
 * earlier has left no trace; one that dies later has published, and {@link RingRepair} redoes the bookkeeping.
 *
 * <p>The word behind the record is cleared before the commit, so a reader that follows never meets an old lap's word; eight
 * bytes behind the newest record always stay reserved, so that a HOP always fits.
 */
public final class LogEnd {
    /** Not enough room below the limit: nothing was written. */
    public static final long NO_ROOM = -1;

    private final SegmentHeader header;
    private final Regions regions;
    private final boolean alone;
    private final Gate.Milestones milestones = new Gate.Milestones();
    private long committing = NO_ROOM;

    // The log's end as this writer saw or made it last; NO_ROOM: it must look. Only holders of the publish lock change
    // any of
    // it: while the tail is what it was, count and ring are, too; and the limit has at most risen.
    private long tail = NO_ROOM;
    private long count;
    private long limit;
    private Ring ring;

    public LogEnd(SegmentHeader header, Regions regions) {
        this(header, regions, false);
    }

    /** {@code alone}: the publish lock is held for the writer's life, so nobody else changes what it remembers, unless it is told to {@link #forget}. */
    public LogEnd(SegmentHeader header, Regions regions, boolean alone) {
        this.header = header;
        this.regions = regions;
        this.alone = alone;
    }

    /** Under the lock still: the append is over and its caller knows the position, so no later error is about it. */
    public void settled() {
        committing = NO_ROOM;
    }

    /** After an error in the middle, and before a repair: what is remembered may be halfway. */
    public void forget() {
        tail = NO_ROOM;
    }

    /** Bytes of the log that a record takes. */
    public static long need(long bodyLength, int propertiesLength, boolean timestamp) {
        return RecordHeader.align(RecordHeader.SIZE
                + (timestamp ? RecordHeader.SYSTEM_BLOCK_SIZE : 0)
                + block(propertiesLength)
                + bodyLength);
    }

    private static long block(int propertiesLength) {
        return propertiesLength == 0 ? 0 : RecordHeader.PROPERTIES_PREFIX + RecordHeader.align(propertiesLength);
    }

    /** Its position, or {@link #NO_ROOM}. {@code timestamp} 0 = none is written; {@code properties} empty = no bytes. */
    public long append(ByteBuffer body, int from, int length, byte[] properties, long timestamp) {
        long need = need(length, properties.length, timestamp != 0);
        if (!hasRoom(need)) return NO_ROOM;
        SharedBytes bytes = ring.bytes;
        long index = ring.index(tail);
        long at = index + RecordHeader.SIZE;
        int flags = 0;
        if (timestamp != 0) {
            at = systemBlock(bytes, at, timestamp);
            flags = RecordHeader.SYSTEM_BLOCK;
        }
        if (properties.length != 0) {
            bytes.putLong(at, properties.length);
            bytes.copyIn(at + RecordHeader.PROPERTIES_PREFIX, properties, 0, properties.length);
            at += block(properties.length);
            flags |= RecordHeader.PROPERTIES;
        }
        if (length != 0) bytes.copyIn(at, body, from, length);
        return commit(bytes, index, need, (int) (at - index) + length, flags);
    }

    private static long systemBlock(SharedBytes bytes, long at, long timestamp) {
        bytes.putLong(at, timestamp);
        for (int rest = 8; rest < RecordHeader.SYSTEM_BLOCK_SIZE; rest += 8) bytes.putLong(at + rest, 0);
        return at + RecordHeader.SYSTEM_BLOCK_SIZE;
    }

    private long commit(SharedBytes bytes, long index, long need, int frameLength, int flags) {
        long position = count + 1;
        committing = position;
        // The commit: pairs with wordAcquire in the readers, which then see payload and the empty word behind it.
        bytes.putLongThenRelease(
                index + need, RecordHeader.empty(position + 1), index, RecordHeader.data(frameLength, flags, position));
        header.logEndRelease(position, tail + need);
        count = position;
        tail += need; // last: whatever ended us before, the tails differ, and we look anew
        milestones.passed(tail, position + 1, ring.capacity);
        return position;
    }

    /** After an error in the middle, and after repair: the position if the record was committed all the same, or NO_ROOM. Settles it. */
    public long committed() {
        long newest = header.countAcquire();
        long position = committing;
        committing = NO_ROOM;
        return position <= newest ? position : NO_ROOM;
    }

    /** Finds room for a body to be written in place; false: no room. Nothing is stored until {@link #commitReserved}. */
    public boolean reserve(int length, boolean timestamp) {
        return hasRoom(need(length, 0, timestamp));
    }

    /** Where the reserved body is, in {@link #reservedBytes}. */
    public long reservedIndex(boolean timestamp) {
        return ring.index(tail) + RecordHeader.SIZE + (timestamp ? RecordHeader.SYSTEM_BLOCK_SIZE : 0);
    }

    public SharedBytes reservedBytes() {
        return ring.bytes;
    }

    /** Commits the first {@code length} bytes of what was reserved. */
    public long commitReserved(int length, long timestamp) {
        SharedBytes bytes = ring.bytes;
        long index = ring.index(tail);
        long at = index + RecordHeader.SIZE;
        if (timestamp != 0) at = systemBlock(bytes, at, timestamp);
        int flags = timestamp != 0 ? RecordHeader.SYSTEM_BLOCK : 0;
        return commit(bytes, index, need(length, 0, timestamp != 0), (int) (at - index) + length, flags);
    }

    public Gate.Milestones milestones() {
        return milestones;
    }

    /** Would a record of this size fit now? */
    public boolean hasRoom(long need) {
        committing = NO_ROOM;
        if (tail == NO_ROOM || !alone && header.tailOfOwner() != tail) look();
        if (tail + need + RecordHeader.SIZE <= limit) return true;
        lookAtLimit();
        return tail + need + RecordHeader.SIZE <= limit;
    }

    /** Somebody else has written since. */
    private void look() {
        tail = NO_ROOM; // until all of it is known
        long now = header.tailAcquire();
        count = header.countAcquire();
        int region = header.current();
        if (ring == null || ring.region != region) ring = regions.ring(region);
        tail = now;
        lookAtLimit();
    }

    /** Never believed beyond what fits. */
    private void lookAtLimit() {
        limit = Math.min(header.limit(), tail + ring.capacity);
    }

    /** Could it ever fit into the ring that is current? */
    public boolean fitsEmptyRing(long need) {
        hasRoom(need);
        return need + RecordHeader.SIZE <= ring.capacity;
    }

    /**
     * Ends the current ring at the tail and goes on in region {@code next}, whose place and capacity are in the table. Its
     * mapping is made before anything is stored. Who dies after the base leaves one that {@link RingRepair} takes back; after
     * the HOP repair goes on in the new ring.
     */
    public void hop(int next) {
        forget();
        long position = header.countAcquire() + 1;
        long end = header.tailAcquire();
        Ring old = regions.ring(header.current());
        long base = end + RecordHeader.SIZE;
        Ring grown = regions.prepare(next, base);
        grown.bytes.putLong(0, RecordHeader.empty(position));
        regions.table().baseRelease(next, base); // before the HOP: a reader looks for it as soon as it sees that
        old.bytes.putLongRelease(old.index(end), RecordHeader.hop(position));
        header.current(next);
        header.limit(base + grown.capacity); // not the gate's: a doubled ring would have half its room
        header.tailRelease(base);
    }
}
