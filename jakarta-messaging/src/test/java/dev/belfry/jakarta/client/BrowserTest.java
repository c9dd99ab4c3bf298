package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Enumeration;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Browsers [8.9]: one rule each. */
class BrowserTest extends DomainTest {
    @Test
    void shouldShowWhatIsThereAndTakeNothing_8_9() throws JMSException {
        BelfryConnection stopped = open(new Domains());
        Session session = auto(stopped);
        send(session, "q", "1", "2");
        send(session, "p", "of another queue");
        MessageProducer urgent = session.createProducer(queue("q"));
        urgent.setPriority(9);
        urgent.send(session.createTextMessage("first"));
        QueueBrowser browser = session.createBrowser(queue("q"));
        assertThat(browse(browser)).containsExactly("first", "1", "2");
        send(session, "q", "3");
        assertThat(browse(browser)).containsExactly("first", "1", "2", "3"); // each enumeration begins again
        assertThat(browse(auto(connect()).createBrowser(queue("q")))).hasSize(4);
        assertThat(browse(session.createBrowser(queue("nothing")))).isEmpty();
        assertThat(texts(auto(connect()).createConsumer(queue("q")), 4)).containsExactly("first", "1", "2", "3");
        assertThat(browse(browser)).isEmpty();
    }

    @Test
    void shouldSelect_8_9() throws JMSException {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        for (int i = 0; i < 6; i++) {
            TextMessage m = session.createTextMessage("" + i);
            m.setIntProperty("n", i);
            producer.send(m);
        }
        QueueBrowser browser = session.createBrowser(queue("q"), "n > 3");
        assertThat(browse(browser)).containsExactly("4", "5");
        assertThat(browser.getMessageSelector()).isEqualTo("n > 3");
        assertThat(browser.getQueue()).isEqualTo(queue("q"));
        assertThat(session.createBrowser(queue("q"), "").getMessageSelector()).isNull();
        assertThatThrownBy(() -> session.createBrowser(queue("q"), "n >")).isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void shouldNotShowWhatIsDeliveredNotDueOrExpired_8_9() throws Exception {
        BelfryConnection connection = connect("prefetch=4");
        BelfrySession client = client(connection);
        send(client, "q", "1", "2", "3");
        MessageProducer producer = client.createProducer(queue("q"));
        producer.setDeliveryDelay(100_000);
        producer.send(client.createTextMessage("later"));
        producer.setDeliveryDelay(0);
        producer.setTimeToLive(1);
        producer.send(client.createTextMessage("expired"));
        Thread.sleep(5);
        MessageConsumer consumer = client.createConsumer(queue("q"));
        assertThat(texts(consumer, 2)).containsExactly("1", "2"); // the third is taken with the second
        QueueBrowser browser = auto(connection).createBrowser(queue("q"));
        assertThat(browse(browser)).containsExactly("3");
        client.recover();
        assertThat(browse(browser)).containsExactly("1", "2", "3");
        Message again = (Message) browser.getEnumeration().nextElement();
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Test
    void shouldSkipWhatVanishesMeanwhile_8_9() throws JMSException {
        Session session = auto(connect());
        send(session, "q", "1", "2", "3");
        Enumeration<?> all = session.createBrowser(queue("q")).getEnumeration();
        assertThat(((TextMessage) all.nextElement()).getText()).isEqualTo("1");
        MessageConsumer consumer = auto(connect(new Domains())).createConsumer(queue("q"));
        assertThat(texts(consumer, 2)).containsExactly("1", "2");
        assertThat(((TextMessage) all.nextElement()).getText()).isEqualTo("3");
        assertThat(all.hasMoreElements()).isFalse();
        assertThatThrownBy(all::nextElement).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void shouldSkipWhatExpiresMeanwhile_8_9() throws JMSException {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        Message message = session.createTextMessage("expires");
        producer.send(message, 2, 4, 200);
        send(session, "q", "stays");
        Enumeration<?> all = session.createBrowser(queue("q")).getEnumeration();
        Patience.until("it has expired", () -> System.currentTimeMillis() > expiration(message));
        assertThat(((TextMessage) all.nextElement()).getText()).isEqualTo("stays");
        assertThat(all.hasMoreElements()).isFalse();
    }

    private static long expiration(Message message) {
        return Jms.unchecked(message::getJMSExpiration);
    }

    @Test
    void shouldEndWhenItIsClosed_8_9() throws JMSException {
        Session session = auto(connect());
        send(session, "q", "1");
        QueueBrowser browser = session.createBrowser(queue("q"));
        Enumeration<?> all = browser.getEnumeration();
        browser.close();
        browser.close();
        assertThat(all.hasMoreElements()).isFalse();
        assertThatThrownBy(browser::getEnumeration).isInstanceOf(IllegalStateException.class);
        QueueBrowser other = session.createBrowser(queue("q"));
        session.close();
        assertThatThrownBy(other::getQueue).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createBrowser(queue("q"))).isInstanceOf(IllegalStateException.class);
    }
}
