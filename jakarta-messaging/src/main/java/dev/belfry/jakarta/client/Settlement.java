package dev.belfry.jakarta.client;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles the messages that a session has delivered, and sends those that it has not committed: acknowledging [6.2.10],
 * recovering, transactions [6.2.7]. With the session's lock, but for sends.
 */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(BelfrySession.class);
    private static final int DUPS_OK_BYTES = 64 << 10;
    /** The first delay of a dead letter, in milliseconds: each delay is twice the one before. */
    private static final long FIRST_DELAY = 100;

    private static final long MOST_DELAY = 60_000;

    private final SessionState state;
    private final Settings settings;
    private final Domain domain;
    private final int mode;
    private final Completions completions;
    private final long deadLetters;
    /** Delivered and not acknowledged; of DUPS_OK, what is to be acknowledged some time. */
    final List<Taken> delivered = new ArrayList<>();

    private int deliveredBytes;

    /** So many of these, the first ones, are with the program: the call that hands over the last may still run. */
    private int handed;

    /** The message of a listener that runs, as long as it is to be acknowledged when that returns. */
    private Taken inHand;

    /**
     * Those of the transaction. Any thread: a callback sends while a listener waits for it, with the session's lock,
     * and others may send during a commit: then theirs belong to the next transaction.
     */
    private final List<Sent> sends = Collections.synchronizedList(new ArrayList<>());

    Settlement(SessionState state) {
        this.state = state;
        settings = state.settings;
        domain = state.domain;
        mode = state.mode;
        completions = state.completions;
        deadLetters = Domain.queueId(settings.deadLetterQueue());
    }

    // ---- sending

    /** At once, or with the commit. */
    void send(Sent sent) throws JMSException {
        if (mode != Session.SESSION_TRANSACTED) Jms.act(() -> domain.send(sent, state.timeout));
        else sends.add(sent.kept()); // the producer writes its next message over these bytes
    }

    // ---- one message

    void settleLater(Taken taken) {
        delivered.add(taken);
        deliveredBytes += taken.bytes().length;
    }

    /** The messages delivered so far are with the program: a call of receive begins, or a listener has returned. */
    void handed() {
        handed = delivered.size();
        if (mode != Session.DUPS_OK_ACKNOWLEDGE) return;
        if (handed >= settings.dupsOkBatch() || deliveredBytes >= DUPS_OK_BYTES) flush();
    }

    /**
     * With DUPS_OK: acknowledges the messages kept back. Not the one that receive is about to
     * return: a process that dies would lose it. If it is refused, they stay kept back.
     */
    void flush() {
        flush(state.timeout);
    }

    /** Without waiting for room. */
    void flushNow() {
        handed = delivered.size();
        flush(Limit.AT_ONCE);
    }

    private void flush(Limit timeout) {
        if (mode != Session.DUPS_OK_ACKNOWLEDGE || handed == 0) return;
        List<Taken> first = delivered.subList(0, handed);
        try {
            domain.commit(List.copyOf(first), List.of(), timeout);
        } catch (NoRoomException | InterruptedQueueException refused) {
            return;
        }
        for (Taken one : first) deliveredBytes -= one.bytes().length;
        first.clear();
        handed = 0;
    }

    /** All that is delivered: the caller owns it from now on. */
    private List<Taken> takeDelivered() {
        List<Taken> all = List.copyOf(delivered);
        delivered.clear();
        deliveredBytes = 0;
        handed = 0;
        return all;
    }

    void flushIfFree() {
        if (!state.delivering.tryLock()) return;
        try {
            if (!state.closed) flush(Limit.AT_ONCE);
        } finally {
            state.delivering.unlock();
        }
    }

    /** Before its listener is called. */
    void begin(Taken taken) {
        boolean atOnce = mode == Session.AUTO_ACKNOWLEDGE || mode == Session.DUPS_OK_ACKNOWLEDGE;
        if (atOnce) inHand = taken;
        else settleLater(taken);
    }

    /** Its listener has thrown. */
    void failed(Taken taken) {
        if (inHand != null) redeliver(List.of(taken));
        inHand = null;
    }

    /** Its listener has returned. */
    void done(Taken taken) {
        boolean done = inHand != null;
        inHand = null;
        if (!done) return;
        if (mode == Session.AUTO_ACKNOWLEDGE) acknowledge(taken);
        else {
            settleLater(taken);
            handed();
        }
    }

    /** It has been handled, whatever becomes of that word; so a close waits for that, too. */
    private void acknowledge(Taken taken) {
        try {
            domain.acknowledge(taken, Limit.of(settings.sendTimeout()));
        } catch (NoRoomException | InterruptedQueueException refused) {
            LOG.warn("An acknowledgement in '{}' is told later", domain.name, refused);
            domain.acknowledgeLater(List.of(taken));
        }
    }

    /** They were delivered once more. */
    private void redeliver(List<Taken> all) {
        redeliver(all, one -> true);
    }

    /** {@code counts}: this delivery of it does, so that it is with the dead letters some time. */
    private void redeliver(List<Taken> all, Predicate<Taken> counts) {
        Map<Boolean, List<Taken>> byCount = all.stream().collect(Collectors.partitioningBy(counts));
        byCount.forEach((counted, those) -> redeliver(those, counted));
        state.wake();
    }

    /** Each comes again through its consumer, or through any if that is closed or a delay is set. */
    private void redeliver(List<Taken> all, boolean counted) {
        List<Taken> back = new ArrayList<>();
        List<Taken> here = new ArrayList<>();
        for (Taken one : all) (delay(one) > 0 || isClosed(one.consumer) ? back : here).add(one);
        giveBack(back, counted);
        if (counted && !domain.count(here)) return;
        List<Taken> late = new ArrayList<>();
        for (Taken one : here) if (!one.consumer.putBack(one)) late.add(one);
        giveBack(late, false);
    }

    private boolean isClosed(Inbox<Taken> local) {
        return state.consumers.stream().noneMatch(c -> c.local == local && !c.isClosed());
    }

    private void giveBack(List<Taken> taken, boolean counted) {
        long now = System.currentTimeMillis();
        Map<Long, List<Taken>> byDelay = new TreeMap<>();
        for (Taken one : taken)
            byDelay.computeIfAbsent(delay(one), delay -> new ArrayList<>()).add(one);
        byDelay.forEach((delay, those) -> domain.giveBack(those, delay > 0 ? now + delay : 0, counted));
    }

    /** From the queue of dead letters, where nobody can read it. */
    void giveBackDead(Taken damaged) {
        domain.giveBack(List.of(damaged), System.currentTimeMillis() + deadDelay(damaged.count()), true);
    }

    /**
     * Milliseconds before it may be delivered again. A dead letter goes nowhere from its queue: one that
     * is refused there as well comes ever more seldom.
     */
    private long delay(Taken one) {
        long delay = settings.redeliveryDelay().toMillis();
        int more = one.count() - settings.maxDeliveries();
        if (settings.maxDeliveries() == 0 || more < 0 || one.view != deadLetters) return delay;
        return Math.max(delay, deadDelay(more));
    }

    /** After so many others. */
    private static long deadDelay(int delays) {
        return Math.min(MOST_DELAY, FIRST_DELAY << Math.min(delays, 10));
    }

    // ---- all that was delivered

    void acknowledge() throws JMSException {
        state.checkOpen();
        if (mode != Session.CLIENT_ACKNOWLEDGE) return;
        completions.lock();
        try {
            Jms.act(() -> domain.commit(delivered, List.of(), state.timeout));
            takeDelivered();
        } finally {
            completions.unlock();
        }
    }

    void recover() throws JMSException {
        state.checkOpen();
        if (mode == Session.SESSION_TRANSACTED)
            throw new IllegalStateException(
                    "recover is called in a transacted session, which has rollback. Call that.", Codes.OTHER_MODE);
        completions.lock();
        try {
            Jms.act(this::flushNow);
            List<Taken> all = new ArrayList<>(takeDelivered());
            if (inHand != null) all.add(inHand);
            inHand = null;
            Jms.act(() -> redeliver(all));
        } finally {
            completions.unlock();
        }
    }

    void commit() throws JMSException {
        checkTransacted("commit");
        completions.awaitFor("commit");
        long committed;
        state.delivering.lock();
        try {
            committed = commit(List.copyOf(sends)); // all callbacks were awaited, so no more come from them
        } finally {
            state.delivering.unlock();
        }
        Jms.act(() -> domain.awaitDurable(committed)); // without the lock, for which a close waits
    }

    /** Returns its position, or one after it. */
    private long commit(List<Sent> sent) throws JMSException {
        NoRoomException full = null;
        long position = 0;
        try {
            position = domain.commit(List.copyOf(delivered), sent, state.timeout);
        } catch (NoRoomException e) {
            full = e;
        } catch (RuntimeException | InternalError e) {
            throw Jms.exception(e);
        }
        synchronized (sends) { // else one that is added between these two calls ends them
            sends.subList(0, sent.size()).clear();
        }
        if (full != null) throw rolledBack(full);
        takeDelivered();
        return position;
    }

    /** No message is at fault if there is no room now: that counts once only, so that the message is marked. */
    private TransactionRolledBackException rolledBack(NoRoomException full) throws JMSException {
        boolean fitsLater = !full.code.equals(MessageTooLargeException.CODE);
        Jms.act(() -> redeliver(takeDelivered(), one -> !fitsLater || one.count() == 0));
        TransactionRolledBackException e = new TransactionRolledBackException(full.getMessage(), full.code);
        e.initCause(full);
        return e;
    }

    void rollback() throws JMSException {
        checkTransacted("rollback");
        completions.awaitFor("rollback");
        state.delivering.lock();
        try {
            sends.clear();
            rollBack();
        } finally {
            state.delivering.unlock();
        }
    }

    private void rollBack() throws JMSException {
        Jms.act(() -> redeliver(takeDelivered()));
    }

    private void checkTransacted(String call) throws JMSException {
        state.checkOpen();
        if (mode != Session.SESSION_TRANSACTED)
            throw new IllegalStateException(
                    call + " is called in a session that is not transacted; only a transacted one has such a call."
                            + " Create one with SESSION_TRANSACTED.",
                    Codes.OTHER_MODE);
    }

    /** For a session that is closed: with the session's lock. */
    void end() {
        sends.clear();
        flushNow();
        if (mode == Session.DUPS_OK_ACKNOWLEDGE) domain.acknowledgeLater(takeDelivered());
        else giveBack(takeDelivered(), true);
    }
}
