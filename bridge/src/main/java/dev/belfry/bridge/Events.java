package dev.belfry.bridge;

/**
 * The rare events of a bridge, for the JDK's flight recorder. Does nothing itself, as where the
 * runtime has none (module {@code jdk.jfr}): no class of it may be named here; {@link Bridge}
 * decides. A span is null if nobody records it. An exception here loses an event, and nothing else.
 */
class Events {
    enum Kind {
        CONNECT,
        BACK_OFF,
        FULL_WAIT,
        LOSS,
        DUPLICATE
    }

    /** With what the first event needs. */
    Events() {
        Kind.values();
    }

    /** Opens the queues, and finds out where to go on. */
    final Object connecting() {
        return begun(Kind.CONNECT);
    }

    /** {@code after}: the position in the source. */
    final void connected(Object span, String bridge, long after) {
        ended(span, bridge, after, null);
    }

    /** Waits before it tries again. */
    final Object backingOff() {
        return begun(Kind.BACK_OFF);
    }

    final void backedOff(Object span, String bridge, String reason) {
        ended(span, bridge, 0, reason);
    }

    /** The target is full. */
    final Object waitingForRoom() {
        return begun(Kind.FULL_WAIT);
    }

    final void waitedForRoom(Object span, String bridge, long position) {
        ended(span, bridge, position, null);
    }

    /** Messages were gone before it could read them. */
    final void lost(String bridge, long position, long messages) {
        happened(Kind.LOSS, bridge, position, messages);
    }

    /** A message was in the source twice. */
    final void dropped(String bridge, long position) {
        happened(Kind.DUPLICATE, bridge, position, 0);
    }

    private Object begun(Kind kind) {
        try {
            return begin(kind);
        } catch (Throwable lost) {
            return null;
        }
    }

    private void ended(Object span, String bridge, long number, String text) {
        try {
            if (span != null) end(span, bridge, number, text);
        } catch (Throwable lost) {
            return;
        }
    }

    private void happened(Kind kind, String bridge, long number, long second) {
        try {
            tell(kind, bridge, number, second);
        } catch (Throwable lost) {
            return;
        }
    }

    // The methods of a recorder

    Object begin(Kind kind) {
        return null;
    }

    void end(Object span, String bridge, long number, String text) {}

    void tell(Kind kind, String bridge, long number, long second) {}
}
