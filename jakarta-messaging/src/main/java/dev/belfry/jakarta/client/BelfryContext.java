package dev.belfry.jakarta.client;

import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Session;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Connection and session in one [2.8]. Contexts made of one share its connection, which the last one closes. */
public final class BelfryContext extends Facade {
    private static final Map<Method, Method> TWINS =
            twins(JMSContext.class, BelfryContext.class, Connection.class, Session.class);

    private final BelfryConnection connection;
    private final AtomicInteger contexts;
    private final int mode;
    /** Made when it is needed: setClientID must be the first call of a connection. */
    private BelfrySession session;

    private boolean autoStart = true;
    private final Closing closing = new Closing();

    private volatile boolean closed;

    public static JMSContext of(BelfryConnection connection, int mode) {
        return new BelfryContext(connection, new AtomicInteger(), mode).as(JMSContext.class);
    }

    private BelfryContext(BelfryConnection connection, AtomicInteger contexts, int mode) {
        super(TWINS);
        this.connection = connection;
        this.contexts = contexts;
        this.mode = mode;
        contexts.incrementAndGet();
    }

    /** The mode is checked, as createSession does. */
    public static int checked(int mode) {
        if (mode >= Session.SESSION_TRANSACTED && mode <= Session.DUPS_OK_ACKNOWLEDGE) return mode;
        throw Jms.runtime(BelfryConnection.mode(mode));
    }

    /** The unchecked twin. */
    public static RuntimeException unchecked(JMSException e) {
        return Jms.runtime(e);
    }

    /** Also for a listener that runs: close waits for it. */
    synchronized BelfrySession session() throws JMSException {
        if (closed && (session == null || session.state.isClosed())) throw Jms.closed("Context of " + connection);
        if (session == null) session = connection.createSession(mode);
        return session;
    }

    /** As {@link #session()}, where none is made: setClientID would come too late. */
    private BelfryConnection connection() throws JMSException {
        if (closed) session();
        return connection;
    }

    @Override
    Object behind(Class<?> type) throws JMSException {
        if (type == Connection.class) return connection();
        return type == Session.class ? session() : this;
    }

    @Override
    Object returned(Class<?> wanted, Object result, Object proxy) throws JMSException {
        if (wanted != JMSConsumer.class) return result;
        JMSConsumer consumer = new ContextConsumer(session(), (BelfryConsumer) result);
        if (autoStart) connection.start();
        return consumer;
    }

    // ---- the calls that are no other's

    public JMSContext createContext(int sessionMode) throws JMSException {
        session().checkOpen();
        return new BelfryContext(connection, contexts, checked(sessionMode)).as(JMSContext.class);
    }

    public JMSProducer createProducer() throws JMSException {
        return new ContextProducer(session()).as(JMSProducer.class);
    }

    public void setAutoStart(boolean start) throws JMSException {
        connection();
        autoStart = start;
    }

    public boolean getAutoStart() throws JMSException {
        connection();
        return autoStart;
    }

    public int getSessionMode() throws JMSException {
        return session().getAcknowledgeMode();
    }

    public void acknowledge() throws JMSException {
        session().settlement.acknowledge();
    }

    public void close() throws JMSException {
        BelfrySession made = made();
        if (closed && made != null && made.isInListener()) return; // another thread closes it, and waits for this
        if (made != null) {
            made.refuseInListener("JMSContext.close");
            made.completions.refuseInCallback("JMSContext.close");
        }
        if (!closing.begin()) return;
        try {
            if (!closed) end();
        } finally {
            closing.end();
        }
    }

    /** Null: none is needed yet. */
    private synchronized BelfrySession made() {
        return session;
    }

    private void end() throws JMSException {
        synchronized (this) { // no session is made after this
            closed = true;
        }
        try {
            if (session != null) session.close();
        } finally {
            if (contexts.decrementAndGet() == 0) connection.close();
        }
    }
}
