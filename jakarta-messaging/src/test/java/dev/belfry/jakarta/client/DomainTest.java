package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A domain of each test's own, and short words for what every test does. */
@Timeout(60)
abstract class DomainTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    /** Something that takes this long in a test has not happened. */
    static final long SHORT = 50;

    final String domain = scheme() + ":" + getClass().getSimpleName()
            + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final Domains here = new Domains();
    private final Deque<Connection> connections = new ArrayDeque<>();

    /** Of the transport whose log it is; classes over another one extend the tests of this one. */
    String scheme() {
        return "mem";
    }

    @AfterEach
    void closeAll() throws JMSException {
        while (!connections.isEmpty()) connections.pop().close();
        MessageQueues.delete(domain);
    }

    /** Closes all, and deletes the pages in this directory, as they stay when a domain goes. */
    void closeAllWithPages(Path spool) throws JMSException, IOException {
        closeAll();
        try (Stream<Path> lives = Files.list(spool)) {
            lives.forEach(life -> Patience.until("its members' threads have closed it", () -> isDeleted(life)));
        }
    }

    private static boolean isDeleted(Path life) {
        try {
            return MessageQueues.delete("file:" + life + "?anyFileSystem=true");
        } catch (InUseException inUse) {
            return false;
        }
    }

    /** Started, of the member that all have that do not say another. */
    BelfryConnection connect(String... settings) throws JMSException {
        return connect(here, settings);
    }

    BelfryConnection connect(Domains member, String... settings) throws JMSException {
        BelfryConnection connection = open(member, settings);
        connection.start();
        return connection;
    }

    BelfryConnection open(Domains member, String... settings) throws JMSException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("linger=0s");
        if (all.stream().noneMatch(s -> s.startsWith("sendTimeout"))) all.add("sendTimeout=20s");
        BelfryConnection connection =
                new BelfryConnection(Settings.of(domain + "?" + String.join("&", all), Map.of()), member);
        connections.push(connection);
        return connection;
    }

    static BelfrySession auto(BelfryConnection connection) throws JMSException {
        return connection.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    static BelfrySession client(BelfryConnection connection) throws JMSException {
        return connection.createSession(Session.CLIENT_ACKNOWLEDGE);
    }

    static BelfrySession transacted(BelfryConnection connection) throws JMSException {
        return connection.createSession(Session.SESSION_TRANSACTED);
    }

    static Queue queue(String name) {
        return new BelfryQueue(name);
    }

    static void send(Session session, String queue, String... texts) throws JMSException {
        MessageProducer producer = session.createProducer(queue(queue));
        for (String text : texts) producer.send(session.createTextMessage(text));
        producer.close();
    }

    /** The next one, which is there or on its way. */
    static TextMessage next(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(Patience.limit().toMillis());
        assertThat(message).as("the next message").isNotNull();
        return (TextMessage) message;
    }

    static String text(MessageConsumer consumer) throws JMSException {
        return next(consumer).getText();
    }

    static List<String> texts(MessageConsumer consumer, int n) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < n; i++) texts.add(text(consumer));
        return texts;
    }

    /** All that is there now. */
    static List<String> drain(MessageConsumer consumer) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (Message m = consumer.receiveNoWait(); m != null; m = consumer.receiveNoWait())
            texts.add(((TextMessage) m).getText());
        return texts;
    }

    /** All that it shows now. */
    static List<String> browse(QueueBrowser browser) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (Enumeration<?> all = browser.getEnumeration(); all.hasMoreElements(); )
            texts.add(((TextMessage) all.nextElement()).getText());
        return texts;
    }

    static int count(Message message) throws JMSException {
        return message.getIntProperty("JMSXDeliveryCount");
    }
}
