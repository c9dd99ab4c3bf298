package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The segment's rings, mapped when first needed. Any thread. */
public final class Regions {
    /** Maps a region twice in a row; the package above knows how. */
    @FunctionalInterface
    public interface Mapper {
        SharedBytes map(int region, long place, long capacity);
    }

    final int pad; // see RecordHeader
    final RegionTable table;
    private final Mapper mapper;
    private final AtomicReferenceArray<Ring> rings = new AtomicReferenceArray<>(RegionTable.ENTRIES);

    public Regions(RegionTable table, int pad, Mapper mapper) {
        this.pad = pad;
        this.table = table;
        this.mapper = mapper;
    }

    /** The ring that holds this offset, which must exist: not beyond the tail, or reached through a HOP. */
    Ring at(long offset) {
        return ring(table.lookup(offset));
    }

    /**
     * The ring after a HOP: it begins right there, or the HOP is damaged. So a reader that follows
     * HOPs never goes in a circle.
     */
    Ring afterHop(long offset) {
        Ring ring = at(offset);
        if (ring.base != offset) throw new CorruptSegmentException("a HOP to " + offset + ", where no region begins");
        return ring;
    }

    /**
     * A region whose base is settled, or our own attempt to grow: a base that differs from the
     * mapped one was such an attempt.
     */
    Ring ring(int region) {
        long base = table.baseAcquire(region);
        Ring ring = rings.get(region);
        if (ring != null && ring.base == base && ring.capacity == table.capacity(region)) return ring;
        return map(region, base);
    }

    /** Maps a region that no process can see yet, because its base is not in the table. */
    Ring prepare(int region, long base) {
        return map(region, base);
    }

    /** The first word of the log, for a segment that no other process has seen yet. */
    public void putFirstWord(long word) {
        ring(0).bytes.putLong(0, word);
    }

    /** The same, in the ring of this offset; false: it does not fit between the beginning of that ring and its end. */
    public boolean fill(long offset, ByteBuffer bytes, int from, int length) {
        Ring ring = at(offset);
        if (offset - ring.base + length + RecordHeader.SIZE > ring.capacity) return false;
        ring.bytes.copyIn(ring.index(offset), bytes, from, length);
        return true;
    }

    /** The same: the empty word where the log ends. */
    public void putLastWord(long offset, long word) {
        Ring ring = at(offset);
        ring.bytes.putLong(ring.index(offset), word);
    }

    /**
     * The number of the record at an intact offset, or of the one that will be there. The hint counts only where
     * records have no trailers.
     */
    public long positionAt(SegmentHeader header, long offset, long hint) {
        if (RecordHeader.hasTrailer(pad)) return ownPositionAt(header, offset);
        return Positions.resolve(RecordHeader.stamp(at(offset).wordAcquire(offset)), hint);
    }

    /**
     * The same where records have trailers: what the record says itself, or the one after a HOP. -1: no record begins
     * there; at an offset that the gate has passed it may be any number.
     */
    public long ownPositionAt(SegmentHeader header, long offset) {
        // Before the word: while that is empty, the count is below its position, and by no more than a batch.
        long count = header.countAcquire();
        Ring ring = at(offset);
        long word = ring.wordAcquire(offset);
        if (RecordHeader.isEmpty(word)) return Positions.resolve(RecordHeader.stamp(word), count + 1);
        if (RecordHeader.type(word) != RecordHeader.HOP) return ring.ownPosition(offset, word);
        long next = offset + RecordHeader.SIZE;
        return at(next).base == next ? ownPositionAt(header, next) : -1;
    }

    /**
     * Copies what the ring of this offset has from there on, plain, at most so many bytes and at most a lap; returns
     * how many. Behind a HOP it is an old lap's.
     */
    public int copyOut(long offset, SharedBytes target, int most) {
        Ring ring = at(offset);
        int length = (int) Math.min(most, ring.capacity);
        ring.bytes.copyOut(ring.index(offset), target, length);
        return length;
    }

    private synchronized Ring map(int region, long base) {
        long capacity = table.capacity(region);
        Ring ring = rings.get(region);
        if (ring != null && ring.base == base && ring.capacity == capacity) return ring;
        ring = new Ring(region, base, capacity, pad, mapper.map(region, table.place(region), capacity));
        rings.set(region, ring);
        return ring;
    }
}
