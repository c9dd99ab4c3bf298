package dev.belfry.shm.ring;

import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.memory.RawWords;
import java.nio.ByteBuffer;

/**
 * The end of the log, as the holder of the publish lock knows it: where the next record begins, which number it has,
 * and how far the log may go on. One a handle; the publish lock guards it. One store commits a record: the release of
 * its header word. A publisher that dies earlier has left no trace; one that dies later has published, and {@link
 * RingRepair} redoes the bookkeeping.
 *
 * <p>The word after the record is cleared before the commit, so a reader that follows never meets an old lap's word;
 * eight bytes after the newest record always stay reserved, so that a HOP always fits.
 *
 * <p>{@code tail + need <= soft} is the only question before an append. All that is rarely due lowers {@code soft}, and
 * {@link #findRoom} does it: the end is to be read again, the limit may have risen, a milestone is to be noted, or
 * lines are to be fetched.
 *
 * <p>A line that a reader's processor has takes as long to write as it takes to fetch, and all stores after that wait
 * for it. So some are fetched at once, by a store in each, before they are needed: between the empty word and the limit
 * all is the lock holder's, and nobody reads it.
 */
public final class LogEnd {
    /** Not enough room below the limit: nothing was written. */
    public static final long NO_ROOM = -1;

    private static final long UNKNOWN = Long.MIN_VALUE;

    private static final int LINE = 64;
    private static final int AHEAD = 2048; // so far lines are fetched
    private static final int SMALL = 128; // the stores of a longer record fetch its lines together
    private static final int ALONE = 4096; // so many bytes without another process come first

    private final SegmentHeader header;
    private final Regions regions;
    private final int pad; // see RecordHeader
    private final JournalWords journal; // null: the log is in memory only
    public final Gate.Milestones milestones = new Gate.Milestones();

    // While the tail is what it was, count and ring are, too; and the limit has at most risen.
    private long tail;
    private long count;
    private long soft = UNKNOWN;
    private long fetched; // where the lines begin that are not
    private Ring ring;

    // Count and tail in the header, and the ring again, for the stores of each record: by addresses that were checked
    // before.
    private final RawWords words;
    private final long countAt;
    private final long tailAt;
    private RawWords raw;
    private long begin;

    /** With a journal it never goes beyond the files that there are. */
    public LogEnd(SegmentHeader header, Regions regions, JournalWords journal) {
        this.header = header;
        this.regions = regions;
        this.journal = journal;
        this.pad = regions.pad;
        this.words = header.bytes().raw();
        this.countAt = header.bytes().address(SegmentHeader.COUNT, Long.BYTES);
        this.tailAt = header.bytes().address(SegmentHeader.TAIL, Long.BYTES);
    }

    /** After the lock was taken by its word: others may have written since. */
    public void refresh() {
        if (words.getLong(tailAt) != tail) soft = UNKNOWN;
    }

    /** After an error in the middle, and before a repair: what is remembered may be halfway. */
    public void forget() {
        soft = UNKNOWN;
    }

    /** Bytes of the log that a record takes. */
    public long need(long bodyLength, int propertiesLength, boolean timestamp) {
        return size(RecordHeader.SIZE
                + (timestamp ? RecordHeader.SYSTEM_BLOCK_SIZE : 0)
                + block(propertiesLength)
                + bodyLength);
    }

    long size(long frameLength) {
        return RecordHeader.size(frameLength, pad);
    }

    private static long block(int propertiesLength) {
        return propertiesLength == 0 ? 0 : RecordHeader.PROPERTIES_PREFIX + RecordHeader.align(propertiesLength);
    }

    /** Would a record of this size fit now? */
    public boolean hasRoom(long need) {
        return tail + need <= soft || findRoom(need);
    }

    /** The limit is never believed beyond what fits. */
    private boolean findRoom(long need) {
        if (soft == UNKNOWN) read();
        milestones.passed(tail, count + 1, ring.capacity);
        long most = Math.min(header.limit(), tail + ring.capacity) - RecordHeader.SIZE;
        if (journal != null) most = Math.min(most, journal.readyUpTo() - RecordHeader.SIZE);
        soft = Math.min(most, milestones.next());
        if (tail + need > most) return false;
        if (need <= SMALL) fetch(need, most);
        return true;
    }

    /**
     * Some lines at a time, so that they come together. A line of the ring is one of memory, whatever its base is.
     * Nothing is reserved now: room is asked for before a claim or a batch begins.
     */
    private void fetch(long need, long most) {
        long upTo = Math.min(tail + AHEAD, most);
        long at = Math.max(fetched, tail + RecordHeader.SIZE);
        for (at += -ring.index(at) & LINE - 1; at < upTo; at += LINE) ring.bytes.fetch(ring.index(at));
        if (at > fetched) fetched = at;
        soft = Math.min(soft, Math.max(tail + need, fetched - AHEAD / 2));
    }

    /** Are there files for a record of this size, and for a HOP after it? */
    public boolean hasFiles(long need) {
        return journal == null || upTo(need) <= journal.readyUpTo();
    }

    /** Where a record of this size, and a HOP after it, would end now. */
    public long upTo(long need) {
        return header.tailAcquire() + need + RecordHeader.SIZE;
    }

    private void read() {
        long now = header.tailAcquire();
        count = header.countAcquire();
        int region = header.current();
        if (ring == null || ring.region != region) ring = regions.ring(region);
        raw = ring.bytes.raw();
        begin = ring.bytes.address(0, 2 * ring.capacity); // twice: what begins in the first is inside
        tail = now;
        fetched = now + ALONE; // where others write, too, they would fetch them from each other
    }

    /** The number of the next record; there is room for it. */
    public long next() {
        return count + 1;
    }

    /**
     * Its position, or {@link #NO_ROOM}. {@code timestamp} 0 = none is written; {@code properties} empty = no bytes.
     */
    public long append(ByteBuffer body, int from, int length, byte[] properties, long timestamp) {
        int frame = frame(length, properties.length, timestamp != 0);
        if (!hasRoom(size(frame))) return NO_ROOM;
        write(ring.index(tail), body, from, length, properties, timestamp);
        return commit(frame, flags(properties.length, timestamp != 0));
    }

    /** All of a record but its word. */
    void write(long index, ByteBuffer body, int from, int length, byte[] properties, long timestamp) {
        long at = writeFront(index, timestamp);
        if (properties.length != 0) {
            ring.bytes.putLong(at, properties.length);
            ring.bytes.copyIn(at + RecordHeader.PROPERTIES_PREFIX, properties, 0, properties.length);
            at += block(properties.length);
        }
        if (length != 0) ring.bytes.copyIn(at, body, from, length);
    }

    /** Writes the part between the word and the rest. Returns where the rest begins. */
    long writeFront(long index, long timestamp) {
        long at = index + RecordHeader.SIZE;
        if (timestamp == 0) return at;
        ring.bytes.putLong(at, timestamp);
        for (int rest = 8; rest < RecordHeader.SYSTEM_BLOCK_SIZE; rest += 8) ring.bytes.putLong(at + rest, 0);
        return at + RecordHeader.SYSTEM_BLOCK_SIZE;
    }

    static int frame(int length, int propertiesLength, boolean timestamp) {
        int front = timestamp ? RecordHeader.SIZE + RecordHeader.SYSTEM_BLOCK_SIZE : RecordHeader.SIZE;
        return front + (int) block(propertiesLength) + length;
    }

    static int flags(int propertiesLength, boolean timestamp) {
        return (timestamp ? RecordHeader.SYSTEM_BLOCK : 0) | (propertiesLength == 0 ? 0 : RecordHeader.PROPERTIES);
    }

    /** One record. */
    long commit(int frameLength, int flags) {
        long need = size(frameLength);
        long position = count + 1;
        if (hasTrailers()) putTrailer(need, position, false);
        putLong(need, RecordHeader.empty(position + 1));
        return commit(RecordHeader.data(frameLength, flags, position), 1, need);
    }

    /** So many records of {@code need} bytes; the word after them is empty. */
    long commit(long word, int records, long need) {
        long position = count + records;
        long after = tail + need;
        // The commit: pairs with wordAcquire in the readers, which then see all of it, and the empty word after it.
        raw.putLongRelease(begin + ring.index(tail), word);
        words.putLongRelease(
                countAt, position); // before the tail: a joiner that sees the tail resolves with this count
        words.putLongRelease(tailAt, after);
        count = position;
        tail = after; // last: whatever ended us before, the tails differ, and the end is read again
        return position;
    }

    boolean hasTrailers() {
        return RecordHeader.hasTrailer(pad);
    }

    /** The record of this position ends so many bytes after the end. */
    void putTrailer(long after, long position, boolean more) {
        putLong(after - RecordTrailer.SIZE, RecordTrailer.of(position, more));
    }

    /** At so many bytes after the end. */
    void putLong(long after, long word) {
        raw.putLong(begin + ring.index(tail) + after, word);
    }

    /** So many bytes after the end: inside the two copies of the ring, for there is room. */
    long index(long after) {
        return ring.index(tail) + after;
    }

    // In place

    /**
     * Where a body of this length begins that is written in place; nothing is stored until
     * {@link #commitReserved}. There is room for it.
     */
    public long reserved(boolean timestamp) {
        return index(0) + frame(0, 0, timestamp);
    }

    public SharedBytes reservedBytes() {
        return ring.bytes;
    }

    /** Commits the first {@code length} bytes of what was reserved. */
    public long commitReserved(int length, long timestamp) {
        writeFront(ring.index(tail), timestamp);
        boolean stamped = timestamp != 0;
        return commit(frame(length, 0, stamped), flags(0, stamped));
    }

    // Room

    /** Bytes of the ring that is current. */
    public long capacity() {
        if (soft == UNKNOWN) read();
        return ring.capacity;
    }

    /**
     * Bytes that must be free for a record of a log that leaves a reserve. Records that still lie in older rings count
     * as if they lay in this one: all of it may have to be told again here, before a mark can pass it. A ring that is
     * wholly free is enough for all that, but not for a record that is longer.
     */
    public long needToLeave(long reserve, long record) {
        if (reserve == 0) return record;
        long older = Math.max(0, ring.base - header.gateAcquire());
        return Math.max(record, Math.min(record + reserve + older, ring.capacity - RecordHeader.SIZE));
    }

    /** Nothing from there on is in older rings. */
    public boolean isInRing(long offset) {
        return offset >= ring.base;
    }

    /** Could it ever fit into the ring that is current? */
    public boolean fitsEmptyRing(long need) {
        return hasRoom(need) || need + RecordHeader.SIZE <= ring.capacity;
    }

    /**
     * Ends the current ring at the tail and goes on in region {@code next}, whose place and capacity are in the table.
     * Its mapping is made before anything is stored. A publisher that dies after the base leaves one that {@link
     * RingRepair} takes back. After the HOP, repair continues in the new ring.
     */
    public void hop(int next) {
        forget();
        long position = header.countAcquire() + 1;
        long end = header.tailAcquire();
        Ring old = regions.ring(header.current());
        long base = end + RecordHeader.SIZE;
        Ring grown = regions.prepare(next, base);
        grown.bytes.putLong(0, RecordHeader.empty(position));
        regions.table.baseRelease(next, base); // before the HOP: a reader that sees the HOP reads the base
        old.bytes.putLongRelease(old.index(end), RecordHeader.hop(position));
        header.current(next);
        header.limit(base + grown.capacity); // not the gate's: a doubled ring would have half its room
        header.tailRelease(base);
    }
}
