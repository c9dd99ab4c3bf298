package dev.belfry.bridge;

import java.time.Instant;
import java.util.Objects;

/**
 * How much of its source a bridge carries, and how fast. It ends by itself at the first of the limits, when the target
 * has confirmed all. Components may be added.
 *
 * @param lastPosition of the source: the last one that is carried; it waits until that was published
 * @param before ends before the first message whose {@link Bridges#timestampMillis} is not before this time, or where
 *     nothing more comes when it has passed
 * @param count of the messages that it carries, without those that the target has already. Cut off and begun again, it
 *     carries the rest, as the newest one in the target says how many there are with it. If the target has none of them
 *     any more, the count begins again
 * @param speed 1: as far apart as the timestamps say; 10: ten times as fast; infinite: as fast as it can
 * @since 0.1
 */
public record Extent(long lastPosition, Instant before, long count, double speed) {
    /** Has no limit: the bridge runs until it is closed. */
    public static final Extent ENDLESS =
            new Extent(Long.MAX_VALUE, Instant.MAX, Long.MAX_VALUE, Double.POSITIVE_INFINITY);

    public Extent {
        Objects.requireNonNull(before, "before");
        if (lastPosition < 1 || count < 1 || !(speed > 0))
            throw new IllegalArgumentException(
                    "lastPosition, count and speed must be > 0, were " + lastPosition + ", " + count + " and " + speed);
    }

    boolean hasEnd() {
        return lastPosition != Long.MAX_VALUE || !before.equals(Instant.MAX) || hasCount();
    }

    boolean hasCount() {
        return count != Long.MAX_VALUE;
    }
}
