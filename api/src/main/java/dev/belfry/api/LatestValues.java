package dev.belfry.api;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.NewerMessages;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * @since 0.1
 */
public final class LatestValues<K, V> implements AutoCloseable {
    private static final String NEXT = "These latest values stop here: correct the codec, and make others.";

    /** How many keys there may be, if nothing else was asked for. */
    private static final int MAX_KEYS = 65_536;

    private static final Logger LOG = LoggerFactory.getLogger(LatestValues.class);
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static final Duration A_WHILE = Duration.ofSeconds(1);
    private static final long CLOSE_MILLIS = TimeUnit.SECONDS.toMillis(5);
    private static final int AT_ONCE = 256;

    /**
     * The newest value of a key. Components may be added.
     *
     * @param position of its message; on a transport without POSITIONS how many messages had been read
     * @param timestampMillis as of {@link MessageView}
     */
    public record Value<V>(V value, long position, long timestampMillis) {}

    /** Is given the newest value of each key. */
    @FunctionalInterface
    public interface Listener<K, V> {
        /** Called for each key that has a newer value; values in between may be left out. */
        void onLatest(K key, Value<? extends V> value) throws Exception;
    }

    /** Guarded by the lock. */
    private static final class Kept<K, V> {
        final K key;
        Value<V> value; // null: a thread waits for its first
        List<Thread> waiting; // null: nobody waits
        boolean isDue;
        Kept<K, V> nextDue;

        Kept(K key) {
            this.key = key;
        }

        boolean hasValue() {
            return value != null;
        }

        long position() {
            return value == null ? 0 : value.position;
        }
    }

    private final Object lock = new Object(); // a monitor makes no garbage; nobody waits in it
    private final MessageHandler reading = this::read;
    private final NewerMessages newerMessages = new NewerMessages();
    private final String queue;
    private final int maxKeys;
    private final Subscriber subscriber;
    private final boolean hasPositions;

    private final Decoding<V> decoding;
    private final Function<? super V, ? extends K> keyOf;
    private Kept<K, V> taken; // these two: of the listener's thread
    private Value<V> takenValue;

    // guarded by lock
    private final Map<K, Kept<K, V>> kept = new HashMap<>();
    private Listener<? super K, ? super V> listener;
    private long thereBefore; // the newest position when this began
    private int keys;
    private long position;
    private long since;
    private long lost;
    private long skipped;
    private long overLimit;
    private Kept<K, V> firstDue;
    private Kept<K, V> lastDue;
    private Thread listening; // null: no listener
    private SubscriberState state = new SubscriberState.Running();

    private LatestValues(MessageQueue from, Codec<V> codec, Function<? super V, ? extends K> keyOf, int maxKeys) {
        if (maxKeys < 1) throw new IllegalArgumentException("maxKeys must be >= 1, was " + maxKeys);
        this.maxKeys = maxKeys;
        this.keyOf = keyOf;
        queue = from.uri().toString();
        hasPositions = from.capabilities().contains(Capability.POSITIONS);
        decoding = new Decoding<>(queue, codec, NEXT);
        subscriber = from.createSubscriber(options(from));
        position = hasPositions ? subscriber.position() : 0;
        since = position + 1;
        lost = subscriber.lostCount();
    }

    private static SubscriberOptions options(MessageQueue from) {
        boolean overruns = from.capabilities().contains(Capability.OVERRUN);
        boolean keeps = from.capabilities().contains(Capability.HISTORY);
        return SubscriberOptions.builder()
                .startAt(keeps ? StartAt.OLDEST_RETAINED : StartAt.NOW)
                .ackMode(AckMode.NONE)
                .slowSubscriber(overruns ? SlowSubscriber.OVERRUN : SlowSubscriber.GATE_PUBLISHER)
                .build();
    }

    /** The latest values of at most 65,536 keys. */
    public static <K, V> LatestValues<K, V> of(
            MessageQueue queue, Codec<V> codec, Function<? super V, ? extends @Nullable K> keyOf) {
        return of(queue, codec, keyOf, MAX_KEYS);
    }

    /**
     * The messages that the queue retains are read before this returns. {@code keyOf}: null for a
     * message that is to be passed over. Messages of further keys than {@code maxKeys} are passed
     * over, too, and {@link #overLimit} counts them.
     */
    public static <K, V> LatestValues<K, V> of(
            MessageQueue queue, Codec<V> codec, Function<? super V, ? extends @Nullable K> keyOf, int maxKeys) {
        Objects.requireNonNull(queue, "queue");
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(keyOf, "keyOf");
        LatestValues<K, V> values = new LatestValues<>(queue, codec, keyOf, maxKeys);
        values.begin();
        return values;
    }

    /** Answers null if no value of this key is known. */
    public @Nullable Value<V> get(K key) {
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
    public @Nullable Value<V> await(K key, long after, Duration timeout) {
        Objects.requireNonNull(key, "key");
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        Kept<K, V> entry;
        synchronized (lock) {
            refuseIfEnded();
            entry = begins(kept.computeIfAbsent(key, Kept::new));
        }
        return awaited(entry, after, deadline);
    }

    /** So that another key has its place; the next message of this one brings it back. False: there is none. */
    public boolean forget(K key) {
        Objects.requireNonNull(key, "key");
        synchronized (lock) {
            return forget(kept.get(key));
        }
    }

    // The thread that reads

    /** Called once, by the factory: what is there already is read before it returns. */
    private void begin() {
        try {
            thereBefore = position + Math.max(0, subscriber.lag());
            while (position < thereBefore && readMore(A_WHILE) > 0) {
                // what was published since then is left to the thread
            }
        } catch (Throwable e) {
            subscriber.close();
            throw e;
        }
        start(this::readAll, "belfry-latest-" + queue);
    }

    private static Thread start(Runnable body, String name) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void readAll() {
        try {
            while (readMore(FOR_EVER) > 0 || subscriber.state() instanceof SubscriberState.Running) {
                // once more
            }
            ends(new SubscriberState.Closed());
        } catch (Throwable failure) {
            if (!(subscriber.state() instanceof SubscriberState.Running)) ends(new SubscriberState.Closed());
            else stops(failure);
        }
    }

    private int readMore(Duration timeout) {
        try {
            return subscriber.poll(reading, AT_ONCE, timeout);
        } catch (IncompatibleVersionException newer) {
            newerMessages.passOver(this, subscriber, newer);
            synchronized (lock) {
                position = newer.position(); // it counts as missed; begin waits for no message after it
                since = position + 1;
                lost = subscriber.lostCount();
            }
            return 1;
        }
    }

    private void read(MessageView view) {
        V value = decoding.decode(view.copy());
        K key = keyOf.apply(value);
        synchronized (lock) {
            advance(view.position());
            if (key == null) return;
            Kept<K, V> entry = kept.get(key);
            boolean isNew = entry == null || !entry.hasValue();
            if (isNew && keys == maxKeys) {
                passOver();
                return;
            }
            if (entry == null) kept.put(key, entry = new Kept<>(key));
            entry.value = new Value<>(value, position, view.timestampMillis());
            if (isNew) keys++;
            wake(entry);
            if (listening != null) due(entry);
        }
    }

    private void advance(long at) {
        if (hasPositions && at != position + 1 && subscriber.lostCount() != lost) {
            lost = subscriber.lostCount();
            since = at;
        }
        position = hasPositions ? at : position + 1;
    }

    private void passOver() {
        if (overLimit++ == 0)
            LOG.warn(
                    "{} have {} keys, which is maxKeys: messages of other keys are passed over. Raise maxKeys, or forget"
                            + " keys that are done with.",
                    this,
                    Units.number(maxKeys));
    }

    // The listener

    /** Called with the lock. */
    private void due(Kept<K, V> entry) {
        if (entry.isDue) {
            skipped++;
            return;
        }
        entry.isDue = true;
        if (lastDue == null) firstDue = entry;
        else lastDue.nextDue = entry;
        lastDue = entry;
        LockSupport.unpark(listening);
    }

    /**
     * May be called once. A daemon thread gives it all that is known, then each key that changes, in the order of the
     * changes. One that is slow gets a key's newest value and {@link #skipped} counts those before it: it never falls
     * behind, and never gets an older value after a newer one.
     */
    public void setListener(Listener<? super K, ? super V> listener) {
        Objects.requireNonNull(listener, "listener");
        synchronized (lock) {
            refuseIfEnded();
            if (listening != null) throw new IllegalStateException(this + " have a listener already: set one only");
            this.listener = listener;
            listening = start(this::tellAll, "belfry-latest-listener-" + queue);
            for (Kept<K, V> entry : kept.values()) if (entry.hasValue()) due(entry);
        }
    }

    private void tellAll() {
        try {
            while (takeNext()) listener.onLatest(taken.key, takenValue);
        } catch (Throwable failure) {
            stops(failure);
        }
    }

    /** Answers false once the subscriber has ended. */
    private boolean takeNext() {
        while (true) {
            synchronized (lock) {
                if (!isRunning()) return false;
                if (firstDue != null) {
                    Kept<K, V> entry = firstDue;
                    firstDue = entry.nextDue;
                    if (firstDue == null) lastDue = null;
                    entry.nextDue = null;
                    entry.isDue = false;
                    if (!entry.hasValue()) continue; // it was forgotten
                    taken = entry;
                    takenValue = entry.value;
                    return true;
                }
            }
            LockSupport.park(this);
            Thread.interrupted(); // nobody means to end it so, and park would not sleep again
        }
    }

    // Those that wait

    private static void wake(Kept<?, ?> entry) {
        if (entry.waiting != null) entry.waiting.forEach(LockSupport::unpark);
    }

    /** Called with the lock: this thread waits for the entry until awaited returns. */
    private Kept<K, V> begins(Kept<K, V> entry) {
        if (entry.waiting == null) entry.waiting = new ArrayList<>();
        entry.waiting.add(Thread.currentThread());
        return entry;
    }

    /** Called without the lock. Null: the time has passed, or it was closed. */
    private Value<V> awaited(Kept<K, V> entry, long after, long deadline) {
        try {
            while (true) {
                long left;
                synchronized (lock) {
                    if (entry.position() > Math.max(0, after)) return entry.value;
                    if (state instanceof SubscriberState.Stopped) refuseIfEnded();
                    left = Deadlines.remaining(deadline);
                    if (left == 0 || !isRunning()) return null;
                }
                if (Thread.currentThread().isInterrupted())
                    throw Errors.interrupted("the value of a key of '" + queue + "'");
                LockSupport.parkNanos(this, left);
            }
        } finally {
            synchronized (lock) {
                Thread me = Thread.currentThread();
                entry.waiting.removeIf(each -> each == me);
                if (entry.waiting.isEmpty()) entry.waiting = null;
                if (entry.waiting == null && !entry.hasValue()) kept.remove(entry.key, entry);
            }
        }
    }

    /** Called with the lock; null: there is none. */
    private boolean forget(Kept<K, V> entry) {
        refuseIfEnded();
        if (entry == null || !entry.hasValue()) return false;
        keys--;
        entry.value = null;
        if (entry.waiting == null) kept.remove(entry.key, entry);
        return true;
    }

    // How it is

    private boolean isRunning() {
        return state instanceof SubscriberState.Running;
    }

    /** Called with the lock. */
    private void refuseIfEnded() {
        if (state instanceof SubscriberState.Closed) throw Errors.closed(toString());
        if (state instanceof SubscriberState.Stopped stopped)
            throw new QueueClosedException(
                    this + " have stopped at message " + Units.number(stopped.position()) + ": " + stopped.reason()
                            + ". Mend that, and make others.",
                    stopped.reason());
    }

    private long figure(LongSupplier figure) {
        synchronized (lock) {
            return figure.getAsLong();
        }
    }

    /** How many keys have a value. */
    public int size() {
        return (int) figure(() -> keys);
    }

    /** All up to here was read; without POSITIONS, how many messages. */
    public long position() {
        return figure(() -> position);
    }

    /** All from here on to {@link #position} was read: one more than the last message that was missed. */
    public long since() {
        return figure(() -> since);
    }

    /**
     * Whether each key is known, and its value the newest up to {@link #position}. Only if every
     * message since the queue's first was read: what was overwritten before this began may have
     * been the only message of a key, which a late joiner cannot know. False for ever once a
     * message was lost, or passed over for {@code maxKeys}. A key that was forgotten does not count.
     */
    public boolean isComplete() {
        return figure(() -> hasPositions && since == 1 && position >= thereBefore && overLimit == 0 ? 1 : 0) == 1;
    }

    /** How many messages were overwritten before they were read, or can only be read by a newer library. */
    public long lost() {
        return subscriber.lostCount();
    }

    /** How many values the listener was not given, because a newer one of their key came first. */
    public long skipped() {
        return figure(() -> skipped);
    }

    /** How many messages were passed over, as there were {@code maxKeys} other keys. */
    public long overLimit() {
        return figure(() -> overLimit);
    }

    /** Any thread may call it, also after close. */
    public SubscriberState state() {
        synchronized (lock) {
            return state;
        }
    }

    private void stops(Throwable failure) {
        ends(new SubscriberState.Stopped(failure, position() + 1));
        subscriber.close();
        LOG.error("{} are stopped", this, failure); // last: its text may be a program's code
    }

    private void ends(SubscriberState end) {
        synchronized (lock) {
            if (!isRunning()) return;
            state = end;
            LockSupport.unpark(listening);
            for (Kept<K, V> entry : kept.values()) wake(entry);
        }
    }

    /** Wakes those that wait, and gives a listener 5 s to end. Any thread may call it. */
    @Override
    public void close() {
        ends(new SubscriberState.Closed());
        subscriber.close();
        Thread telling;
        synchronized (lock) {
            telling = listening;
        }
        if (telling == null || telling == Thread.currentThread()) return;
        try {
            telling.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "Latest values of '" + queue + "'";
    }
}
