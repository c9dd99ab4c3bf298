package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.Signal;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The state that all parts of a session share. Its lock is held while a message is handed out, a listener runs, or a
 * transaction ends: so {@code stop} and {@code close} of other threads wait for that by taking it.
 */
final class SessionState {
    final BelfryConnection connection;
    final Settings settings;
    final Domain domain;
    final int mode;
    final Signal signal = new Signal();
    final List<BelfryConsumer> consumers = new CopyOnWriteArrayList<>();
    final ReentrantLock delivering = new ReentrantLock();
    final Completions completions = new Completions(delivering);
    final Condition received = delivering.newCondition();
    /** Those in which a thread receives; guarded by delivering. */
    final List<BelfryConsumer> receiving = new ArrayList<>();

    /** The thread of its listeners, if it has some. */
    volatile Thread dispatcher;

    boolean inListener; // guarded by delivering
    volatile boolean closed;

    /** The limit of a call that waits for room. */
    final Limit timeout;

    SessionState(BelfryConnection connection, int mode) {
        this.connection = connection;
        this.mode = mode;
        settings = connection.settings;
        domain = connection.domain;
        timeout = new Limit(settings.sendTimeout(), this::isClosed);
    }

    void checkOpen() throws JMSException {
        if (isClosed()) throw Jms.closed("Session of " + connection);
    }

    /** Not yet for a listener that runs: close waits for it, and it has all services until then [6.2.15]. */
    boolean isClosed() {
        return closed && !(inListener && isDispatcher());
    }

    boolean isDispatcher() {
        return Thread.currentThread() == dispatcher;
    }

    boolean isStarted() {
        return connection.isStarted();
    }

    /** For those that wait: the connection was started, stopped or closed. */
    void wake() {
        domain.raise(signal);
    }
}
