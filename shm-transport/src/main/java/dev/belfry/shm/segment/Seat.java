package dev.belfry.shm.segment;

import dev.belfry.shm.posix.NamedSemaphore;

/** The slot that a subscriber is about to get: what {@link Subscriptions#vacate} gives back if it does not. */
public final class Seat {
    int slot = -1;
    long incarnation;
    NamedSemaphore semaphore; // null: none yet

    /** First, before anything in the slot is changed. */
    void occupy(int slot, long incarnation) {
        this.semaphore = null; // that of a try before this one is discarded
        this.incarnation = incarnation;
        this.slot = slot;
    }
}
