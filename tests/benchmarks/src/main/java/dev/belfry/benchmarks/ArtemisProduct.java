package dev.belfry.benchmarks;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.activemq.artemis.jms.client.ActiveMQConnection;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * Jakarta Messaging over loopback TCP: a topic, nothing persistent, nobody waits for the broker's
 * answer. The broker is a process of its own, {@link ArtemisBroker}.
 */
final class ArtemisProduct implements Product {
    static final String SETTINGS =
            "?blockOnNonDurableSend=false&blockOnAcknowledge=false&producerWindowSize=1048576&consumerWindowSize=1048576";
    private final ActiveMQConnection connection;

    ArtemisProduct(String portFile) throws IOException, JMSException {
        String port = Files.readString(Path.of(portFile));
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port + SETTINGS);
        connection = (ActiveMQConnection) factory.createConnection();
        connection.start();
    }

    private Session session() throws JMSException {
        return connection.createSession(false, Session.DUPS_OK_ACKNOWLEDGE);
    }

    @Override
    public Sender sender(String channel, int length) throws JMSException {
        Session session = session();
        MessageProducer producer = session.createProducer(session.createTopic(channel));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.setDisableMessageID(true);
        producer.setDisableMessageTimestamp(true);
        byte[] filling = Message.filling(length);
        return (sequence, due, now) -> {
            try {
                BytesMessage message = session.createBytesMessage();
                message.writeLong(sequence);
                message.writeLong(due);
                message.writeLong(now);
                if (length > Message.SHORTEST) message.writeBytes(filling, Message.FILLING, length - 32);
                message.writeLong(sequence);
                producer.send(message);
            } catch (JMSException e) {
                throw unchecked(e);
            }
        };
    }

    @Override
    public Receiver receiver(String channel) throws JMSException {
        Session session = session();
        MessageConsumer consumer = session.createConsumer(session.createTopic(channel));
        return new Receiver() {
            private byte[] filling = {};

            @Override
            public void receive(Inbox inbox) {
                try {
                    BytesMessage message = (BytesMessage) consumer.receive(1000);
                    if (message != null) accept(message, inbox);
                } catch (JMSException e) {
                    throw unchecked(e);
                }
            }

            private void accept(BytesMessage message, Inbox inbox) throws JMSException {
                int length = (int) message.getBodyLength();
                long sequence = message.readLong();
                long due = message.readLong();
                long sent = message.readLong();
                int between = length - Message.SHORTEST;
                if (filling.length < between) filling = new byte[between];
                if (between > 0) message.readBytes(filling, between);
                if (inbox.accept(sequence, due, sent, message.readLong(), length))
                    for (int i = 0; i < between; i++) inbox.acceptByte(Message.FILLING + i, filling[i]);
            }
        };
    }

    private static JMSRuntimeException unchecked(JMSException e) {
        return new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }
}
