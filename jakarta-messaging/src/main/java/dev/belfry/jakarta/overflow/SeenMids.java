package dev.belfry.jakarta.overflow;

import java.util.BitSet;
import java.util.TreeMap;

/**
 * Notices a message of a queue that a companion has twice: its page was moved, or an attempt to page out was given up.
 * A night may have many millions, so those are forgotten of which no more can come.
 */
final class SeenMids {
    /** The messages of a record. */
    private static final int BITS = 16;

    private final TreeMap<Long, BitSet> records = new TreeMap<>();

    boolean isNew(long mid) {
        BitSet some = records.computeIfAbsent(mid >> BITS, record -> new BitSet());
        int low = (int) (mid & (1 << BITS) - 1);
        if (some.get(low)) return false;
        some.set(low);
        return true;
    }

    /** Forgets the records whose messages are all below this one. */
    void forgetBelow(long mid) {
        records.headMap(mid >> BITS).clear();
    }

    void clear() {
        records.clear();
    }

    /** Tells of how many records it has some. */
    int records() {
        return records.size();
    }
}
