package dev.belfry.mem;

import dev.belfry.api.StartAt;
import dev.belfry.spi.Errors;

/** The records that are retained: dense positions, added at the end, dropped at the front. */
final class MemRecords {
    private MemRecord[] slots = new MemRecord[64]; // a power of two; a position's slot is its low bits
    private long oldest = 1;
    private long newest;
    private long bytes;
    private long end; // the costs of all records ever

    /** Newest + 1 if there is none. */
    long oldest() {
        return oldest;
    }

    /** 0 before the first. */
    long newest() {
        return newest;
    }

    long bytes() {
        return bytes;
    }

    /** Where the next record will begin. */
    long end() {
        return end;
    }

    /** Where a record begins that is there, or will be next. */
    long place(long position) {
        return position > newest ? end : at(position).place();
    }

    MemRecord at(long position) {
        return slots[slot(position)];
    }

    /** The position that is meant: it may be gone, and is newest + 1 at most. */
    long first(StartAt start, String queue) {
        if (start.equals(StartAt.NOW)) return newest + 1;
        if (start.timeMillis().isPresent())
            return atTime(start, start.timeMillis().getAsLong(), queue);
        long position = start.position().orElse(oldest);
        if (position > newest + 1) throw Errors.startsInFuture(queue, position, newest);
        return position;
    }

    private long atTime(StartAt start, long millis, String queue) {
        for (long position = oldest; position <= newest; position++) {
            long timestamp = at(position).timestampMillis();
            if (timestamp == 0) throw Errors.hasNoTimestamp(queue, position, start);
            if (timestamp >= millis) return position;
        }
        return newest + 1;
    }

    /** All of them, or none if it throws, as it may at the end of a stack. */
    void add(MemRecord... entries) {
        long more = 0;
        for (MemRecord entry : entries) more += entry.cost();
        while (newest - oldest + 1 + entries.length > slots.length) spread();
        for (MemRecord entry : entries) slots[slot(entry.position())] = entry;
        newest += entries.length; // from here on nothing can fail
        bytes += more;
        end += more;
    }

    void dropOldest() {
        bytes -= at(oldest).cost();
        slots[slot(oldest++)] = null;
    }

    private void spread() {
        MemRecord[] wider = new MemRecord[slots.length * 2];
        for (long position = oldest; position <= newest; position++)
            wider[(int) position & wider.length - 1] = at(position);
        slots = wider;
    }

    private int slot(long position) {
        return (int) position & slots.length - 1;
    }
}
