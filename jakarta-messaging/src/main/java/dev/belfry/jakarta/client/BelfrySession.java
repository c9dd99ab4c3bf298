package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.domain.Wish;
import dev.belfry.jakarta.message.DestinationKind;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSubscriber;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A session [6.2]: one thread's work. This class makes its producers and consumers, and closes it.
 * {@link Settlement} settles the messages that it has sent and delivered; {@link Receiving} and
 * {@link Listening} hand out those that {@link Incoming} decodes.
 */
public final class BelfrySession extends SessionMessages {
    /** The timeout of a receive that waits for ever, in milliseconds. */
    static final long FOREVER = -1;

    final BelfryConnection connection;
    private final Settings settings;
    final Domain domain;
    private final int mode;
    final MessageCodec codec;
    final List<BelfryProducer> producers = new CopyOnWriteArrayList<>();
    final Completions completions;
    final SessionState state;
    final Settlement settlement;
    final Listening listening;
    final Receiving receiving;
    private final Runnable whenIdle;
    private final Closing closing = new Closing();
    private final Subscribing subscribing;
    private volatile Style style = Style.ALL;

    BelfrySession(BelfryConnection connection, int mode) {
        this.connection = connection;
        this.mode = mode;
        settings = connection.settings;
        domain = connection.domain;
        codec = new MessageCodec(this::destination, settings.trusted());
        state = new SessionState(connection, mode);
        completions = state.completions;
        subscribing = new Subscribing(
                domain, settings, state.timeout, state.signal, connection.clientId(), connection.number);
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
            case TOPIC -> new BelfryTopic(name);
            case TEMPORARY_TOPIC -> connection.temporaryTopic(name);
        };
    }

    void style(Style made) {
        style = made;
    }

    @Override
    Settings settings() {
        return settings;
    }

    @Override
    void checkOpen() throws JMSException {
        state.checkOpen();
    }

    /** After the connection was stopped: no listener runs when this returns, and no receive hands out. */
    void pause() {
        completions.pass(state.dispatcher);
        state.wake(); // those that wait are not hungry any more
    }

    void refuseInListener(String call) throws JMSException {
        if (state.isDispatcher()) throw Jms.calledIn("MessageListener", call);
    }

    /** In a listener or callback, for which a close waits. */
    boolean isInListener() {
        return state.isDispatcher() || completions.isCallback();
    }

    // ---- its parts

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

    /** A second call waits as the first one does, and changes nothing. */
    void close(BelfryConsumer consumer) throws JMSException {
        consumer.markClosed();
        JMSException failure = Jms.attempt(null, state::wake);
        completions.lock(); // a listener, or a receive that hands out, has ended
        try {
            receiving.awaitEnd(consumer);
            // Or its subscription would be in use still.
            if (state.receiving.isEmpty()) failure = Jms.attempt(failure, settlement::flushNow);
            state.consumers.remove(consumer);
            listening.noteListening();
        } finally {
            completions.unlock();
        }
        failure = Jms.attempt(failure, () -> domain.end(consumer.local));
        if (failure != null) throw failure;
    }

    @Override
    public void close() throws JMSException {
        if (state.closed && isInListener()) return; // another thread closes it, and waits for this one
        refuseInListener("Session.close");
        completions.refuseInCallback("Session.close");
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
        JMSException failure = Jms.attempt(null, state::wake);
        completions.await();
        failure = Jms.attempt(failure, this::endDeliveries);
        completions.await();
        domain.notWhenIdle(whenIdle);
        for (BelfryConsumer one : state.consumers) {
            one.markClosed();
            failure = Jms.attempt(failure, () -> domain.end(one.local));
        }
        state.consumers.clear();
        for (BelfryProducer one : producers) one.markClosed();
        producers.clear();
        connection.sessions.remove(this);
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
        BelfryProducer producer = new BelfryProducer(this, destination == null ? null : ours(destination));
        producers.add(producer);
        return producer;
    }

    static BelfryDestination ours(Destination destination) throws JMSException {
        if (destination instanceof BelfryDestination ours) return ours;
        throw new InvalidDestinationException(
                (destination == null
                                ? "Destination is null"
                                : "Destination is a " + destination.getClass().getName())
                        + "; it must be one of this provider. Make it by createQueue or createTopic of a session.",
                Codes.DESTINATION);
    }

    private static BelfryQueue queue(Queue queue) throws JMSException {
        return (BelfryQueue) ours(queue);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return createConsumer(destination, null);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector) throws JMSException {
        return createConsumer(destination, selector, false);
    }

    /** noLocal is of no effect on a queue [8.2]. */
    @Override
    public MessageConsumer createConsumer(Destination destination, String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        if (ours(destination) instanceof BelfryTopic topic) return subscribe(topic, noLocal(noLocal), null, selector);
        return receiver((BelfryQueue) destination, selector);
    }

    private BelfryConsumer.OfQueue receiver(BelfryQueue queue, String text) throws JMSException {
        checkOpen();
        checkOwn(queue);
        Selector selector = Selector.of(text);
        return opened(new BelfryConsumer.OfQueue(this, queue, selector, attach(queue, selector)));
    }

    private <T extends BelfryConsumer> T opened(T consumer) throws JMSException {
        state.consumers.add(consumer);
        if (state.closed) {
            domain.end(consumer.local);
            checkOpen();
        }
        if (!connection.mayConsume(consumer.destination)) { // deleted meanwhile
            consumer.close();
            checkOwn(consumer.destination);
        }
        return consumer;
    }

    private void checkOwn(BelfryDestination destination) throws JMSException {
        if (!connection.mayConsume(destination)) throw ((Temporary) destination).notOwn("createConsumer");
    }

    boolean consumes(BelfryDestination destination) {
        return state.consumers.stream().anyMatch(c -> c.destination.equals(destination));
    }

    private LocalConsumer attach(BelfryQueue queue, Selector selector) throws JMSException {
        try {
            return Jms.call(() -> domain.consume(queue.id(), queue.name, selector, state.signal, settings.prefetch()));
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage(), Codes.DESTINATION);
        }
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return receiver(queue(queue), null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, String selector) throws JMSException {
        return receiver(queue(queue), selector);
    }

    @Override
    public QueueSender createSender(Queue queue) throws JMSException {
        return (QueueSender) createProducer(queue);
    }

    @Override
    public Queue createQueue(String name) throws JMSException {
        checkOpen();
        style.refuse(Style.TOPICS, "Session", "createQueue");
        return new BelfryQueue(checked(name, "queue"));
    }

    private static String checked(String name, String of) throws JMSException {
        if (name != null && !name.isEmpty()) return name;
        throw new InvalidDestinationException(
                "Name of a " + of + " is " + (name == null ? "null" : "empty")
                        + "; it must have a character. Give it one.",
                Codes.DESTINATION);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        style.refuse(Style.TOPICS, "Session", "createTemporaryQueue");
        return connection.createTemporaryQueue(state.timeout);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        checkOpen();
        style.refuse(Style.TOPICS, "Session", "createBrowser");
        return new BelfryBrowser(this, queue(queue), Selector.of(selector));
    }

    // ---- topics

    /** Unless it is closed, or was made for queues. */
    private void topics(String call) throws JMSException {
        checkOpen();
        style.refuse(Style.QUEUES, "Session", call);
    }

    private BelfryConsumer.OfTopic subscribe(Topic given, int flags, String name, String text) throws JMSException {
        BelfryTopic topic = (BelfryTopic) ours(given);
        checkOwn(topic);
        Selector selector = Selector.of(text);
        Inbox<Taken> local = subscribing.subscribe(topic, flags, name, selector);
        return opened(new BelfryConsumer.OfTopic(this, topic, selector, (flags & Wish.NO_LOCAL) != 0, local));
    }

    private static int noLocal(boolean is) {
        return is ? Wish.NO_LOCAL : 0;
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        topics("createTopic");
        return new BelfryTopic(checked(name, "topic"));
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        topics("createTemporaryTopic");
        return connection.createTemporaryTopic(state.timeout);
    }

    @Override
    public TopicPublisher createPublisher(Topic topic) throws JMSException {
        return (TopicPublisher) createProducer(topic);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return createSubscriber(topic, null, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, String selector, boolean noLocal) throws JMSException {
        topics("createSubscriber");
        return subscribe(topic, noLocal(noLocal), null, selector);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, String selector) throws JMSException {
        topics("createSharedConsumer");
        return subscribe(topic, Wish.SHARED, name, selector);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return createDurableSubscriber(topic, name, null, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        topics("createDurableSubscriber");
        return subscribe(topic, Wish.DURABLE | noLocal(noLocal), name, selector);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        topics("createDurableConsumer");
        return subscribe(topic, Wish.DURABLE | noLocal(noLocal), name, selector);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, String selector) throws JMSException {
        topics("createSharedDurableConsumer");
        return subscribe(topic, Wish.DURABLE | Wish.SHARED, name, selector);
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        topics("unsubscribe");
        subscribing.unsubscribe(name);
    }

    @Override
    public String toString() {
        return "Session of " + connection + (state.closed ? ", closed" : "");
    }
}
