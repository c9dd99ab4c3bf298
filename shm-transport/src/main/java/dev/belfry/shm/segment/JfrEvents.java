package dev.belfry.shm.segment;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** {@code dev.belfry.Park} and so on. Without a recording, the recorder does not even know the event classes. */
final class JfrEvents extends Events {
    @Category("Belfry")
    @StackTrace(false)
    abstract static class QueueEvent extends Event {
        @Label("Queue")
        String queue;
    }

    @Name("dev.belfry.Park")
    @Label("Subscriber Sleeps")
    @Description("A subscriber found no message and slept until one came, or its time was over")
    static final class Park extends QueueEvent {
        @Label("Slot")
        int slot;
    }

    @Name("dev.belfry.FullWait")
    @Label("Publisher Waits For Room")
    @StackTrace
    static final class FullWait extends QueueEvent {
        @Label("Needed")
        @DataAmount
        long bytes;

        @Label("Held Up By")
        String blocker;
    }

    @Name("dev.belfry.LockWait")
    @Label("Publisher Waits For A Lock")
    @Description("Another publisher, or a claim, has it for longer than a publish takes")
    @StackTrace
    @Threshold("20 ms")
    static final class LockWait extends QueueEvent {
        @Label("Held By")
        @Description("The process, 0 if it is not known")
        int holder;
    }

    @Name("dev.belfry.Grow")
    @Label("Queue Grows")
    static final class Grow extends QueueEvent {
        @Label("New Capacity")
        @DataAmount
        long capacity;
    }

    @Name("dev.belfry.Repair")
    @Label("Repair After A Publisher's Death")
    static final class Repair extends QueueEvent {
        @Label("Recovered Messages")
        long recovered;
    }

    @Name("dev.belfry.Evict")
    @Label("Subscriber Disconnected")
    @Description("It held up publishers, and its policy or maxGateTime ends it")
    static final class Evict extends QueueEvent {
        @Label("Subscriber")
        String subscriber;
    }

    @Name("dev.belfry.Overrun")
    @Label("Subscriber Overrun")
    static final class Overrun extends QueueEvent {
        @Label("Slot")
        int slot;

        @Label("Lost Messages")
        long lost;
    }

    /**
     * Where the recorder is in use, all classes are ready then: one whose initializer fails, at the end of the memory,
     * say, fails for ever. Elsewhere none is loaded: the first one takes the JDK a quarter of a second.
     */
    JfrEvents() {
        if (!FlightRecorder.isInitialized()) return;
        for (Kind kind : Kind.values()) of(kind).shouldCommit();
    }

    private static QueueEvent of(Kind kind) {
        return switch (kind) {
            case PARK -> new Park();
            case FULL_WAIT -> new FullWait();
            case LOCK_WAIT -> new LockWait();
            case GROW -> new Grow();
            case REPAIR -> new Repair();
            case EVICT -> new Evict();
            case OVERRUN -> new Overrun();
        };
    }

    @Override
    Object begin(Kind kind) {
        if (!FlightRecorder.isInitialized()) return null;
        QueueEvent event = of(kind);
        if (!event.isEnabled()) return null;
        event.begin();
        return event;
    }

    @Override
    void end(Object span, String queue, long number, String text) {
        QueueEvent event = (QueueEvent) span;
        event.end();
        commit(event, queue, number, 0, text);
    }

    @Override
    void tell(Kind kind, String queue, long number, long second, String text) {
        if (FlightRecorder.isInitialized()) commit(of(kind), queue, number, second, text);
    }

    private static void commit(QueueEvent event, String queue, long number, long second, String text) {
        if (!event.shouldCommit()) return;
        event.queue = queue;
        fill(event, number, second, text);
        event.commit();
    }

    private static void fill(QueueEvent event, long number, long second, String text) {
        if (event instanceof Park park) park.slot = (int) number;
        if (event instanceof FullWait wait) wait.bytes = number;
        if (event instanceof FullWait wait) wait.blocker = text;
        if (event instanceof LockWait wait) wait.holder = (int) number;
        if (event instanceof Grow grow) grow.capacity = number;
        if (event instanceof Repair repair) repair.recovered = number;
        if (event instanceof Evict evict) evict.subscriber = text;
        if (event instanceof Overrun overrun) overrun.slot = (int) number;
        if (event instanceof Overrun overrun) overrun.lost = second;
    }
}
