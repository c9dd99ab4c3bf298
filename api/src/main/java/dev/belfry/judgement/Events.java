package dev.belfry.judgement;

import java.util.List;
import java.util.UUID;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * Tells the JDK's flight recorder the verdicts on one queue that begin or end to be STUCK. Without a recording, it does
 * not even know the event class. One thread at a time.
 */
public final class Events {
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

    private boolean recorded; // that it is stuck

    /**
     * Loads the class if the recorder is in use, before the first verdict, which may come where there is no memory: one
     * whose initializer fails then fails for ever.
     */
    public Events() {
        try {
            if (FlightRecorder.isInitialized()) new Health().shouldCommit();
        } catch (Throwable lost) {
            // nothing is recorded then
        }
    }

    /** {@code queue}: null: it could not be read. */
    public void tell(UUID queue, boolean isStuck, String status, List<String> reasons) {
        if (isStuck != recorded) recorded = changed(queue, status, String.join("; ", reasons)) && isStuck;
    }

    /** False: nothing records it. Throws nothing, at the end of the memory either. */
    private static boolean changed(UUID queue, String status, String reasons) {
        try {
            Health event = FlightRecorder.isInitialized() ? new Health() : null;
            if (event == null || !event.shouldCommit()) return false;
            event.queue = queue == null ? null : queue.toString();
            event.status = status;
            event.reasons = reasons;
            event.commit();
            return true;
        } catch (Throwable lost) {
            return false;
        }
    }
}
