package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.selector.Selector;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;

/** A consumer of a queue [8.2]. Its session decides what is delivered, and when it is acknowledged. */
final class BelfryConsumer implements QueueReceiver {
    private final BelfrySession session;
    private final BelfryQueue queue;
    private final Selector selector;
    private final LocalConsumer local;
    private volatile MessageListener listener;
    private volatile boolean closed;

    BelfryConsumer(BelfrySession session, BelfryQueue queue, Selector selector, LocalConsumer local) {
        this.session = session;
        this.queue = queue;
        this.selector = selector;
        this.local = local;
    }

    LocalConsumer local() {
        return local;
    }

    BelfryQueue queue() {
        return queue;
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
        if (closed) throw Jms.closed("Consumer of " + queue);
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector.selectsAll() ? null : selector.toString();
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return queue;
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return listener;
    }

    @Override
    public void setMessageListener(MessageListener newListener) throws JMSException {
        session.listen(this, newListener);
    }

    @Override
    public Message receive() throws JMSException {
        return receive(0);
    }

    /** 0: for ever. */
    @Override
    public Message receive(long millis) throws JMSException {
        return session.receive(this, millis == 0 ? BelfrySession.FOREVER : Math.max(0, millis));
    }

    @Override
    public Message receiveNoWait() throws JMSException {
        return session.receive(this, 0);
    }

    @Override
    public void close() throws JMSException {
        session.close(this);
    }

    @Override
    public String toString() {
        return "Consumer of " + queue + (closed ? ", closed" : "");
    }
}
