package dev.belfry.shm;

/**
 * What happens seldom, for the JDK's flight recorder. Does nothing itself, as where the runtime has none (module {@code jdk.jfr}): no class of
 * it may be named here; {@link Machine#events} decides. A span is null if nobody records it.
 */
class Events {
    /** A subscriber goes to sleep. */
    Object parking() {
        return null;
    }

    void parked(Object span, String queue, int slot) {}

    /** A publisher finds no room. */
    Object waitingForRoom() {
        return null;
    }

    void waitedForRoom(Object span, String queue, long bytes) {}

    /** A publisher finds a lock taken. */
    Object waitingForLock() {
        return null;
    }

    void waitedForLock(Object span, String queue) {}

    void grew(String queue, long capacity) {}

    void repaired(String queue, long recovered) {}

    void evicted(String queue, String subscriber) {}

    void overran(String queue, int slot, long lost) {}
}
