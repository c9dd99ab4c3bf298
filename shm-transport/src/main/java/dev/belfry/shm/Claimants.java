package dev.belfry.shm;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Which thread of this JVM has an open claim on a queue, whichever handle it used: such a thread must not wait for the lock that it holds itself. One per queue
 * and JVM, counted by handles. Only asked when the lock is not free at once.
 */
final class Claimants {
    private static final Map<UUID, Claimants> ALL = new HashMap<>();

    private final UUID queueId;
    private int handles;
    // Written by who holds the publish lock. The thread before the flag, and read behind it: so a thread never finds
    // itself where it is not.
    private Thread claimant;
    private final AtomicBoolean claiming = new AtomicBoolean();

    private Claimants(UUID queueId) {
        this.queueId = queueId;
    }

    static Claimants of(UUID queueId) {
        synchronized (ALL) {
            Claimants claimants = ALL.computeIfAbsent(queueId, Claimants::new);
            claimants.handles++;
            return claimants;
        }
    }

    void release() {
        synchronized (ALL) {
            if (--handles == 0) ALL.remove(queueId);
        }
    }

    void begin(Thread thread) {
        if (claimant != thread) claimant = thread;
        claiming.lazySet(true);
    }

    void end() {
        claiming.lazySet(false);
    }

    boolean isCurrentThread() {
        return claiming.get() && claimant == Thread.currentThread();
    }
}
