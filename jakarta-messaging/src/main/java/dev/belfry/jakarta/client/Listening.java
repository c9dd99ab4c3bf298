package dev.belfry.jakarta.client;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.LateFault;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.overflow.CompanionException;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Loggable;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of a session: one thread hands the messages of all its consumers to their listeners, in turn [8.7]. */
final class Listening {
    private static final Logger LOG = LoggerFactory.getLogger(BelfrySession.class);
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final SessionState state;
    private final Domain domain;
    private final Incoming incoming;
    private final Settlement settlement;
    /** The inboxes of consumers that have a listener. */
    private volatile List<Inbox<Taken>> listening = List.of();

    /** Those of them that buffer the messages that were taken for them. */
    private volatile List<LocalConsumer> taking = List.of();

    Listening(SessionState state, Incoming incoming, Settlement settlement) {
        this.state = state;
        domain = state.domain;
        this.incoming = incoming;
        this.settlement = settlement;
    }

    boolean isAny() {
        return !listening.isEmpty();
    }

    void listen(BelfryConsumer consumer, MessageListener listener) throws JMSException {
        consumer.checkOpen();
        state.checkOpen();
        state.completions.lock();
        try {
            if (!state.receiving.isEmpty())
                throw new IllegalStateException(
                        "setMessageListener is called while a thread receives in this session;"
                                + " a session does one or the other. Use another session.",
                        Codes.LISTENS_OR_RECEIVES);
            consumer.listener(listener);
            noteListening();
            if (state.dispatcher == null && !listening.isEmpty()) {
                Thread thread = new Thread(this::dispatch, "belfry-session-" + THREADS.incrementAndGet());
                thread.setDaemon(true);
                state.dispatcher = thread;
                thread.start();
            }
        } finally {
            state.completions.unlock();
        }
        state.wake();
    }

    void noteListening() {
        listening = state.consumers.stream()
                .filter(c -> c.listener() != null)
                .<Inbox<Taken>>map(consumer -> consumer.local)
                .toList();
        taking = listening.stream()
                .filter(LocalConsumer.class::isInstance)
                .map(LocalConsumer.class::cast)
                .toList();
    }

    private void dispatch() {
        try {
            for (int turn = 0; !state.closed; turn++) turn(turn);
        } catch (JMSException | RuntimeException | Error e) {
            if (!state.closed) ended(e);
        }
    }

    /** An interrupt is meant for the listener, or for nobody: it would end all that comes. */
    private void turn(int turn) throws JMSException {
        Thread.interrupted();
        try {
            deliverOrWait(turn);
        } catch (InterruptedQueueException interrupted) {
            LOG.debug("A thread of listeners in '{}' was interrupted", domain.name);
        }
    }

    /** A method of its own: a loop that turns rarely is compiled late, what it calls is not. */
    private void deliverOrWait(int turn) throws JMSException {
        domain.lower(state.signal);
        if (state.isStarted()) takeUrgent();
        if (deliverOne(turn)) return;
        List<Inbox<Taken>> all = state.isStarted() ? listening : List.of();
        hungry(all, true);
        try {
            for (LocalConsumer one : taking) tellIfUnreadable(one);
            if (!state.closed) domain.await(all, state.signal, Deadlines.FOREVER);
        } finally {
            hungry(all, false);
        }
    }

    /**
     * Tells each failure once, by a thread of its own: the exception listener may close the session, which waits for
     * this.
     */
    private void tellIfUnreadable(LocalConsumer one) {
        CompanionException why = domain.unreadable(one);
        if (why == null || !one.isNews(why)) return;
        JMSException told = Jms.exception(Domain.unreadable(why));
        Thread thread = new Thread(() -> state.connection.report(told), "belfry-exception-listener");
        thread.setDaemon(true);
        thread.start();
    }

    private static void hungry(List<? extends Inbox<Taken>> all, boolean are) {
        for (Inbox<Taken> one : all) one.hungry(are);
    }

    private void ended(Throwable e) {
        state.dispatcher = null; // no close waits for it: the exception listener that it calls may close
        LOG.warn("The listeners of a session of {} get nothing any more", state.connection, e);
        if (domain.hasFailed()) return; // each thread of this member meets that, and one of them has told it
        if (isOfTheMember(e)) domain.fail((RuntimeException) e);
        else state.connection.report(told(e));
    }

    private JMSException told(Throwable e) {
        if (e instanceof JMSException jms) return jms;
        if (!(e instanceof Error) || LateFault.is(e)) return Jms.exception(e);
        return Jms.exception(new InsufficientResourcesException(
                "The listeners of a session of " + state.connection + " get nothing any more, as its thread met " + e
                        + ". Close the session, and create another one.",
                e));
    }

    static boolean isOfTheMember(Throwable e) {
        return e instanceof QueueCorruptedException
                || e instanceof IncompatibleVersionException
                || e instanceof QueueClosedException;
    }

    /**
     * While something is buffered: the next one may be of a higher priority. Beside a plain subscription always: that
     * may have a message each time, and so nobody would wait, and take what queues have.
     */
    private void takeUrgent() {
        List<LocalConsumer> all = taking;
        if (all.isEmpty() || willWait(all) || !domain.hasUrgent(all)) return;
        hungry(all, true);
        try {
            domain.turn();
        } finally {
            hungry(all, false);
        }
    }

    private boolean willWait(List<LocalConsumer> all) {
        if (all.size() < listening.size()) return false;
        for (int i = 0; i < all.size(); i++) if (!all.get(i).isEmpty()) return false;
        return true;
    }

    /** To the consumers in turn; false: there was none. */
    private boolean deliverOne(int turn) throws JMSException {
        state.delivering.lock();
        try {
            int n = state.consumers.size();
            for (int i = 0; i < n && !state.closed && state.isStarted(); i++) {
                BelfryConsumer one = state.consumers.get((turn + i & Integer.MAX_VALUE) % n);
                MessageListener listener = one.listener();
                Taken taken = listener == null ? null : incoming.poll(one);
                BelfryMessage message = taken == null ? null : incoming.decode(one, taken);
                if (message != null) hand(one, listener, taken, message);
                if (taken != null) return true;
            }
            if (!state.closed) settlement.flush();
            return false;
        } finally {
            state.delivering.unlock();
        }
    }

    private void hand(BelfryConsumer consumer, MessageListener listener, Taken taken, BelfryMessage message) {
        settlement.begin(taken);
        state.inListener = true;
        Throwable thrown = null;
        try {
            listener.onMessage(message);
        } catch (Throwable e) { // of any kind: a listener need not be written in Java
            thrown = e;
        }
        state.inListener = false;
        Thread.interrupted(); // it was meant for the listener, not for what settles its message
        if (thrown == null) {
            settlement.done(taken);
            return;
        }
        LOG.warn(
                "A listener of {} in '{}' has thrown",
                consumer.destination,
                domain.name,
                Loggable.withoutTexts(thrown));
        settlement.failed(taken);
    }

    void join() {
        Thread thread = state.dispatcher;
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
