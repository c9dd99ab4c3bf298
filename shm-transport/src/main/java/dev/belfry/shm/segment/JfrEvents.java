package dev.belfry.shm.segment;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * {@code dev.belfry.Park} and so on. Without a recording, the recorder does not even know the event
 * classes.
 */
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

    @Override
    public Object parking() {
        return begun(new Park());
    }

    @Override
    public void parked(Object span, String queue, int slot) {
        if (!(span instanceof Park event)) return;
        event.end();
        if (!event.shouldCommit()) return;
        event.slot = slot;
        commit(event, queue);
    }

    @Override
    public Object waitingForRoom() {
        return begun(new FullWait());
    }

    @Override
    public void waitedForRoom(Object span, String queue, long bytes, String blocker) {
        if (!(span instanceof FullWait event)) return;
        event.end();
        if (!event.shouldCommit()) return;
        event.bytes = bytes;
        event.blocker = blocker;
        commit(event, queue);
    }

    @Override
    public Object waitingForLock() {
        return begun(new LockWait());
    }

    @Override
    public void waitedForLock(Object span, String queue, int holder) {
        if (!(span instanceof LockWait event)) return;
        event.end();
        if (!event.shouldCommit()) return;
        event.holder = holder;
        commit(event, queue);
    }

    @Override
    public void grew(String queue, long capacity) {
        Grow event = new Grow();
        if (!event.shouldCommit()) return;
        event.capacity = capacity;
        commit(event, queue);
    }

    @Override
    public void repaired(String queue, long recovered) {
        Repair event = new Repair();
        if (!event.shouldCommit()) return;
        event.recovered = recovered;
        commit(event, queue);
    }

    @Override
    public void evicted(String queue, String subscriber) {
        Evict event = new Evict();
        if (!event.shouldCommit()) return;
        event.subscriber = subscriber;
        commit(event, queue);
    }

    @Override
    public void overran(String queue, int slot, long lost) {
        Overrun event = new Overrun();
        if (!event.shouldCommit()) return;
        event.slot = slot;
        event.lost = lost;
        commit(event, queue);
    }

    private static Event begun(Event event) {
        if (!event.isEnabled()) return null;
        event.begin();
        return event;
    }

    private static void commit(QueueEvent event, String queue) {
        event.queue = queue;
        event.commit();
    }
}
