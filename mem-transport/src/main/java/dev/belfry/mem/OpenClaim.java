package dev.belfry.mem;

import dev.belfry.api.Claim;
import java.lang.ref.WeakReference;

/** What the log knows of an open claim: not the claim, whose loss it must notice. */
final class OpenClaim {
    private final Thread thread = Thread.currentThread();
    private final long since = System.nanoTime();
    private final WeakReference<Claim> claim;
    private final MemMembers.Sender publisher;
    private boolean warned;

    OpenClaim(Claim claim, MemMembers.Sender publisher) {
        this.claim = new WeakReference<>(claim);
        this.publisher = publisher;
    }

    /** Its thread has ended, or nobody can commit it any more. */
    boolean isAbandoned() {
        return !thread.isAlive() || claim.get() == null;
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
