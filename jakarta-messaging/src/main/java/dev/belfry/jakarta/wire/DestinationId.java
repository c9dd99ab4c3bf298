package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Text;

/**
 * A destination as 64 bits: the highest is set, then two of the kind, then 61 of the name's hash. A
 * view's id is never negative.
 */
public final class DestinationId {
    public static final int QUEUE = 0;
    public static final int TOPIC = 1;
    public static final int TEMPORARY_QUEUE = 2;
    public static final int TEMPORARY_TOPIC = 3;

    private static final int KIND_SHIFT = 61;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final long SPREAD = 0xff51afd7ed558ccdL;

    private DestinationId() {}

    public static long of(int kind, String name) {
        long hash = FNV_OFFSET;
        for (byte one : Text.bytes(name)) hash = (hash ^ one & 0xff) * FNV_PRIME;
        hash = (hash ^ hash >>> 33) * SPREAD;
        return Long.MIN_VALUE | (long) kind << KIND_SHIFT | hash >>> 64 - KIND_SHIFT;
    }

    /** Every negative id is a destination's. */
    public static boolean is(long id) {
        return id < 0;
    }

    public static int kind(long id) {
        return (int) (id >>> KIND_SHIFT) & 3;
    }

    public static boolean isQueue(long id) {
        return id < 0 && (kind(id) & 1) == 0;
    }

    public static boolean isTopic(long id) {
        return id < 0 && (kind(id) & 1) != 0;
    }

    public static boolean isTemporary(long id) {
        return id < 0 && kind(id) >= TEMPORARY_QUEUE;
    }
}
