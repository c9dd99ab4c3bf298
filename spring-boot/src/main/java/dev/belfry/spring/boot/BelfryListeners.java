package dev.belfry.spring.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bean: the methods with {@link BelfryListener}, which it stops and starts by their {@code id}. Any
 * thread may use it.
 * @since 0.1
 */
public interface BelfryListeners {
    /**
     * The state of one of them. Constants may be added: a switch needs a default, which means that it gets no messages.
     */
    enum State {
        /** The method gets the messages. */
        RUNNING,
        /** It was stopped, or not started yet. */
        STOPPED,
        /** It has thrown too often; {@code start} tries that message again. */
        FAILED
    }

    /**
     * One of them. Components may be added.
     *
     * @param id null: it has none, and goes on as long as the application
     * @param method as in a log
     * @param queue its name below {@code belfry.queues}
     * @param subscription its name; null: it has none
     * @param state whether it gets messages
     * @param reason why it does not; null: it does
     * @param holdsUp whom it holds up meanwhile, or why that is not known; null: it gets messages
     */
    record Listener(
            @Nullable String id,
            String method,
            String queue,
            @Nullable String subscription,
            State state,
            @Nullable String reason,
            @Nullable String holdsUp) {}

    /** In the order in which their beans were made. */
    List<Listener> all();

    /**
     * Does nothing for one that runs.
     *
     * @throws IllegalArgumentException if there is none of this id
     * @throws IllegalStateException if the application does not run, or the thread from before it was stopped has not
     *     ended: it is in its method, or waits for a disk
     */
    Listener start(String id);

    /**
     * Waits for a message that is in its method, for a few seconds. If its thread has not ended by then, the reason
     * names the last message. The next start of the application starts it again.
     *
     * @throws IllegalArgumentException if there is none of this id
     */
    Listener stop(String id);
}
