package dev.belfry.benchmarks;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A queue of Jakarta Messaging, of any provider: a connection and a session for each side, since a
 * broker may make a whole connection wait for room. AUTO with a MessageListener or with {@code
 * receive}, or both sides transacted by a hundred.
 */
final class JakartaProduct implements Product {
    /** How messages are acknowledged, and whether the client or the provider makes the call. */
    enum Way {
        LISTENER,
        RECEIVE,
        TRANSACTED
    }

    private static final int TRANSACTION = 100;

    private final ConnectionFactory factory;
    private final List<Connection> connections = new ArrayList<>();
    private final Way way;
    private final int deliveryMode;

    /** {@code where}: see {@link JakartaProviders}. */
    JakartaProduct(Way way, boolean persistent, String where) throws Exception {
        this.way = way;
        deliveryMode = persistent ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        factory = JakartaProviders.factory(where);
    }

    private Session session() throws JMSException {
        Connection connection = factory.createConnection();
        connections.add(connection);
        connection.start();
        return connection.createSession(way == Way.TRANSACTED ? Session.SESSION_TRANSACTED : Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public Sender sender(String channel, int length) throws JMSException {
        Session session = session();
        MessageProducer producer = session.createProducer(session.createQueue(channel));
        producer.setDeliveryMode(deliveryMode);
        byte[] filling = Message.filling(length);
        return new Sender() {
            private int sent;

            @Override
            public void send(long sequence, long due, long now) {
                try {
                    producer.send(message(session, filling, sequence, due, now));
                    if (way == Way.TRANSACTED && (++sent % TRANSACTION == 0 || isEnd(sequence))) session.commit();
                } catch (JMSException e) {
                    throw unchecked(e);
                }
            }
        };
    }

    private static boolean isEnd(long sequence) {
        return (sequence & Message.END) == Message.END;
    }

    static BytesMessage message(Session session, byte[] filling, long sequence, long due, long now)
            throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeLong(sequence);
        message.writeLong(due);
        message.writeLong(now);
        int between = filling.length - Message.SHORTEST;
        if (between > 0) message.writeBytes(filling, Message.FILLING, between);
        message.writeLong(sequence);
        return message;
    }

    @Override
    public Receiver receiver(String channel) throws JMSException {
        Session session = session();
        MessageConsumer consumer = session.createConsumer(session.createQueue(channel));
        return way == Way.LISTENER ? new Listening(consumer) : new Receiving(session, consumer);
    }

    private static void accept(jakarta.jms.Message received, Inbox inbox) throws JMSException {
        BytesMessage message = (BytesMessage) received;
        int length = (int) message.getBodyLength();
        long sequence = message.readLong();
        long due = message.readLong();
        long sent = message.readLong();
        byte[] between = new byte[length - Message.SHORTEST];
        if (between.length > 0) message.readBytes(between);
        if (inbox.accept(sequence, due, sent, message.readLong(), length))
            for (int i = 0; i < between.length; i++) inbox.acceptByte(Message.FILLING + i, between[i]);
    }

    private final class Receiving implements Receiver {
        private final Session session;
        private final MessageConsumer consumer;
        private int received;

        Receiving(Session session, MessageConsumer consumer) {
            this.session = session;
            this.consumer = consumer;
        }

        @Override
        public void receive(Inbox inbox) {
            try {
                jakarta.jms.Message message = consumer.receive(1000);
                if (message == null) return;
                JakartaProduct.accept(message, inbox);
                if (way == Way.TRANSACTED && (++received % TRANSACTION == 0 || inbox.isOver())) session.commit();
            } catch (JMSException e) {
                throw unchecked(e);
            }
        }
    }

    /** The round's thread waits while the session's thread counts. */
    private static final class Listening implements Receiver {
        private final Semaphore begun = new Semaphore(0);
        private final Semaphore over = new Semaphore(0);
        private volatile Inbox inbox;
        private volatile RuntimeException failure;
        private boolean counting;

        Listening(MessageConsumer consumer) throws JMSException {
            consumer.setMessageListener(this::onMessage);
        }

        private void onMessage(jakarta.jms.Message message) {
            try {
                if (!counting) begun.acquireUninterruptibly();
                counting = true;
                JakartaProduct.accept(message, inbox);
                if (!inbox.isOver()) return;
                counting = false;
            } catch (JMSException | RuntimeException e) {
                failure = new IllegalStateException(e);
            }
            over.release();
        }

        @Override
        public void receive(Inbox into) {
            inbox = into;
            begun.release();
            over.acquireUninterruptibly();
            if (failure != null) throw failure;
        }
    }

    static JMSRuntimeException unchecked(JMSException e) {
        return new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }

    @Override
    public void close() {
        try {
            for (Connection connection : connections) connection.close();
            JakartaProviders.stopBrokers();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
