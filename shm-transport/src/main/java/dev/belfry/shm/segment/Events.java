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

/**
 * Rare events, for the JDK's flight recorder: {@code dev.belfry.Park} and so on. Without a recording, it does not even
 * know the event classes. A span is null if nothing records it.
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
    Events() {
        try {
            Kind[] all = Kind.values();
            if (FlightRecorder.isInitialized()) for (Kind kind : all) of(kind).shouldCommit();
        } catch (Throwable lost) {
            return;
        }
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

    Object begin(Kind kind) {
        if (!FlightRecorder.isInitialized()) return null;
        QueueEvent event = of(kind);
        if (!event.isEnabled()) return null;
        event.begin();
        return event;
    }

    void end(Object span, String queue, long number, String text) {
        QueueEvent event = (QueueEvent) span;
        event.end();
        commit(event, queue, number, 0, text);
    }

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
