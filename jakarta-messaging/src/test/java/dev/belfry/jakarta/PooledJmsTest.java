package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.messaginghub.pooled.jms.JmsPoolConnection;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.messaginghub.pooled.jms.JmsPoolSession;

/** A pool of connections, as application servers, Boot and Camel use it: what it gives back is used again. */
@Timeout(60)
@WaitsForOthers
class PooledJmsTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int CONNECTIONS = 4;

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private final String domain = "mem:pool" + NUMBER.incrementAndGet();
    private final JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
    private final Set<Connection> connections = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Session> sessions = Collections.newSetFromMap(new IdentityHashMap<>());

    PooledJmsTest() {
        pool.setConnectionFactory(new BelfryConnectionFactory(domain + "?linger=1s"));
        pool.setMaxConnections(CONNECTIONS);
    }

    @AfterEach
    void end() {
        pool.stop();
        MessageQueues.delete(domain);
        // That line comes once in a JVM: of this class's first test, if no other was before it.
        assertThat(log.text().lines())
                .filteredOn(line -> !line.contains("messages sent PERSISTENT are in memory"))
                .isEmpty();
    }

    private interface Work {
        void with(Session session) throws JMSException;
    }

    /** As each call of a program does it: connection and session are opened, and closed again. */
    private void inSession(int mode, Work work) throws JMSException {
        try (Connection connection = pool.createConnection()) {
            connection.start();
            connections.add(((JmsPoolConnection) connection).getConnection());
            try (Session session = connection.createSession(mode)) {
                sessions.add(((JmsPoolSession) session).getInternalSession());
                work.with(session);
            }
        }
    }

    private static String next(MessageConsumer consumer) throws JMSException {
        return ((TextMessage) consumer.receive(Patience.limit().toMillis())).getText();
    }

    @Test
    void shouldUseSessionsAgainForQueues() throws JMSException {
        for (int i = 0; i < 30; i++) {
            String text = "" + i;
            inSession(Session.SESSION_TRANSACTED, session -> {
                session.createProducer(session.createQueue("orders")).send(session.createTextMessage(text));
                session.commit();
            });
            inSession(Session.SESSION_TRANSACTED, session -> {
                try (MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
                    assertThat(next(consumer)).isEqualTo(text);
                } // and is rolled back by the pool
            });
            inSession(Session.AUTO_ACKNOWLEDGE, session -> {
                try (MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
                    assertThat(next(consumer)).isEqualTo(text);
                    assertThat(consumer.receiveNoWait()).isNull();
                }
            });
        }
        assertThat(connections).hasSize(CONNECTIONS);
        assertThat(sessions).hasSize(2 * CONNECTIONS); // of each connection, one of each mode
    }

    @Test
    void shouldUseSessionsAgainThatHadAListener() throws JMSException {
        List<String> heard = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 2 * CONNECTIONS; i++) {
            int before = i;
            inSession(Session.AUTO_ACKNOWLEDGE, session -> {
                try (MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
                    consumer.setMessageListener(
                            message -> heard.add(Thread.currentThread().getName()));
                    try (JMSContext sender = pool.createContext()) {
                        sender.createProducer().send(sender.createQueue("orders"), "x");
                    }
                    Patience.until("heard", () -> heard.size() > before);
                }
            });
        }
        inSession(Session.AUTO_ACKNOWLEDGE, session -> {
            session.createProducer(session.createQueue("orders")).send(session.createTextMessage("to nobody"));
            try (MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
                assertThat(next(consumer)).isEqualTo("to nobody");
            }
        });
        assertThat(heard).hasSize(2 * CONNECTIONS);
        assertThat(sessions).hasSizeLessThanOrEqualTo(CONNECTIONS);
    }

    @Test
    void shouldServeTopicsByAllConnections() throws JMSException {
        List<Connection> open = new ArrayList<>();
        List<MessageConsumer> subscribers = new ArrayList<>();
        for (int i = 0; i < 2 * CONNECTIONS; i++) {
            Connection connection = pool.createConnection();
            connection.start();
            open.add(connection);
            Session session = connection.createSession();
            Topic news = session.createTopic("news");
            subscribers.add(
                    i % 2 == 0 ? session.createConsumer(news) : session.createSharedDurableConsumer(news, "s" + i));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            String text = "" + i;
            inSession(Session.AUTO_ACKNOWLEDGE, session -> session.createProducer(session.createTopic("news"))
                    .send(session.createTextMessage(text)));
        }
        for (MessageConsumer subscriber : subscribers)
            for (int i = 0; i < CONNECTIONS; i++) assertThat(next(subscriber)).isEqualTo("" + i);
        assertThat(pool.getNumConnections()).isEqualTo(CONNECTIONS);
        for (Connection connection : open) connection.close(); // and with it, its consumers
        inSession(Session.AUTO_ACKNOWLEDGE, session -> {
            for (int i = 1; i < 2 * CONNECTIONS; i += 2) session.unsubscribe("s" + i);
        });
    }
}
