package dev.belfry.api;

import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The common part of {@link LatestValues} and {@link LatestBodies}: the thread that reads, the keys
 * that are due, and the threads that wait.
 */
abstract class LatestFeed<E extends LatestFeed.Entry<E>> implements AutoCloseable {
    /** How many keys there may be, if nothing else was asked for. */
    static final int MAX_KEYS = 65_536;

    private static final Logger LOG = LoggerFactory.getLogger(LatestFeed.class);
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static final Duration A_WHILE = Duration.ofSeconds(1);
    private static final long CLOSE_MILLIS = TimeUnit.SECONDS.toMillis(5);
    private static final int AT_ONCE = 256;

    /** The newest of a key. Guarded by the lock. */
    abstract static class Entry<E extends Entry<E>> {
        long position; // 0: a thread waits for its first
        List<Thread> waiting; // null: nobody waits
        boolean isDue;
        E nextDue;

        final boolean hasValue() {
            return position != 0;
        }
    }

    final Object lock = new Object(); // a monitor makes no garbage; nobody waits in it
    private final MessageHandler reading = this::read;
    private final String queue;
    private final int maxKeys;
    private final Subscriber subscriber;
    private final boolean hasPositions;

    // guarded by lock
    private long thereBefore; // the newest position when this began
    private int keys;
    private long position;
    private long since;
    private long lost;
    private long skipped;
    private long overLimit;
    private E firstDue;
    private E lastDue;
    private Thread listening; // null: no listener
    private SubscriberState state = new SubscriberState.Running();

    LatestFeed(MessageQueue from, int maxKeys) {
        if (maxKeys < 1) throw new IllegalArgumentException("maxKeys must be >= 1, was " + maxKeys);
        this.maxKeys = maxKeys;
        queue = from.uri().toString();
        hasPositions = from.capabilities().contains(Capability.POSITIONS);
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

    // The entries, which a subclass keeps. All but keyOf and tell are called with the lock

    /** Reads the message's key; false: it has none. The thread that reads. */
    abstract boolean keyOf(MessageView view);

    /** The entry of the key that keyOf read last, or null. */
    abstract E found();

    /** A new one for it. */
    abstract E added();

    /** Keeps what keyOf read last. */
    abstract void store(E entry, MessageView view, long position);

    abstract void remove(E entry);

    abstract Iterable<E> entries();

    /** Copies what the listener is to be given. */
    abstract void take(E entry);

    /** Gives it. */
    abstract void tell() throws Exception;

    // The thread that reads

    /** Called once, by the subclass's factory: what is there already is read before it returns. */
    final void begin() {
        try {
            thereBefore = position + Math.max(0, subscriber.lag());
            while (position < thereBefore && subscriber.poll(reading, AT_ONCE, A_WHILE) > 0) {
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
            while (subscriber.poll(reading, AT_ONCE, FOR_EVER) > 0
                    || subscriber.state() instanceof SubscriberState.Running) {
                // once more
            }
            ends(new SubscriberState.Closed());
        } catch (Throwable failure) {
            if (!(subscriber.state() instanceof SubscriberState.Running)) ends(new SubscriberState.Closed());
            else stops(failure);
        }
    }

    private void read(MessageView view) {
        boolean hasKey = keyOf(view);
        synchronized (lock) {
            advance(view.position());
            if (!hasKey) return;
            E entry = found();
            boolean isNew = entry == null || entry.position == 0;
            if (isNew && keys == maxKeys) {
                passOver();
                return;
            }
            if (entry == null) entry = added();
            store(entry, view, position);
            if (isNew) keys++;
            entry.position = position;
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
    private void due(E entry) {
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

    final void listen(Object listener) {
        Objects.requireNonNull(listener, "listener");
        synchronized (lock) {
            refuseIfEnded();
            if (listening != null) throw new IllegalStateException(this + " have a listener already: set one only");
            listening = start(this::tellAll, "belfry-latest-listener-" + queue);
            for (E entry : entries()) if (entry.position != 0) due(entry);
        }
    }

    private void tellAll() {
        try {
            while (takeNext()) tell();
        } catch (Throwable failure) {
            stops(failure);
        }
    }

    /** False: it has ended. */
    private boolean takeNext() {
        while (true) {
            synchronized (lock) {
                if (!isRunning()) return false;
                if (firstDue != null) {
                    E entry = firstDue;
                    firstDue = entry.nextDue;
                    if (firstDue == null) lastDue = null;
                    entry.nextDue = null;
                    entry.isDue = false;
                    if (entry.position == 0) continue; // it was forgotten
                    take(entry);
                    return true;
                }
            }
            LockSupport.park(this);
            Thread.interrupted(); // nobody means to end it so, and park would not sleep again
        }
    }

    // Those that wait

    private static void wake(Entry<?> entry) {
        if (entry.waiting != null) entry.waiting.forEach(LockSupport::unpark);
    }

    /** Called with the lock: this thread waits for the entry until awaited returns. */
    final E begins(E entry) {
        if (entry.waiting == null) entry.waiting = new ArrayList<>();
        entry.waiting.add(Thread.currentThread());
        return entry;
    }

    /** Called without the lock. Null: the time has passed, or it was closed. */
    final <T> T awaited(E entry, long after, long deadline, Function<E, T> result) {
        try {
            while (true) {
                long left;
                synchronized (lock) {
                    if (entry.position > Math.max(0, after)) return result.apply(entry);
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
                if (entry.waiting == null && entry.position == 0) remove(entry);
            }
        }
    }

    /** Called with the lock; null: there is none. */
    final boolean forget(E entry) {
        refuseIfEnded();
        if (entry == null || entry.position == 0) return false;
        keys--;
        entry.position = 0;
        if (entry.waiting == null) remove(entry);
        return true;
    }

    // How it is

    private boolean isRunning() {
        return state instanceof SubscriberState.Running;
    }

    /** Called with the lock. */
    final void refuseIfEnded() {
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
    public final int size() {
        return (int) figure(() -> keys);
    }

    /** All up to here was read; without POSITIONS, how many messages. */
    public final long position() {
        return figure(() -> position);
    }

    /** All from here on to {@link #position} was read: one more than the last message that was missed. */
    public final long since() {
        return figure(() -> since);
    }

    /**
     * Whether each key is known, and its value the newest up to {@link #position}. Only if every
     * message since the queue's first was read: what was overwritten before this began may have
     * been the only message of a key, which a late joiner cannot know. False for ever once a
     * message was lost, or passed over for {@code maxKeys}. A key that was forgotten does not count.
     */
    public final boolean isComplete() {
        return figure(() -> hasPositions && since == 1 && position >= thereBefore && overLimit == 0 ? 1 : 0) == 1;
    }

    /** How many messages were overwritten before they were read. */
    public final long lost() {
        return subscriber.lostCount();
    }

    /** How many values the listener was not given, because a newer one of their key came first. */
    public final long skipped() {
        return figure(() -> skipped);
    }

    /** How many messages were passed over, as there were {@code maxKeys} other keys. */
    public final long overLimit() {
        return figure(() -> overLimit);
    }

    /** Any thread may call it, also after close. */
    public final SubscriberState state() {
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
            for (E entry : entries()) wake(entry);
        }
    }

    /** Wakes those that wait, and gives a listener 5 s to end. Any thread may call it. */
    @Override
    public final void close() {
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
    public final String toString() {
        return "Latest values of '" + queue + "'";
    }
}
