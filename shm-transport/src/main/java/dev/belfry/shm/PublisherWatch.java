package dev.belfry.shm;

import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks twice a second at the publishers of this JVM. At their claims: it warns of one that is held for a second, and gives up one whose thread has ended or that
 * nobody can reach any more; never by time alone. And at handles that an error left in the middle of a publish, without the stack to end it there: it abandons them, so that
 * others find a dead owner. And whether the queue's name is still there. One daemon thread, only while there are publishers.
 */
final class PublisherWatch {
    private static final Logger LOG = LoggerFactory.getLogger(PublisherWatch.class);
    private static final long TICK_NANOS = 500_000_000;
    private static final List<WeakReference<ShmPublisher>> WATCHED = new CopyOnWriteArrayList<>();
    private static Thread thread;

    private PublisherWatch() {}

    static synchronized void watch(ShmPublisher publisher) {
        WATCHED.add(new WeakReference<>(publisher));
        if (thread != null) return;
        thread = new Thread(PublisherWatch::run, "belfry-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run() {
        do LockSupport.parkNanos(TICK_NANOS);
        while (look());
    }

    /** Each in its turn; false: none is left, and the thread ends. */
    private static boolean look() {
        for (Iterator<WeakReference<ShmPublisher>> all = WATCHED.iterator(); all.hasNext(); ) {
            WeakReference<ShmPublisher> reference = all.next();
            ShmPublisher publisher = reference.get();
            try {
                if (publisher == null || !publisher.watch()) WATCHED.remove(reference);
            } catch (RuntimeException | InternalError failure) { // its queue's trouble: the others are watched on
                LOG.warn("cannot watch a publisher", failure);
                WATCHED.remove(reference);
            }
        }
        synchronized (PublisherWatch.class) {
            if (!WATCHED.isEmpty()) return true;
            thread = null;
            return false;
        }
    }
}
