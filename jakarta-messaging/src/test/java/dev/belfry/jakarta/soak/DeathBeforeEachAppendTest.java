package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.client.Settings;
import dev.belfry.jakarta.domain.Domains;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A member receives from one queue and sends to two others in each transaction, small ones and one
 * in stages. It dies before its first append, in the next round before its second one, and so on.
 * Each message is then in the first queue, or in both others.
 */
@Timeout(60)
class DeathBeforeEachAppendTest {
    private static final int MESSAGES = 12;
    private static final int LARGE = 20_000;

    private final String name = "DeathBefore" + ProcessHandle.current().pid();

    /** No catch of the product's takes it for a failure of the call. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1;

        Death() {
            super("died", null, false, false);
        }
    }

    @Test
    void shouldMoveAllOrNothing() throws JMSException {
        int deaths = 0;
        while (diesBefore(deaths + 1)) deaths++;
        assertThat(deaths).isGreaterThan(2 * MESSAGES / 3);
    }

    /** False: it has made fewer appends. */
    private boolean diesBefore(int append) throws JMSException {
        BelfryConnection other = connect("mem:" + name);
        try (other) {
            Session session = other.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue("from"));
            for (int i = 0; i < MESSAGES; i++) producer.send(session.createTextMessage("" + i));
            List<String> committed = new ArrayList<>();
            boolean died = move(append, committed);
            List<String> first = drain(session, "p");
            List<String> left = drain(session, "from");
            assertThat(drain(session, "q")).isEqualTo(first);
            assertThat(first).as("death before append %d", append).containsAll(committed);
            List<String> all = new ArrayList<>(first);
            all.addAll(left);
            assertThat(all)
                    .as("death before append %d", append)
                    .doesNotHaveDuplicates()
                    .hasSize(MESSAGES);
            return died;
        } finally {
            MortalTransport.beforeAppend = () -> {};
            MessageQueues.delete("mem:" + name);
        }
    }

    private static BelfryConnection connect(String uri) throws JMSException {
        BelfryConnection connection = new BelfryConnection(
                Settings.of(uri + "?linger=0s&capacity=1m&maxCapacity=1m", Map.of()), new Domains());
        connection.start();
        return connection;
    }

    /** Whether it has died. */
    private boolean move(int append, List<String> committed) throws JMSException {
        AtomicInteger appends = new AtomicInteger();
        MortalTransport.beforeAppend = () -> {
            if (appends.incrementAndGet() < append) return;
            MortalTransport.opened.close(); // its byte is free
            throw new Death();
        };
        try (BelfryConnection mortal = connect("mortal:mem." + name)) {
            Session session = mortal.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue("from"));
            MessageProducer producer = session.createProducer(null);
            for (int i = 0; i < MESSAGES / 3; i++) {
                List<String> open = new ArrayList<>();
                for (int j = 0; j < 3; j++) {
                    String text = ((TextMessage) consumer.receive()).getText();
                    String filled = text + " " + "x".repeat(i == 1 ? LARGE : 0);
                    for (String queue : List.of("p", "q"))
                        producer.send(session.createQueue(queue), session.createTextMessage(filled));
                    open.add(text);
                }
                if (i == 2) session.rollback();
                else {
                    session.commit();
                    committed.addAll(open);
                }
            }
            return false;
        } catch (Death death) {
            return true;
        } catch (JMSException | RuntimeException e) {
            if (appends.get() < append) throw e; // else its daemon has died before
            return true;
        }
    }

    /** All that is there or held by the dead, by number. */
    private static List<String> drain(Session session, String queue) throws JMSException {
        TreeSet<String> texts = new TreeSet<>();
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            while (session.createBrowser(session.createQueue(queue))
                    .getEnumeration()
                    .hasMoreElements()) {
                Message message = consumer.receive(100);
                if (message == null) continue;
                assertThat(texts.add(((TextMessage) message).getText().split(" ")[0]))
                        .isTrue();
            }
        }
        return List.copyOf(texts);
    }
}
