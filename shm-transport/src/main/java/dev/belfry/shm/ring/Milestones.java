package dev.belfry.shm.ring;

/**
 * Where some of the records begin that a writer wrote itself, a few in each lap: the gate jumps from one to the next where it would walk from record to record, through
 * memory that a reader has in its cache. What was once the end of the log stays the beginning of a record. Guarded by the publish lock.
 */
public final class Milestones {
    /** The gate has to walk. */
    static final Milestones NONE = new Milestones();

    private static final int A_LAP = 16;
    private static final int KEPT = 2 * A_LAP;

    private final long[] offsets = new long[KEPT];
    private final long[] positions = new long[KEPT];
    private int noted;
    private long next;

    /** The log now ends at {@code tail}, where {@code position} will be. */
    void passed(long tail, long position, long capacity) {
        if (tail >= next) note(tail, position, capacity);
    }

    private void note(long tail, long position, long capacity) {
        int at = noted++ & KEPT - 1;
        offsets[at] = tail;
        positions[at] = position;
        next = tail + capacity / A_LAP;
    }

    /** Offset of the first one at or above {@code wanted}, else of the last one; above {@code from} and at most {@code most}. -1: there is none. */
    long between(long from, long wanted, long most) {
        long found = -1;
        for (long offset : offsets) {
            if (offset <= from || offset > most) continue; // 0: none was noted there yet
            boolean better = found < wanted ? offset > found : offset >= wanted && offset < found;
            if (better) found = offset;
        }
        return found;
    }

    /** What begins there. */
    long position(long offset) {
        for (int i = 0; i < KEPT; i++) if (offsets[i] == offset) return positions[i];
        throw new IllegalArgumentException("no milestone at " + offset);
    }
}
