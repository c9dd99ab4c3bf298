package dev.belfry.bridge;

/**
 * The rare events of a bridge, for the JDK's flight recorder. Does nothing itself, as where the
 * runtime has none (module {@code jdk.jfr}): no class of it may be named here; {@link Bridge}
 * decides. A span is null if nobody records it. An exception here loses an event, and nothing else.
 */
class Events {
    /** Spans with a number, but for BACK_OFF, which has a text; the last two have no length. */
    enum Kind {
        /** Opens the queues, and finds out after which position in the source to go on. */
        CONNECT,
        /** Waits before it tries again, for this reason. */
        BACK_OFF,
        /** The target is full. */
        FULL_WAIT,
        /** Messages were gone before it could read them: where, and how many. */
        LOSS,
        /** A message was in the source twice. */
        DUPLICATE
    }

    /** With what the first event needs. */
    Events() {
        Kind.values();
    }

    final Object begun(Kind kind) {
        try {
            return begin(kind);
        } catch (Throwable lost) {
            return null;
        }
    }

    final void ended(Object span, String bridge, long number, String text) {
        try {
            if (span != null) end(span, bridge, number, text);
        } catch (Throwable lost) {
            return;
        }
    }

    final void happened(Kind kind, String bridge, long number, long second) {
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
