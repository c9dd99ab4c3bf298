package dev.belfry.api;

import dev.belfry.spi.Deadlines;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * The newest value of each key of a queue, such as the last price of each symbol. A thread of its
 * own reads all messages as an observer, so no publisher waits for it. The value of a key never
 * goes back to an older one. Any thread may use it.
 *
 * <p>It begins at the oldest message that the queue retains. {@link #isComplete} says whether it
 * may have missed a key; publishers that publish each value again from time to time are the remedy.
 *
 * <p>An exception of the codec, of {@code keyOf} or of the listener stops it: {@link #state} has
 * the reason, and later calls throw it.
 */
public final class LatestValues<K, V> extends LatestFeed<LatestValues.Kept<K, V>> {
    private static final String NEXT = "These latest values stop here: correct the codec, and make others.";

    private final Map<K, Kept<K, V>> kept = new HashMap<>(); // guarded by lock
    private final Decoding<V> decoding;
    private final Function<? super V, ? extends K> keyOf;
    private K readKey; // these two: of the thread that reads
    private V readValue;
    private Listener<? super K, ? super V> listener;
    private Kept<K, V> taken; // these two: of the listener's thread
    private Value<V> takenValue;

    /**
     * The newest value of a key.
     *
     * @param position of its message; on a transport without POSITIONS how many messages had been read
     * @param timestampMillis as of {@link MessageView}
     */
    public record Value<V>(V value, long position, long timestampMillis) {}

    /** Is given the newest value of each key. */
    @FunctionalInterface
    public interface Listener<K, V> {
        void onLatest(K key, Value<? extends V> value) throws Exception;
    }

    static final class Kept<K, V> extends LatestFeed.Entry<Kept<K, V>> {
        final K key;
        Value<V> value; // only if it has one

        Kept(K key) {
            this.key = key;
        }
    }

    private LatestValues(MessageQueue queue, Codec<V> codec, Function<? super V, ? extends K> keyOf, int maxKeys) {
        super(queue, maxKeys);
        decoding = new Decoding<>(queue.uri().toString(), codec, NEXT);
        this.keyOf = keyOf;
    }

    /** The latest values of at most 65,536 keys. */
    public static <K, V> LatestValues<K, V> of(
            MessageQueue queue, Codec<V> codec, Function<? super V, ? extends K> keyOf) {
        return of(queue, codec, keyOf, MAX_KEYS);
    }

    /**
     * The messages that the queue retains are read before this returns. {@code keyOf}: null for a
     * message that is to be passed over. Messages of further keys than {@code maxKeys} are passed
     * over, too, and {@link #overLimit} counts them.
     */
    public static <K, V> LatestValues<K, V> of(
            MessageQueue queue, Codec<V> codec, Function<? super V, ? extends K> keyOf, int maxKeys) {
        Objects.requireNonNull(queue, "queue");
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(keyOf, "keyOf");
        LatestValues<K, V> values = new LatestValues<>(queue, codec, keyOf, maxKeys);
        values.begin();
        return values;
    }

    /** Null: none is known. */
    public Value<V> get(K key) {
        Objects.requireNonNull(key, "key");
        synchronized (lock) {
            refuseIfEnded();
            Kept<K, V> entry = kept.get(key);
            return entry == null || !entry.hasValue() ? null : entry.value;
        }
    }

    /** A copy of all, as of one position. */
    public Map<K, Value<V>> snapshot() {
        synchronized (lock) {
            refuseIfEnded();
            Map<K, Value<V>> all = new HashMap<>();
            for (Kept<K, V> each : kept.values()) if (each.hasValue()) all.put(each.key, each.value);
            return all;
        }
    }

    /**
     * Waits until the key's newest value has a position beyond {@code after}; 0 = any value. Null
     * if the time passed first, or if this was closed meanwhile.
     */
    public Value<V> await(K key, long after, Duration timeout) {
        Objects.requireNonNull(key, "key");
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        Kept<K, V> entry;
        synchronized (lock) {
            refuseIfEnded();
            entry = begins(kept.computeIfAbsent(key, Kept::new));
        }
        return awaited(entry, after, deadline, each -> each.value);
    }

    /** So that another key has its place; the next message of this one brings it back. False: there is none. */
    public boolean forget(K key) {
        Objects.requireNonNull(key, "key");
        synchronized (lock) {
            return forget(kept.get(key));
        }
    }

    /**
     * May be called once. A daemon thread gives it all that is known, then each key that changes, in the order of the
     * changes. One that is slow gets a key's newest value and {@link #skipped} counts those before it: it never falls
     * behind, and never gets an older value after a newer one.
     */
    public void setListener(Listener<? super K, ? super V> listener) {
        synchronized (lock) {
            listen(listener);
            this.listener = listener;
        }
    }

    @Override
    boolean keyOf(MessageView view) {
        readValue = decoding.decode(view.copy());
        readKey = keyOf.apply(readValue);
        return readKey != null;
    }

    @Override
    Kept<K, V> found() {
        return kept.get(readKey);
    }

    @Override
    Kept<K, V> added() {
        Kept<K, V> entry = new Kept<>(readKey);
        kept.put(readKey, entry);
        return entry;
    }

    @Override
    void store(Kept<K, V> entry, MessageView view, long position) {
        entry.value = new Value<>(readValue, position, view.timestampMillis());
    }

    @Override
    void remove(Kept<K, V> entry) {
        kept.remove(entry.key, entry);
    }

    @Override
    Iterable<Kept<K, V>> entries() {
        return kept.values();
    }

    @Override
    void take(Kept<K, V> entry) {
        taken = entry;
        takenValue = entry.value;
    }

    @Override
    void tell() throws Exception {
        listener.onLatest(taken.key, takenValue);
    }
}
