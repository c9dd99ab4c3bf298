package dev.belfry.jakarta.client;

import java.util.concurrent.locks.ReentrantLock;

/** A close that is under way: a second one returns after the first, unless that waits for the caller. */
final class Closing {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Thread owner;

    /** False: another thread is at it, and waits for this one. */
    boolean begin() {
        return Completions.waitFor(() -> owner, this::lock);
    }

    private void lock() {
        lock.lock();
        owner = Thread.currentThread();
    }

    void end() {
        if (lock.getHoldCount() == 1) owner = null;
        lock.unlock();
    }
}
