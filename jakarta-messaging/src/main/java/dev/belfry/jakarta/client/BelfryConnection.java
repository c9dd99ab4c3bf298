package dev.belfry.jakarta.client;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Filter;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.spi.Loggable;
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
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection [6.1]: an object of the heap on the member that its JVM is. Any thread. */
public final class BelfryConnection implements QueueConnection, TopicConnection, Temporary.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(BelfryConnection.class);
    /** True once this JVM has logged the note about PERSISTENT, which users of a broker would not expect. */
    static final AtomicBoolean SAID = new AtomicBoolean();

    final Settings settings;
    private final Domains domains;
    final Domain domain;
    final List<BelfrySession> sessions = new CopyOnWriteArrayList<>();
    /** Temporary destinations that this connection has made, by name. */
    private final Map<String, BelfryDestination> temporaries = new ConcurrentHashMap<>();

    final int number; // in its member; messages to topics have it, for noLocal

    private final Consumer<RuntimeException> failed = this::failed;
    private String clientId; // guarded by this, as the next two
    private boolean used;
    private boolean claimed;
    private volatile ExceptionListener exceptionListener;
    /** The failures that no listener has heard yet: few, as each ends a session's listening or all. */
    private final ConcurrentLinkedQueue<JMSException> untold = new ConcurrentLinkedQueue<>();

    private volatile Style style = Style.ALL;
    private volatile boolean started;
    private final Closing closing = new Closing();

    private volatile boolean closed;

    /** @throws InvalidClientIDException if the factory has a client id, and it is in use */
    public BelfryConnection(Settings settings, Domains domains) throws JMSException {
        this.settings = settings;
        this.domains = domains;
        domain = Jms.call(() -> open(settings, domains));
        number = domain.connections.incrementAndGet();
        if (!domain.isOnDisk() && SAID.compareAndSet(false, true))
            LOG.info(
                    "{}: messages sent PERSISTENT are in memory, too. They survive every process and no reboot;"
                            + " in a 'mem:' domain they end with the JVM.",
                    settings.uri());
        try {
            if (settings.overflow() != null) overflow();
            if (settings.clientId() != null) claim(settings.clientId());
            domain.onFailure(failed);
            if (settings.endIfDeleted()) domain.endIfDeleted();
        } catch (JMSException | RuntimeException e) {
            domains.left(domain, settings.linger(), settings.sendTimeout());
            throw e;
        }
    }

    static Domain open(Settings settings, Domains domains) throws JMSException {
        try {
            return domains.use(settings.uri(), settings.log());
        } catch (IncompatibleQueueException e) { // perhaps of a default only
            return domains.use(settings.uri(), settings.asked());
        } catch (IllegalArgumentException e) {
            throw Jms.exception(e, Codes.SETTING);
        }
    }

    private void overflow() throws JMSException {
        try {
            Jms.act(() -> domain.overflow(settings.overflow()));
        } catch (IllegalArgumentException e) {
            throw Jms.exception(e, Codes.SETTING);
        }
    }

    /** Itself, as a QueueConnection, which has no methods of topics. */
    public QueueConnection queuesOnly() {
        style = Style.QUEUES;
        return this;
    }

    public TopicConnection topicsOnly() {
        style = Style.TOPICS;
        return this;
    }

    /** Its client id as a number; 0: it has none. */
    synchronized long client() {
        return Filter.client(clientId);
    }

    /** Null: it has none. */
    synchronized String clientId() {
        return clientId;
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
        if (!Jms.call(() -> domain.membership.claim(id, new Limit(settings.sendTimeout(), () -> closed))))
            throw new InvalidClientIDException(
                    "Client id '" + id + "' is in use by another connection to '" + domain.name
                            + "'; one may have it at a time. Close that, or choose another id.",
                    Codes.CLIENT_ID);
        clientId = id;
        claimed = true;
    }

    private void checkOpen() throws JMSException {
        if (closed) throw Jms.closed("Connection to '" + domain.name + "'");
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

    static JMSException mode(int mode) {
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
        session.style(Style.QUEUES);
        return session;
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        BelfrySession session = createSession(transacted, acknowledgeMode);
        session.style(Style.TOPICS);
        return session;
    }

    // ---- temporary destinations [6.2.2]

    BelfryTemporaryQueue createTemporaryQueue(Limit timeout) throws JMSException {
        use();
        return own(new BelfryTemporaryQueue(Jms.call(() -> domain.createTemporaryQueue(timeout)), this));
    }

    BelfryTemporaryTopic createTemporaryTopic(Limit timeout) throws JMSException {
        use();
        return own(new BelfryTemporaryTopic(Jms.call(() -> domain.createTemporaryTopic(timeout)), this));
    }

    private <T extends BelfryDestination> T own(T temporary) throws JMSException {
        temporaries.put(temporary.name, temporary);
        if (closed) {
            deleteTemporaries();
            checkOpen();
        }
        return temporary;
    }

    /** As a message names it. */
    BelfryTemporaryQueue temporaryQueue(String name) {
        return new BelfryTemporaryQueue(name, temporaries.containsKey(name) ? this : null);
    }

    BelfryTemporaryTopic temporaryTopic(String name) {
        return new BelfryTemporaryTopic(name, temporaries.containsKey(name) ? this : null);
    }

    /** Twice is nothing. */
    @Override
    public void delete(Temporary own) throws JMSException {
        BelfryDestination temporary = (BelfryDestination) own;
        checkOpen();
        if (temporaries.remove(temporary.name) == null) return;
        if (sessions.stream().anyMatch(session -> session.consumes(temporary))) {
            temporaries.put(temporary.name, temporary);
            if (closed) deleteTemporaries(); // the close may have gone by while it was not there
            throw new JMSException(
                    "delete is called for " + temporary
                            + ", which has a consumer; it must have none. Close the consumer first.",
                    Codes.TEMPORARY);
        }
        Jms.act(() -> domain.membership.deleteTemporary(temporary.id()));
    }

    boolean mayConsume(BelfryDestination destination) {
        return !(destination instanceof Temporary) || temporaries.containsKey(destination.name);
    }

    private void deleteTemporaries() throws JMSException {
        for (BelfryDestination one : temporaries.values())
            if (temporaries.remove(one.name) != null) Jms.act(() -> domain.membership.deleteTemporary(one.id()));
    }

    // ---- starting, stopping, closing

    @Override
    public void start() throws JMSException {
        use();
        started = true;
        for (BelfrySession session : sessions) session.state.wake();
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
            session.completions.refuseInCallback("Connection.close");
        }
        if (!closing.begin()) return;
        try {
            if (!closed) end();
        } finally {
            closing.end();
        }
    }

    private void end() throws JMSException {
        closed = true; // which ends a claim that waits for room
        boolean hasId;
        synchronized (this) {
            hasId = claimed;
        }
        domain.notOnFailure(failed);
        JMSException failure = null;
        for (BelfrySession session : sessions) failure = Jms.attempt(failure, session::close);
        failure = Jms.attempt(failure, this::deleteTemporaries);
        if (hasId) failure = Jms.attempt(failure, () -> domain.membership.release(clientId));
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
        for (BelfrySession session : sessions) session.state.wake();
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
                LOG.warn("An ExceptionListener of {} has thrown", this, Loggable.withoutTexts(thrown));
            }
        }
    }

    // ---- the rest

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

    @Override
    public ConnectionConsumer createConnectionConsumer(Topic topic, String selector, ServerSessionPool pool, int most)
            throws JMSException {
        return createConnectionConsumer((Destination) topic, selector, pool, most);
    }

    private ConnectionConsumer ofTopic(String call, Topic topic, String selector, ServerSessionPool pool, int most)
            throws JMSException {
        use();
        style.refuse(Style.QUEUES, "Connection", call);
        return createConnectionConsumer((Destination) topic, selector, pool, most);
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int most) throws JMSException {
        return ofTopic("createSharedConnectionConsumer", topic, selector, pool, most);
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int most) throws JMSException {
        return ofTopic("createDurableConnectionConsumer", topic, selector, pool, most);
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int most) throws JMSException {
        return ofTopic("createSharedDurableConnectionConsumer", topic, selector, pool, most);
    }

    @Override
    public String toString() {
        return "Connection to '" + domain.name + "'" + (closed ? ", closed" : "");
    }
}
