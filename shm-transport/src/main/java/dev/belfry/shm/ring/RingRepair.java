package dev.belfry.shm.ring;

import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.Positions;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.layout.SegmentHeader;

/**
 * Makes the ring whole after the holder of the publish lock died; the next holder runs it. Records
 * that the dead publisher had committed lie after the tail: they are counted. A record that it had
 * not committed is not there. Running this twice, or dying in it, changes nothing.
 */
public record RingRepair(SegmentHeader header, Regions regions) {
    public record Outcome(long recovered, boolean droppedRegion) {}

    public Outcome run() {
        long tail = header.tailAcquire();
        Ring ring = regions.at(tail);
        long word = ring.wordAcquire(tail);
        long most = tail + ring.capacity; // one record, or one batch, or one HOP is committed before the tail moves
        while (!RecordHeader.isEmpty(word)) {
            if (tail >= most) throw new CorruptSegmentException("no end of records after tail " + tail);
            tail += ring.advance(word);
            if (RecordHeader.type(word) == RecordHeader.HOP) ring = regions.afterHop(tail);
            word = ring.wordAcquire(tail);
        }
        long counted = header.countAcquire();
        long count = Positions.resolve(RecordHeader.stamp(word), counted + 1) - 1;
        if (count < counted || count > counted + LogBatch.MOST_RECORDS)
            throw new CorruptSegmentException(
                    "message " + (count + 1) + " comes next, where " + counted + " were counted");
        boolean dropped = dropBasesBeyond(tail);
        header.countRelease(count);
        header.current(ring.region);
        header.limit(Math.max(header.gateAcquire(), ring.base) + ring.capacity);
        header.tailRelease(tail);
        return new Outcome(count - counted, dropped);
    }

    /** A grower that died before its HOP left a base at which no offset will begin. */
    private boolean dropBasesBeyond(long tail) {
        RegionTable table = regions.table;
        boolean dropped = false;
        for (int r = 0; r < RegionTable.ENTRIES; r++) {
            long base = table.baseAcquire(r);
            if (base > tail && base != RegionTable.UNUSED) {
                table.baseRelease(r, RegionTable.UNUSED);
                dropped = true;
            }
        }
        return dropped;
    }
}
