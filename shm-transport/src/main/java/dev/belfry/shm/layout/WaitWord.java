package dev.belfry.shm.layout;

/**
 * The thing that the publishers of one handle wait for, in one word of its entry, so that it is
 * always read whole; 0: nothing.
 *
 * <pre>
 *    63                       21 20    13 12          2 1    0
 *   | since, ms since the epoch |   0    | cause + 1   | what |     what: 1 room, 2 a lock
 *                                                                   cause: a slot, a handle; 0 = unknown
 * </pre>
 *
 * The time is the wall clock's, for people: a monotonic one differs between namespaces of time. No
 * decision depends on it.
 */
public final class WaitWord {
    public static final long NONE = 0;
    public static final int ROOM = 1;
    public static final int LOCK = 2;

    private static final long WHAT = 3;
    private static final int CAUSE_SHIFT = 2;
    private static final int CAUSE_MASK = (1 << 11) - 1;
    private static final int SINCE_SHIFT = 21;
    private static final long NEVER = 0xFFL << 13;

    private WaitWord() {}

    /** {@code cause}: the slot that needs the oldest message, the handle that has the lock; -1 if it is not known. */
    public static long of(int what, int cause, long sinceMillis) {
        return sinceMillis << SINCE_SHIFT | (long) (cause + 1) << CAUSE_SHIFT | what;
    }

    /** Whether it says what is waited for, as this release knows it: {@link #NONE} and a later one's do not. */
    public static boolean isKnown(long word) {
        return what(word) == ROOM || what(word) == LOCK;
    }

    /** {@link #ROOM} or {@link #LOCK}, of one that is known. */
    public static int what(long word) {
        return (int) (word & WHAT);
    }

    /** Below {@code count}; -1 if it is not known, as that of a later release. */
    public static int cause(long word, int count) {
        int cause = (int) (word >>> CAUSE_SHIFT & CAUSE_MASK) - 1;
        return cause < count ? cause : -1;
    }

    /** A word that this release never stores; where no later one is at work it is damage. */
    public static void requirePossible(long word, int slots, int handles) {
        if (word == NONE) return;
        boolean isCause = cause(word, CAUSE_MASK) < (what(word) == ROOM ? slots : handles);
        if (!isKnown(word) || !isCause || (word & NEVER) != 0)
            throw new CorruptSegmentException("a publisher that waits: " + Long.toHexString(word));
    }

    public static long sinceMillis(long word) {
        return word >>> SINCE_SHIFT;
    }
}
