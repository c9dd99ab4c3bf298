package dev.belfry.testing;

import java.util.Locale;

/**
 * How much a run of the tests tries, {@code -Dbelfry.depth=sample|whole|long|luck}. Hundreds of
 * tries in a {@code whole} run are thousands in a {@code long} one, which takes hours, and dozens
 * in a {@code sample}, which takes minutes.
 */
public enum Depth {
    /** On a second JDK: enough to see that it behaves like the first. */
    SAMPLE,
    /**
     * Before each change: all that fits into a quarter of an hour. The same each time, and no clock
     * decides.
     */
    WHOLE,
    /** Before each release, and for the figures that are published. */
    LONG,
    /**
     * The tests that the others leave to chance: fresh seeds ({@link Seeded}), races, the clock and
     * the cost ({@link Luck}).
     */
    LUCK;

    /** The property that gives it. */
    public static final String PROPERTY = "belfry.depth";

    public static Depth chosen() {
        return valueOf(System.getProperty(PROPERTY, WHOLE.name()).toUpperCase(Locale.ROOT));
    }

    /** The count that belongs to this run's depth. */
    public static int pick(int sample, int whole, int full) {
        return switch (chosen()) {
            case SAMPLE -> sample;
            case WHOLE, LUCK -> whole;
            case LONG -> full;
        };
    }

    /** Whether this is a {@code long} run. */
    public static boolean isLong() {
        return chosen() == LONG;
    }
}
