package dev.belfry.shm.layout;

/**
 * The rings of the segment, each double the last or more: 32 entries of 32 bytes, from {@code base} on.
 *
 * <pre>
 *    +0  place     int64  where it begins in the object       holder of publishLock, before base   plain / after base
 *    +8  capacity  int64                                      the same
 *   +16  base      int64  the first offset in it; MAX = not in use                                 release / acquire
 *   +24  kind      int64  0 = ring
 * </pre>
 *
 * Only two kinds of readers trust a base: one that came there through a HOP, and the holder of publishLock. A publisher
 * that dies in a growth leaves a base that repair drops, and no offset at or beyond it exists before the HOP.
 */
public record RegionTable(SharedBytes bytes, long base) {
    public static final int ENTRIES = 32;
    public static final long UNUSED = Long.MAX_VALUE;
    public static final long MIN_CAPACITY = 4096;
    public static final long MAX_CAPACITY = 1L << 30;
    private static final int SIZE = 32;

    private long at(int region) {
        if (region < 0 || region >= ENTRIES) throw new CorruptSegmentException("region " + region);
        return base + (long) region * SIZE;
    }

    /** {@code firstBase}: where the log begins. */
    public void create(long firstPlace, long firstCapacity, long firstBase) {
        for (int r = 1; r < ENTRIES; r++) baseRelease(r, UNUSED);
        place(0, firstPlace, firstCapacity);
        baseRelease(0, firstBase);
    }

    public void place(int region, long place, long capacity) {
        bytes.putLong(at(region), place);
        bytes.putLong(at(region) + 8, capacity);
    }

    public long place(int region) {
        return bytes.getLong(at(region));
    }

    public long kind(int region) {
        return bytes.getLong(at(region) + 24);
    }

    /** A power of two, 4 KiB to 1 GiB. */
    public long capacity(int region) {
        long capacity = bytes.getLong(at(region) + 8);
        if (!isCapacity(capacity)) throw new CorruptSegmentException("region " + region + " of capacity " + capacity);
        return capacity;
    }

    static boolean isCapacity(long capacity) {
        return capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY && Long.bitCount(capacity) == 1;
    }

    /** Pairs with {@link #baseRelease}: a reader that sees the base sees place and capacity. */
    public long baseAcquire(int region) {
        return bytes.getLongAcquire(at(region) + 16);
    }

    public void baseRelease(int region, long base) {
        bytes.putLongRelease(at(region) + 16, base);
    }

    /** The last region whose base is at or below the offset. */
    public int lookup(long offset) {
        int found = -1;
        for (int r = 0; r < ENTRIES; r++) {
            long base = baseAcquire(r);
            if (base <= offset && base >= 0) found = r;
        }
        if (found < 0) throw new CorruptSegmentException("no region holds offset " + offset);
        return found;
    }
}
