package dev.belfry.spi;

/** How much of a log's room an append leaves free, when the log cannot grow any more. */
public enum Reserve {
    /** A quarter: for records that add what must be kept. */
    NORMAL(16),
    /** Thirteen 64ths: for those of them that add little to what has little, beside what has filled the rest. */
    LITTLE(13),
    /** Three sixteenths: for those by which a reader joins, which may then make others superfluous. */
    JOINING(12),
    /** An eighth: for records that only make others superfluous. */
    SMALL(8),
    /** Nothing: for records that tell again what is kept, so that a mark can pass it. */
    NONE(0);

    private static final int ALL = 64;

    private final int parts;

    Reserve(int parts) {
        this.parts = parts;
    }

    /** The reserve of a log of this size. */
    public long bytes(long ringBytes) {
        return ringBytes * parts / ALL;
    }
}
