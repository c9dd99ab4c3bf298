package dev.belfry.api;

import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Without a recording, the recorder does not even know the event class. */
final class JfrEvents extends Events {
    @Name("dev.belfry.Health")
    @Label("Queue Is Stuck, Or Not Any More")
    @Description("A verdict of QueueHealth that begins or ends to be STUCK")
    @Category("Belfry")
    @StackTrace(false)
    static final class Health extends Event {
        @Label("Queue")
        @Description("Its id, as belfry info prints it; none if it could not be read")
        String queue;

        @Label("Status")
        String status;

        @Label("Reasons")
        String reasons;
    }

    /**
     * Where the recorder is in use, the class is ready then: one whose initializer fails, at the end of
     * the memory, say, fails for ever.
     */
    JfrEvents() {
        if (FlightRecorder.isInitialized()) new Health().shouldCommit();
    }

    @Override
    boolean record(UUID queue, String status, String reasons) {
        if (!FlightRecorder.isInitialized()) return false;
        Health event = new Health();
        if (!event.shouldCommit()) return false;
        event.queue = queue == null ? null : queue.toString();
        event.status = status;
        event.reasons = reasons;
        event.commit();
        return true;
    }
}
