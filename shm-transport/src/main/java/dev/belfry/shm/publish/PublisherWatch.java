package dev.belfry.shm.publish;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks twice a second on the queues of this JVM that have publishers. It warns of a claim that is
 * held for a second, and gives up one whose thread has ended; never by time alone. It abandons a
 * handle that an error left in the middle of a publish, without the stack to end it there, so that
 * others find a dead owner. And once a second it asks whether the queue's name is still there. One
 * daemon thread, only while there are publishers, or files. It never waits for a disk.
 */
public final class PublisherWatch {
    private static final Logger LOG = LoggerFactory.getLogger(PublisherWatch.class);
    private static final long TICK_NANOS = 450_000_000;
    private static final List<Watched> WATCHED = new CopyOnWriteArrayList<>();
    private static Thread thread; // under the monitor

    private PublisherWatch() {}

    private static final class Watched extends WeakReference<Publishers> {
        private boolean hasFailed;

        Watched(Publishers publishers) {
            super(publishers);
        }
    }

    /** There is one now, or a queue of files. */
    public static synchronized void watch(Publishers publishers) {
        if (WATCHED.stream().noneMatch(watched -> watched.get() == publishers)) WATCHED.add(new Watched(publishers));
        if (thread != null) return;
        Thread watch = new Thread(PublisherWatch::run, "belfry-watch");
        watch.setDaemon(true);
        watch.start();
        thread = watch; // once it has started: where that fails the next publisher tries again
    }

    /**
     * The claim or batch that this thread has open on this queue, through any handle of this JVM;
     * or null. It must not wait for the lock that it holds itself. Asked only where the lock is not
     * free at once: so claims and batches themselves keep no list.
     */
    static OpenClaim heldByThisThread(UUID queueId) {
        for (Watched watched : WATCHED) {
            Publishers publishers = watched.get();
            OpenClaim held = publishers == null ? null : publishers.heldByThisThread(queueId);
            if (held != null) return held;
        }
        return null;
    }

    /** A claim or batch of this thread is open on this queue. */
    public static boolean hasOneOfThisThread(UUID queueId) {
        return heldByThisThread(queueId) != null;
    }

    private static void run() {
        for (boolean more = true; more; ) {
            sleep();
            try {
                more = check();
            } catch (Throwable failure) {
                // Memory, say, was short, and may not be at the next check. Without a watch a lost
                // claim is never given up.
                continue;
            }
        }
    }

    /** An interrupt, as of a thread group, is for others: it shortens nothing. */
    private static void sleep() {
        long end = System.nanoTime() + TICK_NANOS;
        for (long left = TICK_NANOS; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            Thread.interrupted();
        }
    }

    /** Each in its turn; false: none is left, and the thread ends. */
    private static boolean check() {
        for (Watched watched : WATCHED) {
            Publishers publishers = watched.get();
            try {
                if (publishers == null) WATCHED.remove(watched);
                else publishers.watch();
            } catch (Throwable failure) {
                // This queue is in trouble, or memory is short: it is checked again, and the others still are.
                boolean said = watched.hasFailed;
                watched.hasFailed = true; // before it is logged, which may fail as well
                if (!said) LOG.warn("cannot watch a publisher", failure);
            }
        }
        return forgetThoseWithoutPublishers();
    }

    /**
     * Under the lock that {@link #watch} takes after a publisher was added: one that comes meanwhile is watched again.
     */
    private static synchronized boolean forgetThoseWithoutPublishers() {
        WATCHED.removeIf(watched -> {
            Publishers publishers = watched.get();
            if (publishers != null && !publishers.areNone()) return false;
            if (publishers != null) publishers.endWatch();
            return true;
        });
        if (!WATCHED.isEmpty()) return true;
        thread = null;
        return false;
    }
}
