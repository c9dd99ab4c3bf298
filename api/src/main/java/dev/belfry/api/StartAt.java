package dev.belfry.api;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a new subscription begins. A value class: equal by content.
 * @since 0.1
 */
public final class StartAt {
    /** After the newest message. */
    public static final StartAt NOW = new StartAt(Kind.NOW, 0);

    /** At the oldest message that is retained. */
    public static final StartAt OLDEST_RETAINED = new StartAt(Kind.OLDEST_RETAINED, 0);

    private static final int NANOS_PER_MILLI = 1_000_000;

    private enum Kind {
        NOW,
        OLDEST_RETAINED,
        AT,
        TIME
    }

    private final Kind kind;
    private final long number;

    private StartAt(Kind kind, long number) {
        this.kind = kind;
        this.number = number;
    }

    /**
     * The first message handed over is {@code position}, from 1 on. If that one is gone, it is the
     * oldest retained one, and the gap counts as lost.
     */
    public static StartAt at(long position) {
        if (position < 1) throw new IllegalArgumentException("position must be >= 1, was " + position);
        return new StartAt(Kind.AT, position);
    }

    /**
     * The first message handed over is the first one in the queue, of those that are retained, whose timestamp is at or
     * after {@code time}. Timestamps are whole milliseconds, so the time is cut to them: it finds what is published
     * after {@code Instant.now()}. If there is none, it is the next one to be published, whatever its timestamp: so it
     * is for a time in the future. If the time is before all of them, it is the oldest one, and nothing counts as lost.
     *
     * <p>A time is a place and not a filter: timestamps need not grow along the queue. A publisher may take the time
     * before it waits for its turn or for room, a batch when it begins, and a clock may be set back. So older ones may
     * come after the first. All messages from the oldest up to that place must have a timestamp: else
     * IllegalArgumentException names the first one that has none. See {@link PublisherOptions.Builder#timestamps}.
     */
    public static StartAt time(Instant time) {
        Objects.requireNonNull(time, "time");
        long millis = TimeUnit.SECONDS.toMillis(time.getEpochSecond()); // at most as far as a long goes
        return new StartAt(Kind.TIME, Math.max(millis, millis + time.getNano() / NANOS_PER_MILLI));
    }

    /** Present for {@code at(position)} only. */
    public OptionalLong position() {
        return kind == Kind.AT ? OptionalLong.of(number) : OptionalLong.empty();
    }

    /**
     * Present for {@code time(time)} only: milliseconds since 1970, rounded down. A message is at or after
     * the time if its timestamp is not less.
     */
    public OptionalLong timeMillis() {
        return kind == Kind.TIME ? OptionalLong.of(number) : OptionalLong.empty();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof StartAt s && s.number == number && s.kind == kind;
    }

    @Override
    public int hashCode() {
        return 31 * kind.name().hashCode() + Long.hashCode(number);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case AT -> "at(" + number + ")";
            case TIME -> "time(" + Instant.ofEpochMilli(number) + ")";
            default -> kind.name();
        };
    }
}
