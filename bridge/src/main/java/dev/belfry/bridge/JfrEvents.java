package dev.belfry.bridge;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * {@code dev.belfry.BridgeConnect} and so on. While nobody records, an event is not even a class
 * that the recorder knows.
 */
final class JfrEvents extends Events {
    @Category("Belfry")
    @StackTrace(false)
    abstract static class BridgeEvent extends Event {
        @Label("Bridge")
        String bridge;
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
    static final class FullWait extends BridgeEvent {
        @Label("Source Position")
        long position;
    }

    @Name("dev.belfry.BridgeLoss")
    @Label("Bridge Missed Messages")
    @Description("They were gone from the source before it could read them")
    static final class Loss extends BridgeEvent {
        @Label("Source Position")
        long position;

        @Label("Lost Messages")
        long messages;
    }

    @Name("dev.belfry.BridgeDuplicate")
    @Label("Bridge Dropped A Duplicate")
    static final class Duplicate extends BridgeEvent {
        @Label("Source Position")
        long position;
    }

    @Override
    Object connecting() {
        return begun(new Connect());
    }

    @Override
    void connected(Object span, String bridge, long after) {
        if (!(span instanceof Connect event)) return;
        event.end();
        if (!event.shouldCommit()) return;
        event.after = after;
        commit(event, bridge);
    }

    @Override
    Object backingOff() {
        return begun(new BackOff());
    }

    @Override
    void backedOff(Object span, String bridge, String reason) {
        if (!(span instanceof BackOff event)) return;
        event.end();
        if (!event.shouldCommit()) return;
        event.reason = reason;
        commit(event, bridge);
    }

    @Override
    Object waitingForRoom() {
        return begun(new FullWait());
    }

    @Override
    void waitedForRoom(Object span, String bridge, long position) {
        if (!(span instanceof FullWait event)) return;
        event.end();
        if (!event.shouldCommit()) return;
        event.position = position;
        commit(event, bridge);
    }

    @Override
    void lost(String bridge, long position, long messages) {
        Loss event = new Loss();
        if (!event.shouldCommit()) return;
        event.position = position;
        event.messages = messages;
        commit(event, bridge);
    }

    @Override
    void dropped(String bridge, long position) {
        Duplicate event = new Duplicate();
        if (!event.shouldCommit()) return;
        event.position = position;
        commit(event, bridge);
    }

    private static Event begun(Event event) {
        if (!event.isEnabled()) return null;
        event.begin();
        return event;
    }

    private static void commit(BridgeEvent event, String bridge) {
        event.bridge = bridge;
        event.commit();
    }
}
