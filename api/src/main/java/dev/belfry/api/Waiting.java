package dev.belfry.api;

import java.time.Instant;
import java.util.Objects;

/**
 * A publisher that waits, and because of whom. One that shares its open queue with others that wait
 * stands for them: it is the one that waits longest.
 *
 * @param pid of the process that waits, for display
 * @param process its program, such as {@code java}; null if it cannot be seen, as in another
 * namespace
 * @param what it waits for
 * @param since by the wall clock, for display: a clock that is set makes it wrong
 * @param because null if nobody is to be found
 */
public record Waiting(long pid, String process, What what, Instant since, Because because) {
    /** What is waited for. */
    public enum What {
        /** Room in a full queue. */
        ROOM,
        /** A lock of the queue that another publisher, or a claim, has. */
        LOCK
    }

    /**
     * For room the subscription that needs the oldest message; for a lock the process that has it.
     *
     * @param subscription its name; null for an anonymous one, and for a lock
     * @param slot of the subscription, as in its counter {@code slot}; -1 for a lock
     * @param pid 0 if nobody is attached
     * @param process null if it cannot be seen
     * @param stopped by a signal or a debugger, as far as it can be seen
     */
    public record Because(String subscription, int slot, long pid, String process, boolean stopped) {}

    public Waiting {
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(since, "since");
    }
}
