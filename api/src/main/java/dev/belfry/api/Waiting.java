package dev.belfry.api;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A publisher that waits, or whose last wait timed out while the cause is still there. If several
 * publishers of one open queue wait, this is the one that has waited longest. Users only read it.
 * Components may be added.
 *
 * @param pid of the process that waits, for display
 * @param process its program: a Java program's main class or jar, such as {@code Orders}; or null if it
 *     cannot be seen, for example in another namespace
 * @param kind of what it waits for
 * @param since by the wall clock: if the clock is set, it is wrong. If waits time out one after the
 *     other, without a message published in between: since the first
 * @param cause or null if none is found
 * @since 0.1
 */
public record Waiting(
        long pid,
        @Nullable String process,
        Kind kind,
        Instant since,
        @Nullable Cause cause) {
    /** The thing that is waited for. Constants may be added: a switch needs a default, for something else. */
    public enum Kind {
        /** Room in a full queue. */
        ROOM,
        /** A lock of the queue, held by another publisher or by a claim. */
        LOCK
    }

    /**
     * For room: the subscription that needs the oldest message. For a lock: the process that holds it.
     * Components may be added.
     *
     * @param subscription its name; or null for an anonymous one, and for a lock
     * @param number of the subscription, which tells anonymous ones apart; -1 for a lock
     * @param pid 0 if no process is attached
     * @param process or null if it cannot be seen
     * @param stopped by a signal or a debugger, as far as this can be seen
     */
    public record Cause(
            @Nullable String subscription,
            int number,
            long pid,
            @Nullable String process,
            boolean stopped) {}

    public Waiting {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(since, "since");
    }
}
