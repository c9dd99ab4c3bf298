package dev.belfry.jakarta.soak;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.spi.Log;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;

/**
 * The places of a soak's domain ({@link Mode#PLACES}). The subscriptions that last are there before the first message.
 * One that is not durable lasts because this has a consumer, which receives at the end: then a process lives all the
 * time.
 */
final class Lasting implements AutoCloseable {
    /** Of the one connection that has the durable subscription. */
    static final String CLIENT = "audit";

    private final String uri;
    private final Connection connection;
    private final MessageConsumer shared;

    Lasting(String uri, boolean withShared) throws JMSException {
        this.uri = uri;
        try (Connection audit = connect(uri)) {
            audit.setClientID(CLIENT);
            consumer(audit.createSession(), Mode.DURABLE).close();
        }
        Connection other = connect(uri);
        Session session = other.createSession();
        consumer(session, Mode.SHARED_DURABLE).close();
        shared = withShared ? consumer(session, Mode.SHARED) : null;
        if (!withShared) other.close();
        connection = withShared ? other : null;
    }

    static Connection connect(String uri) throws JMSException {
        return new BelfryConnectionFactory(uri + "&maxDeliveries=0&linger=0s").createConnection();
    }

    /** So many places last. */
    int places() {
        return shared == null ? Mode.SHARED : Mode.SHARED + 1;
    }

    /** From now on it receives; null: there is none. */
    MessageConsumer shared() throws JMSException {
        if (connection != null) connection.start();
        return shared;
    }

    static Destination destination(Session session, int place) throws JMSException {
        return place < Mode.TOPIC ? session.createQueue(Mode.PLACES[place]) : session.createTopic("t");
    }

    static MessageConsumer consumer(Session session, int place) throws JMSException {
        Destination from = destination(session, place);
        String name = Mode.PLACES[place];
        return switch (place) {
            case Mode.DURABLE -> session.createDurableConsumer((Topic) from, name);
            case Mode.SHARED_DURABLE -> session.createSharedDurableConsumer((Topic) from, name);
            case Mode.SHARED -> session.createSharedConsumer((Topic) from, name);
            default -> session.createConsumer(from);
        };
    }

    /** The dead have left, and nothing is kept for anybody. */
    boolean isEmpty() {
        Domain watch = new Domain(uri, MessageQueues.open(uri + "&" + Log.KIND + "=" + Log.DOMAIN));
        try {
            watch.freeOfTheDead();
            return Held.live(watch) == 0;
        } finally {
            watch.close(Duration.ZERO);
        }
    }

    @Override
    public void close() throws JMSException {
        if (connection != null) connection.close();
    }
}
