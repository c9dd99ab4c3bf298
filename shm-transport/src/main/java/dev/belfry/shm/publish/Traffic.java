package dev.belfry.shm.publish;

import dev.belfry.api.QueueConfig;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures how much is published, by all processes, and tells whether a ring holds enough of it: ten
 * milliseconds. A subscriber pauses for so long when another process has its processor. And a ring that
 * is smaller than a subscriber's cache is slow to write where the publisher has another one: each line
 * must be fetched from there. Where they share a cache a larger ring is slower, and nothing but a
 * measurement tells: so it is asked for by a setting. Guarded by the publish lock.
 */
public class Traffic {
    private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MEASURED_BYTES = 16 << 20; // a burst of less says nothing
    private static final long REST_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long NEVER = -1;

    /** The name of the setting. */
    public static final String GROWTH = "growth";

    private static final String NEED = "need";
    private static final String TRAFFIC = "traffic";

    private final LongSupplier clock;
    private long from = NEVER; // where the log ended when the present measurement began
    private long since;
    private long restsUntil;

    /** No ring is too small for it: it grows only when it must. */
    public static final Traffic NONE = new Traffic() {
        @Override
        boolean outgrows(long capacity, long tail) {
            return false;
        }
    };

    /** As {@code growth=traffic} asks for it. */
    public static Traffic asked(QueueConfig config) {
        String given = config.attributes().getOrDefault(GROWTH, NEED).toString();
        return switch (given) {
            case NEED -> NONE;
            case TRAFFIC -> new Traffic();
            default ->
                throw new IllegalArgumentException(
                        GROWTH + " must be '" + NEED + "' or '" + TRAFFIC + "', was '" + given + "'");
        };
    }

    Traffic() {
        this(System::nanoTime);
    }

    Traffic(LongSupplier clock) {
        this.clock = clock;
        this.restsUntil = clock.getAsLong();
    }

    /** The log ends at {@code tail}: has it outgrown a ring of this capacity? */
    boolean outgrows(long capacity, long tail) {
        long bytes = tail - from;
        if (from != NEVER && bytes < MEASURED_BYTES) return false;
        long now = clock.getAsLong();
        boolean outgrown = from != NEVER && (double) (now - since) * capacity < (double) HELD_NANOS * bytes;
        from = tail;
        since = now;
        return outgrown && now - restsUntil >= 0;
    }

    /** The ring could not grow: not asked again for a while. */
    void rest() {
        restsUntil = since + REST_NANOS;
    }
}
