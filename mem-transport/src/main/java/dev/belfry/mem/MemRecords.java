package dev.belfry.mem;

/** The records that are retained: dense positions, added at the end, dropped at the front. */
final class MemRecords {
    private MemRecord[] slots = new MemRecord[64]; // a power of two; a position's place is its low bits
    private long oldest = 1;
    private long newest;
    private long bytes;

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

    MemRecord at(long position) {
        return slots[place(position)];
    }

    void add(MemRecord entry) {
        if (newest - oldest + 1 == slots.length) spread();
        slots[place(entry.position())] = entry;
        newest = entry.position();
        bytes += entry.cost();
    }

    void dropOldest() {
        bytes -= at(oldest).cost();
        slots[place(oldest++)] = null;
    }

    private void spread() {
        MemRecord[] old = slots;
        slots = new MemRecord[old.length * 2];
        for (MemRecord entry : old) slots[place(entry.position())] = entry;
    }

    private int place(long position) {
        return (int) position & slots.length - 1;
    }
}
