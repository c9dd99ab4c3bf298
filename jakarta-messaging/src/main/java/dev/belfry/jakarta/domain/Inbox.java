package dev.belfry.jakarta.domain;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

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
    /** There may be something that it was not offered; cleared with the fold lock. */
    volatile boolean behind = true;
    /** Is to be visited in the next turn, and so is the other one; null: that is the last. */
    final AtomicBoolean asked = new AtomicBoolean();

    Inbox<T> next;
    /** Asks for a visit. */
    Consumer<Inbox<T>> visits = one -> {};
    /** When its first delayed message is due, as {@link Visits} knows it. */
    long due = Long.MAX_VALUE;

    Inbox(long view, long destination, Signal signal) {
        this.view = view;
        this.destination = destination;
        this.signal = signal;
    }

    /** A thread waits for its messages, or is about to. */
    public final void hungry(boolean isHungry) {
        hungry = isHungry;
        if (isHungry && behind) visits.accept(this);
    }

    final boolean isWaitedFor() {
        return hungry;
    }

    /** Null: there is none. */
    public abstract T poll();

    /** Takes back a message that is to be delivered again; false: it is closed. */
    public abstract boolean putBack(T taken);
}
