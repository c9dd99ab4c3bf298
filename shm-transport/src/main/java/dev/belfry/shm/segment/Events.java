package dev.belfry.shm.segment;

/**
 * Rare events, for the JDK's flight recorder. This class does nothing itself, for runtimes without
 * a recorder (module {@code jdk.jfr}): no class of that module may be named here;
 * {@link Machine#events} decides. A span is null if nothing records it.
 */
public class Events {
    /** A subscriber goes to sleep. */
    public Object parking() {
        return null;
    }

    public void parked(Object span, String queue, int slot) {}

    /** A publisher finds no room. */
    public Object waitingForRoom() {
        return null;
    }

    public void waitedForRoom(Object span, String queue, long bytes, String blocker) {}

    /** A publisher finds a lock taken. */
    public Object waitingForLock() {
        return null;
    }

    public void waitedForLock(Object span, String queue, int holder) {}

    public void grew(String queue, long capacity) {}

    public void repaired(String queue, long recovered) {}

    public void evicted(String queue, String subscriber) {}

    public void overran(String queue, int slot, long lost) {}
}
