package dev.belfry.mem;

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

    void add(MemRecord entry) {
        if (newest - oldest + 1 == slots.length) spread();
        slots[slot(entry.position())] = entry;
        newest = entry.position();
        bytes += entry.cost();
        end += entry.cost();
    }

    void dropOldest() {
        bytes -= at(oldest).cost();
        slots[slot(oldest++)] = null;
    }

    private void spread() {
        MemRecord[] old = slots;
        slots = new MemRecord[old.length * 2];
        for (MemRecord entry : old) slots[slot(entry.position())] = entry;
    }

    private int slot(long position) {
        return (int) position & slots.length - 1;
    }
}
