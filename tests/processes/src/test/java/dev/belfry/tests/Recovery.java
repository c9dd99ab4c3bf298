package dev.belfry.tests;

/** After a death: when did somebody publish again, and when had anybody read something before? */
final class Recovery {
    /** {@code standstill}: of those nanoseconds the last ones, in which nobody read anything either. */
    record Took(long nanos, long standstill) {}

    private long death;
    private long published = Long.MAX_VALUE;
    private long read; // last, between the two

    /** From now on. */
    synchronized void begin(long nanos) {
        death = read = nanos;
        published = Long.MAX_VALUE;
    }

    /** A living process has, at that time; the report comes late, and in any order. */
    synchronized void published(long nanos) {
        if (nanos > death) published = Math.min(published, nanos);
    }

    /** As {@link #published}. */
    synchronized void read(long nanos) {
        if (nanos < published) read = Math.max(read, nanos);
    }

    /** Null: nobody has published yet. */
    synchronized Took took() {
        return published == Long.MAX_VALUE ? null : new Took(published - death, Math.max(0, published - read));
    }
}
