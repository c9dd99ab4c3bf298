package dev.belfry.spi;

import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.QueueConfig;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What a queue is created with, every default filled in; a transport stores it. For a queue that exists the stored values
 * win over defaults, and {@link #requireCompatible} refuses a different <em>explicit</em> one.
 *
 * @param capacity a power of two, 4 KiB to 1 GiB
 * @param maxCapacity likewise, at least capacity
 * @param mode the permission bits, such as 0600; -1 = the transport knows none
 * @param group null = the process's, or the transport knows none
 * @param maxGateNanos {@link Deadlines#FOREVER_NANOS} = none
 */
public record QueueSettings(
        long capacity,
        long maxCapacity,
        int mode,
        String group,
        boolean allowGating,
        long maxGateNanos,
        boolean deleteOnLastClose) {
    public static final long MIN_CAPACITY = 4L << 10;
    public static final long LARGEST_CAPACITY = 1L << 30;
    private static final long DEFAULT_CAPACITY = 1L << 20;
    private static final long DEFAULT_MAX_CAPACITY = 64L << 20;
    private static final int DEFAULT_MODE = 0600;
    private static final Pattern OCTAL = Pattern.compile("0?[0-7]{3}");
    private static final Pattern LETTERS = Pattern.compile("([r-][w-][x-]){3}");

    /** For a new queue. If only one capacity is given, the default of the other gives way.
     * @throws IllegalArgumentException if no queue can be created like that */
    public static QueueSettings of(QueueConfig config) {
        long capacity = rounded("capacity", config.capacity());
        long maxCapacity = rounded("maxCapacity", config.maxCapacity());
        if (capacity == 0) capacity = maxCapacity == 0 ? DEFAULT_CAPACITY : Math.min(DEFAULT_CAPACITY, maxCapacity);
        if (maxCapacity == 0) maxCapacity = Math.max(DEFAULT_MAX_CAPACITY, capacity);
        if (maxCapacity < capacity)
            throw new IllegalArgumentException("maxCapacity (" + Units.size(maxCapacity)
                    + ") is smaller than capacity (" + Units.size(capacity) + ")");
        return new QueueSettings(
                capacity,
                maxCapacity,
                config.mode() == null ? DEFAULT_MODE : modeBits(config.mode()),
                config.group(),
                config.allowGating() == null || config.allowGating(),
                config.maxGateTime() == null ? Deadlines.FOREVER_NANOS : Deadlines.nanos(config.maxGateTime()),
                config.deleteOnLastClose() != null && config.deleteOnLastClose());
    }

    /** What open shall do with what is there. */
    public static Create create(QueueConfig config) {
        return config.create() == null ? Create.CREATE_OR_OPEN : config.create();
    }

    /** Whether publishers may ever pass a GATE_PUBLISHER reader, which then has to copy. */
    public boolean hasMaxGateTime() {
        return maxGateNanos < Deadlines.FOREVER_NANOS;
    }

    /** These are the stored settings. What {@code requested} does not give explicitly is not compared.
     * @throws IncompatibleQueueException naming the value asked for and the one there */
    public void requireCompatible(QueueConfig requested) {
        QueueSettings other = of(requested);
        if (requested.capacity() != 0) same("capacity", Units.size(other.capacity), Units.size(capacity));
        if (requested.maxCapacity() != 0) same("maxCapacity", Units.size(other.maxCapacity), Units.size(maxCapacity));
        if (requested.mode() != null && mode >= 0) same("mode", letters(other.mode), letters(mode));
        if (requested.group() != null && group != null) same("group", other.group, group);
        if (requested.allowGating() != null) same("allowGating", other.allowGating, allowGating);
        if (requested.maxGateTime() != null) sameGateTime(Math.max(1, other.maxGateNanos), Math.max(1, maxGateNanos));
        if (requested.deleteOnLastClose() != null)
            same("deleteOnLastClose", other.deleteOnLastClose, deleteOnLastClose);
    }

    /** To the nanosecond, though it is said more shortly where that tells them apart. None at all may be stored as the shortest. */
    private static void sameGateTime(long requested, long existing) {
        if (requested == existing) return;
        boolean apart = !Units.duration(requested).equals(Units.duration(existing));
        same("maxGateTime", gateTime(requested, apart), gateTime(existing, apart));
    }

    private static String gateTime(long nanos, boolean rounded) {
        return rounded ? Units.duration(nanos) : Units.number(nanos) + " ns";
    }

    private static void same(String what, Object requested, Object existing) {
        if (!Objects.equals(requested, existing))
            throw Errors.incompatible(what + " " + requested + " requested, existing queue has " + existing);
    }

    private static long rounded(String what, long bytes) {
        if (bytes < 0) throw new IllegalArgumentException(what + " must be > 0, was " + Units.number(bytes));
        if (bytes > LARGEST_CAPACITY)
            throw new IllegalArgumentException(
                    what + " (" + Units.size(bytes) + ") is larger than " + Units.size(LARGEST_CAPACITY));
        if (bytes == 0) return 0;
        long power = Long.highestOneBit(bytes);
        return Math.max(MIN_CAPACITY, power == bytes ? power : power << 1);
    }

    /** "rw-------" or "0600". */
    static int modeBits(String mode) {
        if (OCTAL.matcher(mode).matches()) return useful(mode, Integer.parseInt(mode, 8));
        if (!LETTERS.matcher(mode).matches())
            throw new IllegalArgumentException(
                    "mode '" + QueueUri.printable(mode) + "' is not of the form rw-rw---- or 0660");
        int bits = 0;
        for (int i = 0; i < mode.length(); i++) bits = bits << 1 | (mode.charAt(i) == '-' ? 0 : 1);
        return useful(mode, bits);
    }

    /** Reading alone is of no use to anybody. */
    private static int useful(String mode, int bits) {
        boolean owner = (bits & 0600) == 0600;
        if (owner && (bits >> 1 & 022) == (bits & 022)) return bits;
        throw new IllegalArgumentException(
                "mode '" + mode + "' lets "
                        + (owner ? "others read or write the file, but not join" : "not even its owner join")
                        + ": a subscriber stores in it how far it has read. Give both or neither: rw-------, rw-rw----, rw-rw-rw-");
    }

    /** 0600 as "rw-------". */
    public static String letters(int mode) {
        StringBuilder letters = new StringBuilder();
        for (int i = 8; i >= 0; i--) letters.append((mode >> i & 1) == 0 ? '-' : "xwr".charAt(i % 3));
        return letters.toString();
    }
}
