package dev.belfry.mem;

/** What the log knows of an open claim. */
final class OpenClaim {
    private final Thread thread = Thread.currentThread();
    private final long since = System.nanoTime();
    private final MemMembers.Sender publisher;
    private boolean warned;

    OpenClaim(MemMembers.Sender publisher) {
        this.publisher = publisher;
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
