package dev.belfry.api;

import dev.belfry.spi.Errors;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads many subscribers in one daemon thread, and gives their messages to one listener: {@link Subscribers} without a
 * loop of your own. Its methods are for any thread.
 *
 * <p>A member at whose message the listener throws is taken out, and so is one that fails; {@code onError} gets both.
 * The message comes first to the next reader: {@code add} the member again, and the listener gets it once more.
 * @since 0.1
 */
public final class SubscriberLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriberLoop.class);
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static final long CLOSE_MILLIS = 5_000;

    /** So that a busy member keeps no other waiting for long. */
    private static final int MESSAGES_OF_A_TURN = 100;

    private final Subscribers all;
    private final Subscribers.Handler listener;
    private final BiConsumer<? super Subscriber, ? super Throwable> onError;
    private final List<Subscriber> members; // guarded by this: those that were not told of
    private final Thread thread = new Thread(this::run, "belfry-loop");
    private boolean closed; // guarded by this
    private Subscriber hearing; // the thread's own: its message is with the listener

    private SubscriberLoop(
            Subscribers all, Subscribers.Handler listener, BiConsumer<? super Subscriber, ? super Throwable> onError) {
        this.all = all;
        this.listener = listener;
        this.onError = onError;
        this.members = all.members();
    }

    /**
     * At least one member, which their owner closes. {@code onError}: gets the member and what was thrown; null: it is
     * logged.
     */
    public static SubscriberLoop of(
            Subscribers.Handler listener,
            @Nullable BiConsumer<? super Subscriber, ? super Throwable> onError,
            Subscriber... members) {
        Objects.requireNonNull(listener, "listener");
        SubscriberLoop loop = new SubscriberLoop(Subscribers.of(members), listener, onError);
        loop.thread.setDaemon(true);
        loop.thread.start();
        return loop;
    }

    /** Does the same as {@link Subscribers#add}. */
    public synchronized void add(Subscriber subscriber) {
        all.add(subscriber);
        members.add(subscriber);
        notifyAll();
    }

    /** As {@link Subscribers#remove}: if the listener has a message of it, this waits for its return. */
    public boolean remove(Subscriber subscriber) {
        synchronized (this) {
            members.remove(subscriber); // first: the thread may find the set empty before remove returns
        }
        return all.remove(subscriber);
    }

    /** Lists the members of this moment: the list is a copy. */
    public List<Subscriber> members() {
        return all.members();
    }

    private void run() {
        while (awaitMembers())
            try {
                all.poll(this::hear, MESSAGES_OF_A_TURN, FOR_EVER);
            } catch (InterruptedQueueException byTheListener) {
                Thread.interrupted(); // else the next poll would not wait
                if (hearing != null) settle(byTheListener);
            } catch (Throwable failure) {
                settle(failure);
            }
    }

    /** Answers false once it was closed. */
    private synchronized boolean awaitMembers() {
        while (!closed && all.members().isEmpty())
            try {
                wait();
            } catch (InterruptedException byTheListener) {
                // it goes on
            }
        return !closed;
    }

    private void hear(Subscriber from, MessageView message) {
        hearing = from; // and stays so if it throws
        listener.onMessage(from, message);
        hearing = null;
    }

    private void settle(Throwable failure) {
        Subscriber from = hearing;
        hearing = null;
        if (from != null) all.remove(from);
        List<Subscriber> leavers = leavers(from);
        if (leavers.isEmpty() && failure instanceof InternalError)
            LOG.error("{} goes on: what its thread met is of none of its members", this, failure);
        for (Subscriber each : leavers)
            if (each == from || !(each.state() instanceof SubscriberState.Closed)) tell(each, failure);
    }

    private synchronized List<Subscriber> leavers(Subscriber from) {
        if (closed) return from == null ? List.of() : List.of(from); // the others have not failed
        List<Subscriber> gone = new ArrayList<>(members);
        gone.removeAll(all.members());
        members.removeAll(gone);
        if (from != null && !gone.contains(from)) gone.add(from); // it is being removed
        return gone;
    }

    private void tell(Subscriber member, Throwable failure) {
        try {
            if (onError != null) {
                onError.accept(member, failure);
                return;
            }
        } catch (Throwable late) {
            Errors.suppress(failure, late);
        }
        LOG.error("{} is taken out of its loop", member, failure);
    }

    /**
     * Waits at most five seconds for the message that is with the listener, unless it calls this; no
     * other follows. The members stay open.
     */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        all.close(false);
        if (Thread.currentThread() == thread) return;
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "Loop over " + all;
    }
}
