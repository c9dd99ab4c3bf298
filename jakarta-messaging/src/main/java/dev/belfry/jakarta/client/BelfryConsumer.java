package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.selector.Selector;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;

/** A consumer [8]. Its session decides what is delivered, and when it is acknowledged. */
abstract class BelfryConsumer implements MessageConsumer {
    private final BelfrySession session;
    final BelfryDestination destination;
    private final Selector selector;
    final Inbox<Taken> local;
    private volatile MessageListener listener;
    private volatile boolean closed;

    BelfryConsumer(BelfrySession session, BelfryDestination destination, Selector selector, Inbox<Taken> local) {
        this.session = session;
        this.destination = destination;
        this.selector = selector;
        this.local = local;
    }

    boolean isClosed() {
        return closed;
    }

    void markClosed() {
        closed = true;
    }

    MessageListener listener() {
        return listener;
    }

    void listener(MessageListener newListener) {
        listener = newListener;
    }

    void checkOpen() throws JMSException {
        if (closed) throw Jms.closed("Consumer of " + destination);
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector.selectsAll() ? null : selector.toString();
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return listener;
    }

    @Override
    public void setMessageListener(MessageListener newListener) throws JMSException {
        session.listening.listen(this, newListener);
    }

    @Override
    public Message receive() throws JMSException {
        return receive(0);
    }

    /** 0: for ever. */
    @Override
    public Message receive(long millis) throws JMSException {
        return session.receiving.receive(this, millis == 0 ? BelfrySession.FOREVER : Math.max(0, millis));
    }

    @Override
    public Message receiveNoWait() throws JMSException {
        return session.receiving.receive(this, 0);
    }

    @Override
    public void close() throws JMSException {
        session.close(this);
    }

    @Override
    public String toString() {
        return "Consumer of " + destination + (closed ? ", closed" : "");
    }

    /** A consumer of a queue [8.2]. */
    static final class OfQueue extends BelfryConsumer implements QueueReceiver {
        private final BelfryQueue queue;

        OfQueue(BelfrySession session, BelfryQueue queue, Selector selector, Inbox<Taken> local) {
            super(session, queue, selector, local);
            this.queue = queue;
        }

        @Override
        public Queue getQueue() throws JMSException {
            checkOpen();
            return queue;
        }
    }

    /** A consumer of a subscription to a topic [8.3]. */
    static final class OfTopic extends BelfryConsumer implements TopicSubscriber {
        private final BelfryTopic topic;
        private final boolean noLocal;

        OfTopic(BelfrySession session, BelfryTopic topic, Selector selector, boolean noLocal, Inbox<Taken> local) {
            super(session, topic, selector, local);
            this.topic = topic;
            this.noLocal = noLocal;
        }

        @Override
        public Topic getTopic() throws JMSException {
            checkOpen();
            return topic;
        }

        @Override
        public boolean getNoLocal() throws JMSException {
            checkOpen();
            return noLocal;
        }
    }
}
