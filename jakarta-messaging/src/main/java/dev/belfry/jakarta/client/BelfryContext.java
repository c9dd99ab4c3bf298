package dev.belfry.jakarta.client;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;

/** Connection and session in one [2.8]. Contexts made of one share its connection, which the last one closes. */
public final class BelfryContext implements JMSContext {
    private final BelfryConnection connection;
    private final AtomicInteger contexts;
    private final int mode;
    /** Made when it is needed: setClientID must be the first call of a connection. */
    private BelfrySession session;

    private boolean autoStart = true;
    private final Closing closing = new Closing();

    private volatile boolean closed;

    public BelfryContext(BelfryConnection connection, int mode) {
        this(connection, new AtomicInteger(), mode);
    }

    private BelfryContext(BelfryConnection connection, AtomicInteger contexts, int mode) {
        this.connection = connection;
        this.contexts = contexts;
        this.mode = mode;
        contexts.incrementAndGet();
    }

    /** The mode is checked, as createSession does. */
    public static int checked(int mode) {
        if (mode >= SESSION_TRANSACTED && mode <= DUPS_OK_ACKNOWLEDGE) return mode;
        throw Jms.runtime(BelfryConnection.mode(mode));
    }

    /** The unchecked twin. */
    public static RuntimeException unchecked(JMSException e) {
        return Jms.runtime(e);
    }

    /** Also for a listener that runs: close waits for it. */
    synchronized BelfrySession session() throws JMSException {
        if (closed && (session == null || session.state.isClosed())) throw Jms.closed("Context");
        if (session == null) session = connection.createSession(mode);
        return session;
    }

    /** As {@link #session()}, where none is made: setClientID would come too late. */
    private BelfryConnection connection() throws JMSException {
        if (closed) session();
        return connection;
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return Jms.unchecked(() -> {
            session().checkOpen();
            return new BelfryContext(connection, contexts, checked(sessionMode));
        });
    }

    @Override
    public JMSProducer createProducer() {
        return Jms.unchecked(() -> new ContextProducer(session()));
    }

    // ---- consumers

    private JMSConsumer consumer(Jms.Step<MessageConsumer> create) {
        return Jms.unchecked(() -> {
            JMSConsumer consumer = new ContextConsumer(session(), (BelfryConsumer) create.run());
            if (autoStart) connection.start();
            return consumer;
        });
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return createConsumer(destination, null);
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector) {
        return createConsumer(destination, selector, false);
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector, boolean noLocal) {
        return consumer(() -> session().createConsumer(destination, selector, noLocal));
    }

    @Override
    public Queue createQueue(String name) {
        return Jms.unchecked(() -> session().createQueue(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return Jms.unchecked(() -> session().createTemporaryQueue());
    }

    /** It works on a stopped connection, and starts none. */
    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) {
        return Jms.unchecked(() -> session().createBrowser(queue, selector));
    }

    // ---- of the connection

    @Override
    public String getClientID() {
        return Jms.unchecked(() -> connection().getClientID());
    }

    @Override
    public void setClientID(String clientId) {
        Jms.uncheckedAct(() -> connection().setClientID(clientId));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return Jms.unchecked(() -> connection().getMetaData());
    }

    @Override
    public ExceptionListener getExceptionListener() {
        return Jms.unchecked(() -> connection().getExceptionListener());
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) {
        Jms.uncheckedAct(() -> connection().setExceptionListener(listener));
    }

    @Override
    public void start() {
        Jms.uncheckedAct(() -> connection().start());
    }

    @Override
    public void stop() {
        Jms.uncheckedAct(() -> connection().stop());
    }

    @Override
    public void setAutoStart(boolean start) {
        Jms.unchecked(this::connection);
        autoStart = start;
    }

    @Override
    public boolean getAutoStart() {
        Jms.unchecked(this::connection);
        return autoStart;
    }

    @Override
    public void close() {
        Jms.uncheckedAct(() -> {
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
        });
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

    // ---- of the session

    @Override
    public boolean getTransacted() {
        return Jms.unchecked(() -> session().getTransacted());
    }

    @Override
    public int getSessionMode() {
        return Jms.unchecked(() -> session().getAcknowledgeMode());
    }

    @Override
    public void commit() {
        Jms.uncheckedAct(() -> session().commit());
    }

    @Override
    public void rollback() {
        Jms.uncheckedAct(() -> session().rollback());
    }

    @Override
    public void recover() {
        Jms.uncheckedAct(() -> session().recover());
    }

    @Override
    public void acknowledge() {
        Jms.uncheckedAct(() -> session().settlement.acknowledge());
    }

    @Override
    public Message createMessage() {
        return Jms.unchecked(() -> session().createMessage());
    }

    @Override
    public BytesMessage createBytesMessage() {
        return Jms.unchecked(() -> session().createBytesMessage());
    }

    @Override
    public MapMessage createMapMessage() {
        return Jms.unchecked(() -> session().createMapMessage());
    }

    @Override
    public StreamMessage createStreamMessage() {
        return Jms.unchecked(() -> session().createStreamMessage());
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return Jms.unchecked(() -> session().createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) {
        return Jms.unchecked(() -> session().createObjectMessage(object));
    }

    @Override
    public TextMessage createTextMessage() {
        return Jms.unchecked(() -> session().createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(String text) {
        return Jms.unchecked(() -> session().createTextMessage(text));
    }

    // ---- topics

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return Jms.unchecked(() -> session().createTemporaryTopic());
    }

    @Override
    public Topic createTopic(String name) {
        return Jms.unchecked(() -> session().createTopic(name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal) {
        return consumer(() -> session().createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, String selector) {
        return consumer(() -> session().createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, String selector) {
        return consumer(() -> session().createSharedConsumer(topic, name, selector));
    }

    @Override
    public void unsubscribe(String name) {
        Jms.uncheckedAct(() -> session().unsubscribe(name));
    }
}
