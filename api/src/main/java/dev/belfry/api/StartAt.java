package dev.belfry.api;

import java.util.OptionalLong;

/** Where a new subscription begins. A value class: equal by content. */
public final class StartAt {
    /** After the newest message. */
    public static final StartAt NOW = new StartAt("NOW", 0);

    /** At the oldest message that is retained. */
    public static final StartAt OLDEST_RETAINED = new StartAt("OLDEST_RETAINED", 0);

    private final String name;
    private final long position;

    private StartAt(String name, long position) {
        this.name = name;
        this.position = position;
    }

    /**
     * The first message handed over is {@code position}, from 1 on. If that one is gone, it is the
     * oldest retained one, and the gap counts as lost.
     */
    public static StartAt at(long position) {
        if (position < 1) throw new IllegalArgumentException("position must be >= 1, was " + position);
        return new StartAt("at", position);
    }

    /** Present for {@code at(position)} only. */
    public OptionalLong position() {
        return position == 0 ? OptionalLong.empty() : OptionalLong.of(position);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof StartAt s && s.position == position && s.name.equals(name);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Long.hashCode(position);
    }

    @Override
    public String toString() {
        return position == 0 ? name : "at(" + position + ")";
    }
}
