package dev.belfry.mem;

import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;

/** The log's entry of an open claim, or of an open batch. */
final class OpenClaim {
    final Thread thread = Thread.currentThread();
    private final long since = System.nanoTime();
    private final MemMembers.Sender publisher;
    private final boolean batch;
    private boolean warned;
    private boolean over; // of its own thread

    OpenClaim(MemMembers.Sender publisher, boolean batch) {
        this.publisher = publisher;
        this.batch = batch;
    }

    /** For messages. */
    String kind() {
        return batch ? "batch" : "claim";
    }

    /** Its thread wants to publish or claim. */
    IllegalStateException nested(String queue) {
        return batch ? Errors.nestedBatch(queue) : Errors.nestedClaim(queue);
    }

    /** Its thread has ended: nothing can commit it any more. */
    boolean isAbandoned() {
        return !thread.isAlive();
    }

    boolean isMine() {
        return thread == Thread.currentThread();
    }

    /** It was committed or given up. Called by its own thread. */
    void end() {
        over = true;
    }

    /** @throws IllegalStateException unless the thread that has begun it asks, before its end */
    void requireOpen(QueueUri queue) {
        if (!isMine())
            throw new IllegalStateException("This " + kind() + " on '" + queue + "' belongs to thread '"
                    + Units.name(thread) + "': only that may use it");
        if (over) throw isOver(queue);
    }

    IllegalStateException isOver(QueueUri queue) {
        return new IllegalStateException("This " + kind() + " on '" + queue + "' was committed or given up before");
    }

    boolean isOf(MemMembers.Sender publisher) {
        return this.publisher == publisher;
    }

    long nanos() {
        return System.nanoTime() - since;
    }

    /** True the first time. */
    boolean warnOnce() {
        boolean first = !warned;
        warned = true;
        return first;
    }
}
