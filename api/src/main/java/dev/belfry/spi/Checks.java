package dev.belfry.spi;

/**
 * Checks of arguments that every transport makes, with the same texts. Each returns its argument.
 * @since 0.1
 */
public final class Checks {
    private static final int MAX_SUBSCRIPTION_NAME = 128;

    private Checks() {}

    /** 1 to 128 printable characters (code points, so at most 512 bytes in UTF-8). */
    public static String subscriptionName(String name) {
        int length = name.codePointCount(0, name.length());
        if (length < 1 || length > MAX_SUBSCRIPTION_NAME)
            throw new IllegalArgumentException("Subscription name has " + Units.number(length)
                    + " characters; it must have 1 to " + MAX_SUBSCRIPTION_NAME);
        int bad = name.codePoints().filter(c -> !printable(c)).findFirst().orElse(-1);
        if (bad >= 0)
            throw new IllegalArgumentException(
                    String.format("Subscription name contains U+%04X; it may contain only printable characters", bad));
        return name;
    }

    private static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** The limit of poll: at least 1. */
    public static int limit(int limit) {
        if (limit <= 0) throw new IllegalArgumentException("limit must be > 0, was " + limit);
        return limit;
    }

    /** The length of claim and commit: 0 to {@code most}. */
    public static int length(int length, int most) {
        if (length < 0 || length > most)
            throw new IllegalArgumentException(
                    "length must be 0 to " + Units.number(most) + ", was " + Units.number(length));
        return length;
    }

    /**
     * The length of a message, body and encoded properties: at most {@code most}, which is a quarter of maxCapacity.
     */
    public static void fits(long length, int most, long maxCapacity) {
        if (length > most) throw Errors.tooLarge(length, most, maxCapacity);
    }

    /** The bytes of a batch: 0 to {@code most}, which is a quarter of maxCapacity. */
    public static int batchBytes(int bytes, int most, long maxCapacity) {
        if (bytes < 0) throw new IllegalArgumentException("bytes must be >= 0, was " + bytes);
        if (bytes > most) throw Errors.batchTooLarge(bytes, most, maxCapacity);
        return bytes;
    }

    /** The arguments of awaitAcknowledged: a position, from 1 on, and at least one subscriber. */
    public static void awaitAcknowledged(long position, int minSubscribers) {
        if (position < 1) throw new IllegalArgumentException("position must be >= 1, was " + position);
        if (minSubscribers < 1)
            throw new IllegalArgumentException("minSubscribers must be >= 1, was " + minSubscribers);
    }
}
