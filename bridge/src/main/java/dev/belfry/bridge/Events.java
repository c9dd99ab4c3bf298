package dev.belfry.bridge;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * The rare events of a bridge, for the JDK's flight recorder: {@code dev.belfry.BridgeConnect} and so on. While nothing
 * records, an event is not even a class that the recorder knows. A span is null if nothing records it. An exception
 * here loses an event, and nothing else.
 */
final class Events {
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

    @Category("Belfry")
    @StackTrace(false)
    abstract static class BridgeEvent extends Event {
        @Label("Bridge")
        String bridge;
    }

    abstract static class AtPosition extends BridgeEvent {
        @Label("Source Position")
        long position;
    }

    @Name("dev.belfry.BridgeConnect")
    @Label("Bridge Connects")
    @Description("Opens both queues and reads the target back to its own newest message")
    static final class Connect extends BridgeEvent {
        @Label("Goes On After")
        long after;
    }

    @Name("dev.belfry.BridgeBackOff")
    @Label("Bridge Waits To Retry")
    static final class BackOff extends BridgeEvent {
        @Label("Reason")
        String reason;
    }

    @Name("dev.belfry.BridgeFullWait")
    @Label("Bridge Waits For Room")
    @Description("The target is full")
    static final class FullWait extends AtPosition {}

    @Name("dev.belfry.BridgeLoss")
    @Label("Bridge Missed Messages")
    @Description("They were gone from the source before it could read them")
    static final class Loss extends AtPosition {
        @Label("Lost Messages")
        long messages;
    }

    @Name("dev.belfry.BridgeDuplicate")
    @Label("Bridge Dropped A Duplicate")
    static final class Duplicate extends AtPosition {}

    /**
     * Where the recorder is in use, all classes are ready then: one whose initializer fails, at the end
     * of the memory, say, fails for ever.
     */
    Events() {
        try {
            Kind[] all = Kind.values();
            if (FlightRecorder.isInitialized()) for (Kind kind : all) of(kind).shouldCommit();
        } catch (Throwable lost) {
            return;
        }
    }

    BridgeEvent begun(Kind kind) {
        try {
            BridgeEvent event = FlightRecorder.isInitialized() ? of(kind) : null;
            if (event == null || !event.isEnabled()) return null;
            event.begin();
            return event;
        } catch (Throwable lost) {
            return null;
        }
    }

    void ended(BridgeEvent span, String bridge, long number, String text) {
        if (span == null) return;
        try {
            span.end();
            commit(span, bridge, number, 0, text);
        } catch (Throwable lost) {
            return;
        }
    }

    void happened(Kind kind, String bridge, long number, long second) {
        try {
            if (FlightRecorder.isInitialized()) commit(of(kind), bridge, number, second, null);
        } catch (Throwable lost) {
            return;
        }
    }

    private static BridgeEvent of(Kind kind) {
        return switch (kind) {
            case CONNECT -> new Connect();
            case BACK_OFF -> new BackOff();
            case FULL_WAIT -> new FullWait();
            case LOSS -> new Loss();
            case DUPLICATE -> new Duplicate();
        };
    }

    private static void commit(BridgeEvent event, String bridge, long number, long second, String text) {
        if (!event.shouldCommit()) return;
        event.bridge = bridge;
        if (event instanceof AtPosition at) at.position = number;
        if (event instanceof Connect connect) connect.after = number;
        if (event instanceof BackOff wait) wait.reason = text;
        if (event instanceof Loss loss) loss.messages = second;
        event.commit();
    }
}
