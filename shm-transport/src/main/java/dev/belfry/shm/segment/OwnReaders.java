package dev.belfry.shm.segment;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The subscribers of this JVM, through any handle: a publisher must not wait for space that only its
 * own thread can free. Asked only where a queue is full, so a message costs nothing.
 */
public final class OwnReaders {
    private static final List<WeakReference<Own>> ALL = new CopyOnWriteArrayList<>();

    /** A subscriber. */
    public interface Own {
        String name();

        /** Does it keep the gate of this queue where it is, until the calling thread itself leaves it? */
        boolean isHeldByCaller(UUID queueId);
    }

    private OwnReaders() {}

    /** Has this class initialized. */
    public static void load() {}

    public static void add(Own subscriber) {
        ALL.add(new WeakReference<>(subscriber));
    }

    public static void remove(Own subscriber) {
        ALL.removeIf(each -> each.refersTo(subscriber) || each.refersTo(null));
    }

    /** The reader of this queue that the caller holds; or null. */
    public static Own heldByCaller(UUID queueId) {
        for (WeakReference<Own> each : ALL) {
            Own subscriber = each.get();
            if (subscriber != null && subscriber.isHeldByCaller(queueId)) return subscriber;
        }
        return null;
    }
}
