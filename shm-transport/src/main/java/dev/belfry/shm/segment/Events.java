package dev.belfry.shm.segment;

/**
 * Rare events, for the JDK's flight recorder. This class does nothing itself, for runtimes without
 * a recorder (module {@code jdk.jfr}): no class of that module may be named here;
 * {@link Machine#events} decides. A span is null if nothing records it.
 *
 * <p>No event is worth what it tells of: whatever is thrown here, at the end of the memory or of the
 * stack, too, loses that event and nothing else.
 */
public class Events {
    enum Kind {
        PARK,
        FULL_WAIT,
        LOCK_WAIT,
        GROW,
        REPAIR,
        EVICT,
        OVERRUN
    }

    /** Not with the first event: a class whose initializer meets the end of a stack can never be used again. */
    Events() {
        Kind.values();
    }

    /** A subscriber goes to sleep. */
    public final Object parking() {
        return begun(Kind.PARK);
    }

    public final void parked(Object span, String queue, int slot) {
        ended(span, queue, slot, null);
    }

    /** A publisher finds no room. */
    public final Object waitingForRoom() {
        return begun(Kind.FULL_WAIT);
    }

    public final void waitedForRoom(Object span, String queue, long bytes, String blocker) {
        ended(span, queue, bytes, blocker);
    }

    /** A publisher finds a lock taken. */
    public final Object waitingForLock() {
        return begun(Kind.LOCK_WAIT);
    }

    public final void waitedForLock(Object span, String queue, int holder) {
        ended(span, queue, holder, null);
    }

    public final void grew(String queue, long capacity) {
        happened(Kind.GROW, queue, capacity, 0, null);
    }

    public final void repaired(String queue, long recovered) {
        happened(Kind.REPAIR, queue, recovered, 0, null);
    }

    public final void evicted(String queue, String subscriber) {
        happened(Kind.EVICT, queue, 0, 0, subscriber);
    }

    public final void overran(String queue, int slot, long lost) {
        happened(Kind.OVERRUN, queue, slot, lost, null);
    }

    private Object begun(Kind kind) {
        try {
            return begin(kind);
        } catch (Throwable lost) {
            lose(lost);
            return null;
        }
    }

    private void ended(Object span, String queue, long number, String text) {
        try {
            if (span != null) end(span, queue, number, text);
        } catch (Throwable lost) {
            lose(lost);
        }
    }

    private void happened(Kind kind, String queue, long number, long second, String text) {
        try {
            tell(kind, queue, number, second, text);
        } catch (Throwable lost) {
            lose(lost);
        }
    }

    /** But a fault of memory that is gone comes late, in whatever runs then: that is no event's. */
    private static void lose(Throwable thrown) {
        if (thrown instanceof InternalError late
                && String.valueOf(late.getMessage()).contains("unsafe memory access")) throw late;
    }

    // The methods of a recorder

    Object begin(Kind kind) {
        return null;
    }

    void end(Object span, String queue, long number, String text) {}

    void tell(Kind kind, String queue, long number, long second, String text) {}
}
