package dev.belfry.spi;

/** How much of a log's room an append leaves free, when the log cannot grow any more. */
public enum Reserve {
    /** A quarter: for records that add what must be kept. */
    NORMAL(4),
    /** Three sixteenths: for those of them that add little to what has little, beside what has filled the rest. */
    LITTLE(3),
    /** An eighth: for records that only make others superfluous. */
    SMALL(2),
    /** Nothing: for records that tell again what is kept, so that a mark can pass it. */
    NONE(0);

    private static final int ALL = 16;

    private final int sixteenths;

    Reserve(int sixteenths) {
        this.sixteenths = sixteenths;
    }

    /** The reserve of a log of this size. */
    public long bytes(long ringBytes) {
        return ringBytes * sixteenths / ALL;
    }
}
