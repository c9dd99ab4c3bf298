package dev.belfry.shm.layout;

/** Messages' dense numbers and their low 24 bits, the stamp that every record carries. */
public final class Positions {
    public static final int STAMP_BITS = 24;
    /** Two numbers that are farther apart than this may share a stamp. */
    public static final long NEAR = 1L << STAMP_BITS - 1;

    private static final long MASK = (1L << STAMP_BITS) - 1;

    private Positions() {}

    public static int stamp(long position) {
        return (int) (position & MASK);
    }

    /** The number nearest to {@code hint} with this stamp: exact while the true one is less than 2^23 away. */
    public static long resolve(int stamp, long hint) {
        long ahead = (stamp - hint) & MASK;
        return ahead < NEAR ? hint + ahead : hint + ahead - MASK - 1;
    }
}
