package dev.belfry.mem;

import dev.belfry.spi.Errors;

/** What the log knows of an open claim, or of an open batch. */
final class OpenClaim {
    private final Thread thread = Thread.currentThread();
    private final long since = System.nanoTime();
    private final MemMembers.Sender publisher;
    private final boolean batch;
    private boolean warned;

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

    boolean isOf(MemMembers.Sender publisher) {
        return this.publisher == publisher;
    }

    Thread thread() {
        return thread;
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
