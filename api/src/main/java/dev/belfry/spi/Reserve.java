package dev.belfry.spi;

/** How much of a log's room an append leaves free, when the log cannot grow any more. */
public enum Reserve {
    /** A quarter: for records that add what must be kept. */
    NORMAL(2),
    /** An eighth: for records that only make others superfluous. */
    SMALL(3),
    /** Nothing: for records that tell again what is kept, so that a mark can pass it. */
    NONE(Long.SIZE - 1);

    private final int shift;

    Reserve(int shift) {
        this.shift = shift;
    }

    /** The reserve of a log of this size. */
    public long bytes(long ringBytes) {
        return ringBytes >> shift;
    }
}
