package dev.belfry.spi;

import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.QueueConfig;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values with which a queue is created, every default filled in; a transport stores them. If the queue exists, its
 * stored values come before defaults, and {@link #requireCompatible} refuses a different <em>explicit</em> value.
 *
 * @param capacity a power of two, 4 KiB to 1 GiB
 * @param maxCapacity likewise, at least capacity
 * @param mode the permission bits, such as 0600; -1 = the transport has none
 * @param group null = the process's group, or the transport has none
 * @param maxGateNanos {@link Deadlines#FOREVER_NANOS} = none
 * @since 0.1
 */
public record QueueSettings(
        long capacity,
        long maxCapacity,
        int mode,
        @Nullable String group,
        boolean allowGating,
        long maxGateNanos,
        boolean deleteOnLastClose) {
    private static final long DEFAULT_CAPACITY = 1L << 20;
    private static final long DEFAULT_MAX_CAPACITY = 64L << 20;
    private static final int DEFAULT_MODE = 0600;

    /** Has what a new queue gets. If only one capacity is given, the default of the other one is adjusted. */
    public static QueueSettings of(QueueConfig config) {
        return of(config, DEFAULT_CAPACITY);
    }

    /** The same, where another capacity is the default. */
    public static QueueSettings of(QueueConfig config, long defaultCapacity) {
        long capacity = Units.capacity("capacity", config.capacity());
        long maxCapacity = Units.capacity("maxCapacity", config.maxCapacity());
        if (capacity == 0) capacity = maxCapacity == 0 ? defaultCapacity : Math.min(defaultCapacity, maxCapacity);
        if (maxCapacity == 0) maxCapacity = Math.max(DEFAULT_MAX_CAPACITY, capacity);
        return new QueueSettings(
                capacity,
                maxCapacity,
                config.mode() == null ? DEFAULT_MODE : Units.mode(config.mode()),
                config.group(),
                config.allowGating() == null || config.allowGating(),
                config.maxGateTime() == null ? Deadlines.FOREVER_NANOS : Deadlines.nanos(config.maxGateTime()),
                config.deleteOnLastClose() != null && config.deleteOnLastClose());
    }

    /** How open treats a queue that exists, or does not exist. */
    public static Create create(QueueConfig config) {
        return config.create() == null ? Create.CREATE_OR_OPEN : config.create();
    }

    /**
     * Whether open is asked for a {@link Log}.
     *
     * @throws IllegalArgumentException for another kind, and for an option with which a log would
     * lose what its marks keep
     */
    public static boolean isDomain(QueueUri uri, QueueConfig config) {
        Object kind = config.attributes().get(Log.KIND);
        if (kind == null) return false;
        if (!kind.equals(Log.DOMAIN))
            throw new IllegalArgumentException(
                    Log.KIND + " '" + kind + "' is not known; it is '" + Log.DOMAIN + "', or not given");
        QueueSettings asked = of(config);
        if (asked.hasMaxGateTime()) throw Errors.notForDomains(uri.toString(), "maxGateTime");
        if (!asked.allowGating()) throw Errors.notForDomains(uri.toString(), "allowGating=false");
        return true;
    }

    /** Whether publishers may ever pass a GATE_PUBLISHER reader, which then has to copy. */
    public boolean hasMaxGateTime() {
        return maxGateNanos < Deadlines.FOREVER_NANOS;
    }

    /**
     * These are the stored settings. A value that {@code requested} does not give explicitly is not compared.
     *
     * @param queue such as {@code shm:prices}, for messages
     * @throws IncompatibleQueueException naming the value asked for and the stored one
     */
    public void requireCompatible(String queue, QueueConfig requested) {
        QueueSettings other = of(requested);
        Stored stored = new Stored(queue);
        if (requested.capacity() != 0) stored.same("capacity", Units.size(other.capacity), Units.size(capacity));
        if (requested.maxCapacity() != 0)
            stored.same("maxCapacity", Units.size(other.maxCapacity), Units.size(maxCapacity));
        if (requested.mode() != null && mode >= 0) stored.same("mode", letters(other.mode), letters(mode));
        if (requested.group() != null && group != null) stored.same("group", other.group, group);
        if (requested.allowGating() != null) stored.same("allowGating", other.allowGating, allowGating);
        if (requested.maxGateTime() != null)
            stored.sameGateTime(Math.max(1, other.maxGateNanos), Math.max(1, maxGateNanos));
        if (requested.deleteOnLastClose() != null)
            stored.same("deleteOnLastClose", other.deleteOnLastClose, deleteOnLastClose);
    }

    private record Stored(String queue) {
        /**
         * Compared to the nanosecond, though the text is shorter where that tells them apart. No limit
         * may be stored as the shortest time.
         */
        private void sameGateTime(long requested, long existing) {
            if (requested == existing) return;
            boolean apart = !Units.duration(requested).equals(Units.duration(existing));
            same("maxGateTime", gateTime(requested, apart), gateTime(existing, apart));
        }

        private static String gateTime(long nanos, boolean rounded) {
            return rounded ? Units.duration(nanos) : Units.number(nanos) + " ns";
        }

        private void same(String what, Object requested, Object existing) {
            if (!Objects.equals(requested, existing)) throw Errors.otherValue(queue, what, requested, existing);
        }
    }

    /** Shows 0600, say, as "rw-------". */
    public static String letters(int mode) {
        StringBuilder letters = new StringBuilder();
        for (int i = 8; i >= 0; i--) letters.append((mode >> i & 1) == 0 ? '-' : "xwr".charAt(i % 3));
        return letters.toString();
    }
}
