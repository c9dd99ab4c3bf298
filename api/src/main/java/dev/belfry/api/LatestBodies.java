package dev.belfry.api;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.ReadableArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * {@link LatestValues} without garbage: keys are numbers, values are bytes that their reader decodes. It makes an
 * object when a key is new, and an array when a body has another length than the one before it.
 */
public final class LatestBodies extends LatestFeed<LatestBodies.Kept> {
    /** The key of a message that is to be passed over. */
    public static final long NO_KEY = Long.MIN_VALUE;

    private static final int FIRST_PLACES = 64;

    private final ToLongFunction<? super MessageView> keyOf;
    private Kept taken; // of the listener's thread
    private long readKey; // of the thread that reads
    private Listener listener;

    // A hash table by open addressing; guarded by lock
    private Kept[] places = new Kept[FIRST_PLACES];
    private int used;

    /** Is given the newest body of each key. */
    @FunctionalInterface
    public interface Listener {
        /** {@code body}: valid until this returns, then used again. */
        void onLatest(long key, Body body) throws Exception;
    }

    /** A copy of a message's body. It belongs to one thread, which reads into it again and again. */
    public static final class Body extends ReadableArray {
        private byte[] bytes = {};
        private long position;
        private long timestampMillis;

        public Body() {}

        /** As of {@link LatestValues.Value}; 0: nothing was read into it. */
        public long position() {
            return position;
        }

        /** As of {@link MessageView}. */
        public long timestampMillis() {
            return timestampMillis;
        }

        @Override
        protected byte[] array() {
            return bytes;
        }

        private void set(ReadableBody body, long at, long millis) {
            if (bytes.length != body.length()) bytes = new byte[body.length()];
            body.copyTo(0, bytes, 0, bytes.length);
            position = at;
            timestampMillis = millis;
        }

        private Body set(Body other) {
            set(other, other.position, other.timestampMillis);
            return this;
        }
    }

    static final class Kept extends LatestFeed.Entry<Kept> {
        final long key;
        final Body body = new Body();
        final Body told = new Body(); // the listener's

        Kept(long key) {
            this.key = key;
        }
    }

    private LatestBodies(MessageQueue queue, ToLongFunction<? super MessageView> keyOf, int maxKeys) {
        super(queue, maxKeys);
        this.keyOf = keyOf;
    }

    /** The latest bodies of at most 65,536 keys. */
    public static LatestBodies of(MessageQueue queue, ToLongFunction<? super MessageView> keyOf) {
        return of(queue, keyOf, MAX_KEYS);
    }

    /** As {@link LatestValues#of}. {@code keyOf}: {@link #NO_KEY} for a message that is to be passed over. */
    public static LatestBodies of(MessageQueue queue, ToLongFunction<? super MessageView> keyOf, int maxKeys) {
        Objects.requireNonNull(queue, "queue");
        Objects.requireNonNull(keyOf, "keyOf");
        LatestBodies bodies = new LatestBodies(queue, keyOf, maxKeys);
        bodies.begin();
        return bodies;
    }

    /** Copies the key's newest body; false: none is known, and the target is as before. */
    public boolean get(long key, Body target) {
        Objects.requireNonNull(target, "target");
        synchronized (lock) {
            refuseIfEnded();
            Kept entry = find(key);
            if (entry == null || !entry.hasValue()) return false;
            target.set(entry.body);
            return true;
        }
    }

    /** The keys that have a value, in no order. */
    public long[] keys() {
        synchronized (lock) {
            refuseIfEnded();
            return entries().stream()
                    .filter(Kept::hasValue)
                    .mapToLong(each -> each.key)
                    .toArray();
        }
    }

    /** As {@link LatestValues#await}; false: the time passed first, or this was closed meanwhile. */
    public boolean await(long key, long after, Body target, Duration timeout) {
        Objects.requireNonNull(target, "target");
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        Kept entry;
        synchronized (lock) {
            refuseIfEnded();
            entry = find(key);
            if (entry == null) entry = add(key);
            begins(entry);
        }
        return awaited(entry, after, deadline, each -> target.set(each.body)) != null;
    }

    /** As {@link LatestValues#forget}. */
    public boolean forget(long key) {
        synchronized (lock) {
            return forget(find(key));
        }
    }

    /** As {@link LatestValues#setListener}. */
    public void setListener(Listener listener) {
        synchronized (lock) {
            listen(listener);
            this.listener = listener;
        }
    }

    @Override
    boolean keyOf(MessageView view) {
        readKey = keyOf.applyAsLong(view);
        return readKey != NO_KEY;
    }

    @Override
    Kept found() {
        return find(readKey);
    }

    @Override
    Kept added() {
        return add(readKey);
    }

    @Override
    void store(Kept entry, MessageView view, long position) {
        entry.body.set(view, position, view.timestampMillis());
    }

    @Override
    void take(Kept entry) {
        taken = entry;
        entry.told.set(entry.body);
    }

    @Override
    void tell() throws Exception {
        listener.onLatest(taken.key, taken.told);
    }

    // The table

    private int place(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & places.length - 1;
    }

    private int next(int place) {
        return place + 1 & places.length - 1;
    }

    private Kept find(long key) {
        for (int p = place(key); places[p] != null; p = next(p)) if (places[p].key == key) return places[p];
        return null;
    }

    private Kept add(long key) {
        if (2 * ++used > places.length) {
            List<Kept> all = entries();
            places = new Kept[2 * places.length];
            all.forEach(this::put);
        }
        Kept entry = new Kept(key);
        put(entry);
        return entry;
    }

    private void put(Kept entry) {
        int p = place(entry.key);
        while (places[p] != null) p = next(p);
        places[p] = entry;
    }

    /** Those after it, up to a free place, are put again: one of them may be there only because this was. */
    @Override
    void remove(Kept entry) {
        int p = place(entry.key);
        while (places[p] != entry) p = next(p);
        places[p] = null;
        used--;
        for (p = next(p); places[p] != null; p = next(p)) {
            Kept moved = places[p];
            places[p] = null;
            put(moved);
        }
    }

    @Override
    List<Kept> entries() {
        List<Kept> all = new ArrayList<>(used);
        for (Kept each : places) if (each != null) all.add(each);
        return all;
    }
}
