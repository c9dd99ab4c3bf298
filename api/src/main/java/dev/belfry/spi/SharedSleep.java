package dev.belfry.spi;

import java.util.function.Consumer;

/**
 * A place where one thread sleeps for many subscribers, at the cost of one. Optional: without it {@link
 * dev.belfry.api.Subscribers} has a thread for each member that sleeps. {@code await} is for one thread at a time, the
 * rest for any.
 * @since 0.1
 */
public interface SharedSleep {
    /** A subscriber that can sleep so. */
    interface Sleeper extends Waitable {
        /** A new place, without members. */
        SharedSleep newSleep();
    }

    /** Answers false if it cannot sleep here: then nothing has changed. */
    boolean add(Waitable subscriber);

    /** After it the thread that sleeps here reads nothing of this one. */
    void remove(Waitable subscriber);

    /**
     * Sleeps until a member may have a message, or was closed; until {@code wake}, the deadline (nanoTime), or an
     * interrupt. {@code ready} gets each member that may have one or that cannot be read: its next call that reads
     * finds out. With {@link Deadlines#PAST} it only checks.
     */
    void await(long deadlineNanos, Consumer<? super Waitable> ready);

    /** Ends {@code await}, or the next one if none waits. */
    void wake();
}
