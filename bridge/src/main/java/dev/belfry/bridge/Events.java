package dev.belfry.bridge;

/**
 * What happens seldom, for the JDK's flight recorder. Does nothing itself, as where the runtime has
 * none (module {@code jdk.jfr}): no class of it may be named here; {@link Bridge} decides. A span
 * is null if nobody records it.
 */
class Events {
    /** Opens the queues, and finds out where to go on. */
    Object connecting() {
        return null;
    }

    /** {@code after}: the position in the source. */
    void connected(Object span, String bridge, long after) {}

    /** Waits before it tries again. */
    Object backingOff() {
        return null;
    }

    void backedOff(Object span, String bridge, String reason) {}

    /** The target is full. */
    Object waitingForRoom() {
        return null;
    }

    void waitedForRoom(Object span, String bridge, long position) {}

    /** Messages were gone before it could read them. */
    void lost(String bridge, long position, long messages) {}

    /** A message was in the source twice. */
    void dropped(String bridge, long position) {}
}
