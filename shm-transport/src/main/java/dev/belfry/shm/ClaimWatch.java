package dev.belfry.shm;

import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks twice a second at the claims that this JVM holds open: warns of one that is held for a second, gives up one whose thread has ended or that nobody can
 * reach any more. Never by time alone. One daemon thread, only while there are publishers that claim.
 */
final class ClaimWatch {
    private static final long TICK_NANOS = 500_000_000;
    private static final List<WeakReference<ShmPublisher>> WATCHED = new CopyOnWriteArrayList<>();
    private static Thread thread;

    private ClaimWatch() {}

    static synchronized void watch(ShmPublisher publisher) {
        WATCHED.add(new WeakReference<>(publisher));
        if (thread != null) return;
        thread = new Thread(ClaimWatch::run, "belfry-claims");
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
            if (publisher == null || !publisher.watchClaim()) WATCHED.remove(reference);
        }
        synchronized (ClaimWatch.class) {
            if (!WATCHED.isEmpty()) return true;
            thread = null;
            return false;
        }
    }
}
