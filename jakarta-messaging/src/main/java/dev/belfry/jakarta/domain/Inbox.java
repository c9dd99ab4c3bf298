package dev.belfry.jakarta.domain;

/**
 * The messages that a consumer of this JVM is to get, in the order of delivery: of a queue, or of a subscription.
 *
 * @param <T> its messages
 */
public abstract class Inbox<T> {
    final long view; // the queue, or the subscription
    final long destination; // the queue, or the topic
    final Signal signal;
    private volatile boolean hungry;

    Inbox(long view, long destination, Signal signal) {
        this.view = view;
        this.destination = destination;
        this.signal = signal;
    }

    /** A thread waits for its messages, or is about to. */
    public final void hungry(boolean isHungry) {
        hungry = isHungry;
    }

    final boolean isWaitedFor() {
        return hungry;
    }

    /** Null: there is none. */
    public abstract T poll();

    /** Takes back a message that is to be delivered again; false: it is closed. */
    public abstract boolean putBack(T taken);
}
