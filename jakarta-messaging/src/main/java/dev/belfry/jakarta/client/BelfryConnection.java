package dev.belfry.jakarta.client;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection [6.1]: an object of the heap on the member that its JVM is. Any thread. */
public final class BelfryConnection implements QueueConnection {
    private static final Logger LOG = LoggerFactory.getLogger(BelfryConnection.class);

    private final Settings settings;
    private final Domains domains;
    private final Domain domain;
    private final List<BelfrySession> sessions = new CopyOnWriteArrayList<>();
    /** Temporary queues that this connection has made, by name. */
    private final Set<String> temporaries = ConcurrentHashMap.newKeySet();

    private final Consumer<RuntimeException> failed = this::failed;
    private String clientId; // guarded by this, as the next two
    private boolean used;
    private boolean claimed;
    private volatile ExceptionListener exceptionListener;
    /** What no listener has heard yet: few, as each ends a session's listening or all. */
    private final ConcurrentLinkedQueue<JMSException> untold = new ConcurrentLinkedQueue<>();

    private volatile boolean queuesOnly;
    private volatile boolean started;
    private final Closing closing = new Closing();

    private volatile boolean closed;

    /** @throws InvalidClientIDException if the factory has a client id, and it is in use */
    public BelfryConnection(Settings settings, Domains domains) throws JMSException {
        this.settings = settings;
        this.domains = domains;
        domain = Jms.call(() -> open(settings, domains));
        try {
            if (settings.clientId() != null) claim(settings.clientId());
            domain.onFailure(failed);
        } catch (JMSException | RuntimeException e) {
            domains.left(domain, settings.linger(), settings.sendTimeout());
            throw e;
        }
    }

    private static Domain open(Settings settings, Domains domains) throws JMSException {
        try {
            return domains.use(settings.uri(), settings.log());
        } catch (IncompatibleQueueException e) { // perhaps of a default only
            return domains.use(settings.uri(), settings.asked());
        } catch (IllegalArgumentException e) {
            throw Jms.exception(e, Codes.SETTING);
        }
    }

    /** Itself, as a QueueConnection, which has no methods of topics. */
    public QueueConnection queuesOnly() {
        queuesOnly = true;
        return this;
    }

    Settings settings() {
        return settings;
    }

    Domain domain() {
        return domain;
    }

    // ---- client id [6.1.3]

    @Override
    public synchronized String getClientID() throws JMSException {
        use();
        return clientId;
    }

    @Override
    public synchronized void setClientID(String id) throws JMSException {
        checkOpen();
        if (settings.clientId() != null || claimed)
            throw new IllegalStateException(
                    "Client id of this connection is '" + clientId
                            + "' already; it is set once, by the factory or by setClientID. Use another connection.",
                    Codes.CLIENT_ID);
        if (used)
            throw new IllegalStateException(
                    "Client id is set after another call on this connection; it must be the first one."
                            + " Call setClientID right after createConnection.",
                    Codes.CLIENT_ID);
        claim(id);
    }

    private void claim(String id) throws JMSException {
        if (id == null || id.isEmpty())
            throw new InvalidClientIDException(
                    "Client id is " + (id == null ? "null" : "empty") + "; it must have a character. Choose one.",
                    Codes.CLIENT_ID);
        if (!Jms.call(() -> domain.claim(id, settings.sendTimeout())))
            throw new InvalidClientIDException(
                    "Client id '" + id + "' is in use by another connection to '" + domain.name()
                            + "'; one may have it at a time. Close that, or choose another id.",
                    Codes.CLIENT_ID);
        clientId = id;
        claimed = true;
    }

    private void checkOpen() throws JMSException {
        if (closed) throw Jms.closed("Connection to '" + domain.name() + "'");
    }

    private synchronized void use() throws JMSException {
        checkOpen();
        used = true;
    }

    // ---- sessions

    @Override
    public BelfrySession createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        if (transacted) return createSession(Session.SESSION_TRANSACTED);
        if (acknowledgeMode == Session.SESSION_TRANSACTED) throw mode(acknowledgeMode);
        return createSession(acknowledgeMode);
    }

    @Override
    public BelfrySession createSession(int mode) throws JMSException {
        if (mode < Session.SESSION_TRANSACTED || mode > Session.DUPS_OK_ACKNOWLEDGE) throw mode(mode);
        use();
        BelfrySession session = new BelfrySession(this, mode);
        sessions.add(session);
        if (closed) {
            session.close();
            checkOpen();
        }
        return session;
    }

    private static JMSException mode(int mode) {
        return new JMSException(
                "Session mode is " + mode
                        + "; it must be AUTO_ACKNOWLEDGE, CLIENT_ACKNOWLEDGE, DUPS_OK_ACKNOWLEDGE or SESSION_TRANSACTED. Use one of these.",
                Codes.ARGUMENT);
    }

    @Override
    public BelfrySession createSession() throws JMSException {
        return createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        BelfrySession session = createSession(transacted, acknowledgeMode);
        session.queuesOnly();
        return session;
    }

    void forget(BelfrySession session) {
        sessions.remove(session);
    }

    // ---- temporary queues [6.2.2]

    BelfryTemporaryQueue createTemporaryQueue() throws JMSException {
        use();
        String name = Jms.call(() -> domain.createTemporaryQueue(settings.sendTimeout()));
        BelfryTemporaryQueue queue = new BelfryTemporaryQueue(name, this);
        temporaries.add(name);
        if (closed) {
            deleteTemporaries();
            checkOpen();
        }
        return queue;
    }

    /** As a message names it. */
    BelfryTemporaryQueue temporaryQueue(String name) {
        return new BelfryTemporaryQueue(name, temporaries.contains(name) ? this : null);
    }

    /** Twice is nothing. */
    void delete(BelfryTemporaryQueue queue) throws JMSException {
        checkOpen();
        if (!temporaries.remove(queue.name())) return;
        if (sessions.stream().anyMatch(session -> session.consumes(queue))) {
            temporaries.add(queue.name());
            if (closed) deleteTemporaries(); // the close may have gone by while it was not there
            throw new JMSException(
                    "delete is called for " + queue
                            + ", which has a consumer; it must have none. Close the consumer first.",
                    Codes.TEMPORARY_QUEUE);
        }
        Jms.act(() -> domain.deleteTemporaryQueue(queue.id()));
    }

    boolean mayConsume(BelfryQueue queue) {
        return !(queue instanceof BelfryTemporaryQueue) || temporaries.contains(queue.name());
    }

    private void deleteTemporaries() throws JMSException {
        for (String name : temporaries)
            if (temporaries.remove(name)) Jms.act(() -> domain.deleteTemporaryQueue(Domain.temporaryQueueId(name)));
    }

    // ---- starting, stopping, closing

    @Override
    public void start() throws JMSException {
        use();
        started = true;
        for (BelfrySession session : sessions) session.wake();
    }

    /** Returns when no listener runs, and no receive can return a message. */
    @Override
    public void stop() throws JMSException {
        use();
        for (BelfrySession session : sessions) session.refuseInListener("Connection.stop");
        started = false;
        for (BelfrySession session : sessions) session.pause();
    }

    boolean isStarted() {
        return started;
    }

    @Override
    public void close() throws JMSException {
        if (closed && sessions.stream().anyMatch(BelfrySession::isInListener)) return; // another thread closes it
        for (BelfrySession session : sessions) {
            session.refuseInListener("Connection.close");
            session.refuseInCallback("Connection.close");
        }
        if (!closing.begin()) return;
        try {
            if (!closed) end();
        } finally {
            closing.end();
        }
    }

    private void end() throws JMSException {
        synchronized (this) { // after a claim that is under way
            closed = true;
        }
        domain.notOnFailure(failed);
        JMSException failure = null;
        for (BelfrySession session : sessions) failure = Jms.attempt(failure, session::close);
        failure = Jms.attempt(failure, this::deleteTemporaries);
        if (claimed) failure = Jms.attempt(failure, () -> domain.release(clientId));
        failure = Jms.attempt(failure, () -> domains.left(domain, settings.linger(), settings.sendTimeout()));
        if (failure != null) throw failure;
    }

    // ---- exceptions that no call can throw [6.1.8]

    @Override
    public ExceptionListener getExceptionListener() throws JMSException {
        use();
        return exceptionListener;
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) throws JMSException {
        use();
        exceptionListener = listener;
        if (listener != null) tell();
    }

    private void failed(RuntimeException e) {
        report(Jms.exception(e));
        for (BelfrySession session : sessions) session.wake();
    }

    /** To the listener that is set, or is set next. */
    void report(JMSException e) {
        untold.add(e);
        tell();
    }

    private void tell() {
        while (exceptionListener != null && !closed) {
            JMSException next = untold.poll();
            if (next == null) return;
            tell(next);
        }
    }

    /** One at a time. */
    private void tell(JMSException e) {
        ExceptionListener listener = exceptionListener;
        if (listener == null) return;
        synchronized (failed) {
            try {
                listener.onException(e);
            } catch (Throwable thrown) { // by one connection's listener: others are to hear of it, too
                LOG.warn("An ExceptionListener of {} has thrown", this, Textless.of(thrown));
            }
        }
    }

    // ---- the rest

    /** What is thrown instead of a connection for topics. */
    public static JMSException noTopics() {
        return Jms.notYet("Topics");
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        use();
        return new MetaData();
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, String selector, ServerSessionPool pool, int most) throws JMSException {
        use();
        throw Jms.notYet("Connection consumers, which are for containers,");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(Queue queue, String selector, ServerSessionPool pool, int most)
            throws JMSException {
        return createConnectionConsumer((Destination) queue, selector, pool, most);
    }

    private JMSException noTopics(String call) throws JMSException {
        use();
        return queuesOnly ? Jms.queuesOnly("QueueConnection", call) : Jms.notYet("Topics");
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int most) throws JMSException {
        throw noTopics("createSharedConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int most) throws JMSException {
        throw noTopics("createDurableConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int most) throws JMSException {
        throw noTopics("createSharedDurableConnectionConsumer");
    }

    @Override
    public String toString() {
        return "Connection to '" + domain.name() + "'" + (closed ? ", closed" : "");
    }
}
