package dev.belfry.shm;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks twice a second at the publishers of this JVM. At their claims: it warns of one that is held for a second, and gives up one whose thread has ended;
 * never by time alone. And at handles that an error left in the middle of a publish, without the stack to end it there: it abandons them, so that
 * others find a dead owner. And whether the queue's name is still there. One daemon thread, only while there are publishers.
 */
final class PublisherWatch {
    private static final Logger LOG = LoggerFactory.getLogger(PublisherWatch.class);
    private static final long TICK_NANOS = 500_000_000;
    private static final List<Watched> WATCHED = new CopyOnWriteArrayList<>();
    private static Thread thread;

    private PublisherWatch() {}

    private static final class Watched extends WeakReference<ShmPublisher> {
        private boolean hasFailed;

        Watched(ShmPublisher publisher) {
            super(publisher);
        }
    }

    static synchronized void watch(ShmPublisher publisher) {
        WATCHED.add(new Watched(publisher));
        if (thread != null) return;
        Thread watch = new Thread(PublisherWatch::run, "belfry-watch");
        watch.setDaemon(true);
        watch.start();
        thread = watch; // once it has started: where that fails the next publisher tries again
    }

    /** Closed, and no claim of it is open; or its handle has left. */
    static void forget(ShmPublisher publisher) {
        WATCHED.removeIf(watched -> watched.get() == publisher);
    }

    /**
     * Has this thread an open claim on this queue, through whichever handle of this JVM? It must not wait for the lock that it holds itself. Asked only where the lock is not
     * free at once: so a claim itself keeps no list.
     */
    static boolean isClaimHeldByThisThread(UUID queueId) {
        for (Watched watched : WATCHED) {
            ShmPublisher publisher = watched.get();
            if (publisher != null && publisher.isClaimHeldByThisThread(queueId)) return true;
        }
        return false;
    }

    private static void run() {
        for (boolean more = true; more; ) {
            LockSupport.parkNanos(TICK_NANOS);
            try {
                more = look();
            } catch (Throwable failure) {
                // Of memory, say, which there may be at the next look. Without a watch a lost claim is never given up.
                continue;
            }
        }
    }

    /** Each in its turn; false: none is left, and the thread ends. */
    private static boolean look() {
        for (Watched watched : WATCHED) {
            ShmPublisher publisher = watched.get();
            try {
                if (publisher == null) WATCHED.remove(watched);
                else publisher.watch();
            } catch (Throwable failure) {
                // Its queue's trouble, or of memory: it is looked at again, and the others are watched on.
                boolean said = watched.hasFailed;
                watched.hasFailed = true; // before it is said, which may fail as well
                if (!said) LOG.warn("cannot watch a publisher", failure);
            }
        }
        synchronized (PublisherWatch.class) {
            if (!WATCHED.isEmpty()) return true;
            thread = null;
            return false;
        }
    }
}
