package dev.belfry.shm;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Which thread of this JVM has an open claim on a queue, whichever handle it used: such a thread must not wait for the lock that it holds itself. One per queue
 * and JVM, counted by handles. Only asked when the lock is not free at once.
 */
final class Claimants {
    private static final Map<UUID, Claimants> ALL = new HashMap<>();

    private final UUID queueId;
    private int handles;
    private Thread
            claiming; // written by who holds the publish lock; another thread at most misses itself, which it is not

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
        claiming = thread;
    }

    void end() {
        claiming = null;
    }

    boolean isCurrentThread() {
        return claiming == Thread.currentThread();
    }
}
