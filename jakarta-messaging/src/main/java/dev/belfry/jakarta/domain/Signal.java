package dev.belfry.jakarta.domain;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.LogReader;
import java.util.concurrent.locks.LockSupport;

/** The signal of one session: "check again". At most one thread waits for it. Raised by any. */
public final class Signal {
    private volatile boolean raised;
    private volatile Thread waiting;
    private volatile LogReader reader;

    void raise() {
        raised = true;
        unpark();
        LogReader asleep = reader;
        if (asleep != null) asleep.wake();
    }

    void unpark() {
        LockSupport.unpark(waiting);
    }

    void lower() {
        raised = false;
    }

    boolean isRaised() {
        return raised;
    }

    /** The caller can be unparked from now on. */
    void begin() {
        waiting = Thread.currentThread();
    }

    /** The caller sleeps in this reader. */
    void begin(LogReader asleep) {
        reader = asleep;
    }

    void park(long deadline, String domain) {
        if (raised) return;
        LockSupport.parkNanos(this, Deadlines.remaining(deadline));
        if (Thread.currentThread().isInterrupted()) throw Errors.interrupted("a message of '" + domain + "'");
    }

    void end() {
        waiting = null;
        reader = null;
    }
}
