package dev.belfry.bridge;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.InUseException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.bridge.BridgeStats.State;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries all messages of one queue into another, in order, until it is closed or its {@link Extent} ends:
 *
 * <pre>{@code
 * try (Bridge bridge = new Bridge("shm:orders", "shm:copy")) {
 *     bridge.run(); // in this thread, until another one closes it
 * }
 * }</pre>
 *
 * <p><b>Promise.</b> Each message of the source gets into the target at least once, and in the source's order, wherever
 * this process is killed. Exactly once for those that drop duplicates: {@link Bridges#dropDuplicates}, and a bridge
 * that reads from the target. Duplicates have two causes. A request to another machine may arrive after the bridge that
 * sent it died or gave it up, and after the target's end was read again. Or a bridge died before it acknowledged (at
 * most 256 messages, or what a transport has under way at a time), and the target has overwritten all that the bridge
 * sent before the next one begins. Then it sends those again, with a warning, and a reader that was itself restarted
 * meanwhile gets them twice.
 *
 * <p><b>Means.</b> It reads by a named subscription, acknowledges what the target has confirmed, and marks each message
 * with the id of the source and its position there (the package describes the properties). When it begins, and after
 * each failure, it reads the target back to the newest message with the source's id, and goes on after that one. Others
 * may publish into the target, too; but two bridges of different names from one source to it bring each message twice.
 * A message that came from the target, over however many bridges, is not sent back.
 *
 * <p>Body and properties pass unchanged. The target's timestamp is not the message's own, which is a property: {@link
 * Bridges#timestampMillis}. A message that the target cannot take ends the bridge, with MessageTooLargeException,
 * unless its {@link BridgeOptions} say otherwise.
 * @since 0.1
 */
public final class Bridge implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS);
    private static final long CLOSE_MILLIS = 4_500;
    private static final long LAST_MILLIS = 500;
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Supplier<MessageQueue> from;
    private final Supplier<MessageQueue> to;
    private final BridgeOptions options;
    private final Progress progress = new Progress();
    private final Replay replay;
    private final Events events = new Events();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Deque<MessageQueue> opened = new ConcurrentLinkedDeque<>(); // the target first
    private Duplicates known; // of the session before
    private String logged; // why it tried again last; null once a session began
    private long loggedNanos; // as a warning

    /**
     * With the name {@code bridge-to-SCHEME-TARGET}, to {@code kafka:} with the cluster's id at its end. That of one
     * that ends by itself begins with {@code replay}.
     */
    public Bridge(String from, String to) {
        this(BridgeOptions.defaults(), opener(from, "from"), opener(to, "to"));
    }

    public static Bridge of(String from, String to, BridgeOptions options) {
        return new Bridge(options, opener(from, "from"), opener(to, "to"));
    }

    /** Opens the queues in one's own way, again after each failure; closes them. */
    public static Bridge of(Supplier<MessageQueue> from, Supplier<MessageQueue> to, BridgeOptions options) {
        return new Bridge(options, from, to);
    }

    private Bridge(BridgeOptions options, Supplier<MessageQueue> from, Supplier<MessageQueue> to) {
        this.from = Objects.requireNonNull(from, "from");
        this.to = Objects.requireNonNull(to, "to");
        this.options = Objects.requireNonNull(options, "options");
        replay = new Replay(options.extent(), progress.counted);
    }

    private static Supplier<MessageQueue> opener(String uri, String parameter) {
        Objects.requireNonNull(uri, parameter);
        return () -> MessageQueues.open(uri);
    }

    /**
     * Runs once. Returns when it is closed or its extent has ended, after what was sent is confirmed and acknowledged.
     * For that a close waits at most 4 s, and warns of what is left: the next bridge finds it in the target. Lost
     * connections, a name in use and want of memory do not end it: it tries again, at first after 100 ms, at last each
     * 10 s. Else it throws.
     */
    @Override
    public void run() {
        if (!begun.compareAndSet(false, true))
            throw new IllegalStateException("A bridge runs once: create another one");
        try {
            long pause = FIRST_PAUSE_MILLIS;
            while (!progress.isClosing()) {
                long before = progress.forwarded.get();
                long began = System.nanoTime();
                MessageQueueException reason = forward();
                if (reason == null || progress.isClosing()) break;
                boolean lasted = logged == null && System.nanoTime() - began > LONG_NANOS;
                if (lasted || progress.forwarded.get() > before) pause = FIRST_PAUSE_MILLIS;
                backOff(reason, pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
            progress.enter(State.ENDED, null);
        } catch (QueueClosedException failure) {
            progress.enter(State.ENDED, failure.getMessage());
            if (!progress.isClosing()) throw failure;
        } catch (Throwable failure) {
            progress.enter(State.ENDED, failure.getMessage());
            throw failure;
        } finally {
            ended.countDown();
        }
    }

    /** Answers null if it was closed or is over; or why it may be tried again. */
    private MessageQueueException forward() {
        progress.enter(State.CONNECTING);
        try (Session open = open()) {
            known = open.duplicates;
            logged = null;
            open.forward();
            return null;
        } catch (Stopped closed) {
            return null;
        } catch (ConnectionLostException | InUseException | InsufficientResourcesException | QueueFullException again) {
            return again;
        } finally {
            progress.disk = null;
            opened.clear();
        }
    }

    private Session open() {
        MessageQueue source = from.get();
        opened.addFirst(source);
        try {
            Stopped.ifClosing(progress.isClosing());
            return open(source, target());
        } catch (Throwable failure) {
            source.close();
            throw failure;
        }
    }

    /** Once it was there it is waited for: it may not be created by us, and others will. */
    private MessageQueue target() {
        try {
            return to.get();
        } catch (QueueNotFoundException removed) {
            if (known == null) throw removed;
            throw new ConnectionLostException(removed.getMessage(), removed);
        }
    }

    private Session open(MessageQueue source, MessageQueue target) {
        opened.addFirst(target);
        try {
            Stopped.ifClosing(progress.isClosing());
            Events.BridgeEvent span = events.begun(Events.Kind.CONNECT);
            Ends ends = Ends.of(source, target, options);
            Session session = new Session(ends, options, known, progress, replay, events);
            events.ended(span, ends.bridge(), session.goesOnAfter(), null);
            return session;
        } catch (Throwable failure) {
            target.close();
            throw failure;
        }
    }

    private void backOff(MessageQueueException reason, long millis) {
        String text = reason.getMessage();
        boolean isNews = !text.equals(logged) || System.nanoTime() - loggedNanos > AGAIN_NANOS;
        if (isNews) loggedNanos = System.nanoTime();
        if (!isNews) LOG.debug("{}: {} Trying again in {} ms.", this, text, millis);
        else LOG.warn("{}: {} Trying again, in {} ms now.", this, text, millis);
        logged = text;
        progress.enter(State.WAITING_TO_RETRY, text);
        progress.retries.add(1);
        Events.BridgeEvent span = events.begun(Events.Kind.BACK_OFF);
        try {
            progress.pause(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedQueueException("Interrupted while waiting to try again: " + text, e);
        } finally {
            events.ended(span, toString(), 0, text);
        }
    }

    /** Any thread, also after the end. */
    public BridgeStats stats() {
        return progress.snapshot();
    }

    /**
     * Any thread: ends {@link #run}, and waits for that, but at most 5 s: a disk that hangs, or a queue that is being
     * opened, may take longer, and {@code run} ends after it. Idempotent.
     */
    @Override
    public void close() {
        progress.close();
        if (!begun.get() || endedWithin(CLOSE_MILLIS)) return;
        Thread closing = new Thread(() -> opened.forEach(MessageQueue::close), "bridge-end"); // may hang, too
        closing.setDaemon(true);
        closing.start();
        endedWithin(LAST_MILLIS);
    }

    private boolean endedWithin(long millis) {
        try {
            return ended.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true; // nobody waits any longer
        }
    }

    @Override
    public String toString() {
        return options.name() == null ? "Bridge" : "Bridge '" + options.name() + "'";
    }
}
