package dev.belfry.jakarta.domain;

/**
 * What a consumer of this JVM is to get, in the order of delivery: of a queue, or of a subscription.
 *
 * @param <T> its messages
 */
public abstract class Inbox<T> {
    /** The queue, or the subscription. */
    abstract long view();

    /** The queue, or the topic. */
    abstract long destination();

    abstract Signal signal();

    /** A thread waits for its messages, or is about to. */
    public abstract void hungry(boolean isHungry);

    /** Null: there is none. */
    public abstract T poll();

    /** What was delivered and is to be delivered again; false: it is closed. */
    public abstract boolean putBack(T taken);
}
