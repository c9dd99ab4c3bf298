package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.message.DestinationKind;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A session [6.2]: one thread's work. This class makes its producers and consumers, and closes it. What it has sent and
 * delivered is settled by {@link Settlement}; {@link Receiving} and {@link Listening} hand out what {@link Incoming}
 * decodes.
 */
public final class BelfrySession extends SessionMessages {
    /** Of {@link #receive}, in milliseconds. */
    static final long FOREVER = -1;

    private final BelfryConnection connection;
    private final Settings settings;
    private final Domain domain;
    private final int mode;
    private final MessageCodec codec;
    private final List<BelfryProducer> producers = new CopyOnWriteArrayList<>();
    private final Completions completions;
    private final SessionState state;
    final Settlement settlement;
    private final Listening listening;
    private final Receiving receiving;
    private final Runnable whenIdle;
    private final Closing closing = new Closing();

    BelfrySession(BelfryConnection connection, int mode) {
        this.connection = connection;
        this.mode = mode;
        settings = connection.settings();
        domain = connection.domain();
        codec = new MessageCodec(this::destination, settings.trusted());
        state = new SessionState(connection, mode);
        completions = state.completions;
        settlement = new Settlement(state);
        Incoming incoming = new Incoming(state, settlement, codec);
        listening = new Listening(state, incoming, settlement);
        receiving = new Receiving(state, listening, incoming, settlement);
        whenIdle = settlement::flushIfFree;
        if (mode == DUPS_OK_ACKNOWLEDGE) domain.whenIdle(whenIdle);
    }

    private Destination destination(DestinationKind kind, String name) {
        return switch (kind) {
            case QUEUE -> new BelfryQueue(name);
            case TEMPORARY_QUEUE -> connection.temporaryQueue(name);
            case TOPIC, TEMPORARY_TOPIC -> new BelfryTopic(name);
        };
    }

    BelfryConnection connection() {
        return connection;
    }

    Domain domain() {
        return domain;
    }

    @Override
    Settings settings() {
        return settings;
    }

    MessageCodec codec() {
        return codec;
    }

    @Override
    void checkOpen() throws JMSException {
        state.checkOpen();
    }

    boolean isClosed() {
        return state.isClosed();
    }

    void wake() {
        state.wake();
    }

    /** After the connection was stopped: no listener runs when this returns, and no receive hands out. */
    void pause() {
        completions.pass(state.dispatcher);
        wake(); // those that wait are not hungry any more
    }

    void refuseInListener(String call) throws JMSException {
        if (state.isDispatcher()) throw Jms.inListener(call);
    }

    void refuseInCallback(String call) throws JMSException {
        completions.refuseInCallback(call);
    }

    /** In a listener or callback, for which a close waits. */
    boolean isInListener() {
        return state.isDispatcher() || completions.isCallback();
    }

    Completions completions() {
        return completions;
    }

    // ---- its parts

    /** {@code millis}: 0 = what is there now. Null: nothing came, or it was closed meanwhile. */
    Message receive(BelfryConsumer consumer, long millis) throws JMSException {
        return receiving.receive(consumer, millis);
    }

    /** The body of the next message, if it is of this type [8.6]. */
    <T> T receiveBody(BelfryConsumer consumer, Class<T> type, long millis) throws JMSException {
        return receiving.receiveBody(consumer, type, millis);
    }

    void listen(BelfryConsumer consumer, MessageListener listener) throws JMSException {
        listening.listen(consumer, listener);
    }

    /** At once, or with the commit. */
    void send(Sent sent) throws JMSException {
        settlement.send(sent);
    }

    void acknowledge() throws JMSException {
        settlement.acknowledge();
    }

    @Override
    public void recover() throws JMSException {
        settlement.recover();
    }

    @Override
    public void commit() throws JMSException {
        settlement.commit();
    }

    @Override
    public void rollback() throws JMSException {
        settlement.rollback();
    }

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return mode == SESSION_TRANSACTED;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return mode;
    }

    // ---- closing

    void close(BelfryConsumer consumer) throws JMSException {
        if (consumer.isClosed()) return;
        consumer.markClosed();
        JMSException failure = Jms.attempt(null, this::wake);
        completions.lock(); // a listener, or a receive that hands out, has ended
        try {
            receiving.awaitEnd(consumer);
            state.consumers.remove(consumer);
            listening.noteListening();
        } finally {
            completions.unlock();
        }
        failure = Jms.attempt(failure, () -> domain.end(consumer.local()));
        if (failure != null) throw failure;
    }

    @Override
    public void close() throws JMSException {
        if (state.closed && isInListener()) return; // another thread closes it, and waits for this one
        refuseInListener("Session.close");
        refuseInCallback("Session.close");
        if (!closing.begin()) return;
        try {
            if (!state.closed) end();
        } finally {
            closing.end();
        }
    }

    /** All of it, whatever fails: nothing may be left of it in a domain that is damaged. */
    private void end() throws JMSException {
        state.closed = true;
        JMSException failure = Jms.attempt(null, this::wake);
        completions.await();
        failure = Jms.attempt(failure, this::endDeliveries);
        completions.await();
        domain.notWhenIdle(whenIdle);
        for (BelfryConsumer one : state.consumers) {
            one.markClosed();
            failure = Jms.attempt(failure, () -> domain.end(one.local()));
        }
        state.consumers.clear();
        for (BelfryProducer one : producers) one.markClosed();
        producers.clear();
        connection.forget(this);
        listening.join();
        if (failure != null) throw failure;
    }

    /** Rolls back. */
    private void endDeliveries() {
        state.delivering.lock();
        try {
            receiving.awaitEnd(null);
            settlement.end();
        } finally {
            state.delivering.unlock();
        }
    }

    // ---- producers and consumers

    @Override
    public MessageProducer createProducer(Destination destination) throws JMSException {
        checkOpen();
        BelfryProducer producer = new BelfryProducer(this, destination == null ? null : queue(destination));
        producers.add(producer);
        return producer;
    }

    void forget(BelfryProducer producer) {
        producers.remove(producer);
    }

    static BelfryQueue queue(Destination destination) throws JMSException {
        if (destination instanceof BelfryQueue ours) return ours;
        if (destination instanceof Topic) throw Jms.notYet("Topics");
        throw new InvalidDestinationException(
                (destination == null
                                ? "Destination is null"
                                : "Destination is a " + destination.getClass().getName())
                        + "; it must be a queue of this provider. Make it by createQueue of a session.",
                Codes.DESTINATION);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return createConsumer(destination, null);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector) throws JMSException {
        return consumer(destination, selector);
    }

    /** noLocal is of no effect on a queue [8.2]. */
    @Override
    public MessageConsumer createConsumer(Destination destination, String selector, boolean noLocal)
            throws JMSException {
        return consumer(destination, selector);
    }

    private BelfryConsumer consumer(Destination destination, String text) throws JMSException {
        checkOpen();
        BelfryQueue queue = queue(destination);
        checkOwn(queue);
        Selector selector = Selector.of(text);
        LocalConsumer local = attach(queue, selector);
        BelfryConsumer consumer = new BelfryConsumer(this, queue, selector, local);
        state.consumers.add(consumer);
        if (state.closed) {
            domain.end(local);
            checkOpen();
        }
        if (!connection.mayConsume(queue)) { // deleted meanwhile
            consumer.close();
            checkOwn(queue);
        }
        return consumer;
    }

    private void checkOwn(BelfryQueue queue) throws JMSException {
        if (!connection.mayConsume(queue)) throw ((BelfryTemporaryQueue) queue).notOwn("createConsumer");
    }

    boolean consumes(BelfryQueue queue) {
        return state.consumers.stream().anyMatch(c -> c.queue().equals(queue));
    }

    private LocalConsumer attach(BelfryQueue queue, Selector selector) throws JMSException {
        try {
            return Jms.call(
                    () -> domain.consume(queue.id(), queue.name(), selector, state.signal, settings.prefetch()));
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage(), Codes.DESTINATION);
        }
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return consumer(queue, null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, String selector) throws JMSException {
        return consumer(queue, selector);
    }

    @Override
    public QueueSender createSender(Queue queue) throws JMSException {
        return (QueueSender) createProducer(queue);
    }

    @Override
    public Queue createQueue(String name) throws JMSException {
        checkOpen();
        if (name == null || name.isEmpty())
            throw new InvalidDestinationException(
                    "Name of a queue is " + (name == null ? "null" : "empty")
                            + "; it must have a character. Give it one.",
                    Codes.DESTINATION);
        return new BelfryQueue(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        return connection.createTemporaryQueue();
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        checkOpen();
        return new BelfryBrowser(this, queue(queue), Selector.of(selector));
    }

    @Override
    public String toString() {
        return "Session of " + connection + (state.closed ? ", closed" : "");
    }
}
