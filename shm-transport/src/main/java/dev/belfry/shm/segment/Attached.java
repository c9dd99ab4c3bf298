package dev.belfry.shm.segment;

import dev.belfry.api.MessageQueueException;
import dev.belfry.spi.Errors;
import java.net.URI;
import java.util.function.Supplier;

/**
 * An open queue, as its publishers, subscribers and readers need it. All of them have it: only when none can be reached
 * any more was the queue never closed.
 */
public final class Attached {
    public final URI uri;
    public final String name; // for logs and threads
    public final Handle handle;
    public final Subscriptions subscriptions;
    public final Joining joining;
    private final Supplier<? extends MessageQueueException> end;
    private volatile boolean closed;

    /** {@code end}: for a reader that has read all; null: it waits for more. */
    public Attached(URI uri, String name, Handle handle, Supplier<? extends MessageQueueException> end) {
        this.uri = uri;
        this.name = name;
        this.handle = handle;
        this.end = end;
        this.subscriptions = new Subscriptions(handle);
        this.joining = new Joining(handle, subscriptions);
    }

    /** Its close has begun. */
    public boolean isClosed() {
        return closed;
    }

    public void closes() {
        closed = true;
    }

    public void requireOpen() {
        handle.check();
        if (closed) throw Errors.closed("Queue '" + uri + "'");
    }

    /** By a reader that has found nothing more. */
    public void refuseMore() {
        if (end != null && !closed) throw end.get();
    }

    /** Does it while the queue is open, and says what a failure is to its user. */
    public <T> T translating(Supplier<T> step) {
        requireOpen();
        try {
            return step.get();
        } catch (RuntimeException | InternalError failure) {
            throw handle.translate(failure);
        } finally {
            handle.abandonIfALockIsLost();
            handle.tell();
        }
    }
}
