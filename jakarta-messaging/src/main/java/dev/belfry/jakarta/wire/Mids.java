package dev.belfry.jakarta.wire;

import dev.belfry.jakarta.text.Out;

/**
 * Numbers of messages, views and definitions: position × 2^16 + index, so that "before" is one
 * comparison. They are signed: a domain holds 2^47 records.
 */
public final class Mids {
    public static final int INDEX_BITS = 16;

    private Mids() {}

    public static long of(long position, int index) {
        return (position << INDEX_BITS) + index;
    }

    /** Strictly ascending: the first, then differences. */
    static void write(Out out, long[] mids) {
        long before = -1;
        for (long mid : mids) {
            if (mid <= before) throw new IllegalArgumentException("mids not ascending: " + mid + " after " + before);
            out.varint(before < 0 ? mid : mid - before);
            before = mid;
        }
    }

    /** The mid after {@code before}; the first if that is negative. */
    static long read(Cursor in, long before) {
        long step = in.varint();
        long mid = before < 0 ? step : before + step;
        if (mid < 0 || mid <= before) throw new Malformed("mids not ascending");
        return mid;
    }
}
