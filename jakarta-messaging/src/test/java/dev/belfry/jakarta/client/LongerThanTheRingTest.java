package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent at once may be longer than the log's present ring: it grows, and nobody loses a message. */
class LongerThanTheRingTest extends DomainTest {
    @Override
    String scheme() {
        return "shm";
    }

    private static BytesMessage message(Session session, int length) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[length]);
        return message;
    }

    private static void assertReceived(MessageConsumer consumer, int length) throws JMSException {
        BytesMessage received = (BytesMessage) consumer.receive(Patience.limit().toMillis());
        assertThat(received).as("a message of %d bytes", length).isNotNull();
        assertThat(received.getBodyLength()).isEqualTo(length);
    }

    /** The second one is longer than the ring that the first one has made. */
    @ParameterizedTest
    @ValueSource(ints = {65_500, 8_000_000})
    void shouldKeepWhatIsThereAndWhatComesAfter(int length) throws JMSException {
        BelfryConnection here = connect("capacity=64k");
        send(auto(here), "orders", "1", "2", "3");
        BelfrySession sender = auto(connect(new Domains(), "capacity=64k"));
        MessageProducer producer = sender.createProducer(queue("large"));
        producer.send(message(sender, length));
        producer.send(message(sender, 2 * length));
        send(auto(here), "orders", "4");
        BelfryConnection third = connect(new Domains(), "capacity=64k");
        assertThat(texts(auto(third).createConsumer(queue("orders")), 4)).containsExactly("1", "2", "3", "4");
        MessageConsumer large = auto(third).createConsumer(queue("large"));
        assertReceived(large, length);
        assertReceived(large, 2 * length);
    }

    @Test
    void shouldTakeAMessageLongerThanAFreshRing() throws JMSException {
        BelfrySession session = auto(connect("capacity=64k"));
        MessageConsumer consumer = session.createConsumer(queue("q"));
        session.createProducer(queue("q")).send(message(session, 3 << 20));
        assertReceived(consumer, 3 << 20);
    }

    @Test
    void shouldTakeATransactionLongerThanTheRing() throws JMSException {
        BelfrySession session = transacted(connect("capacity=64k"));
        MessageProducer producer = session.createProducer(queue("q"));
        for (int i = 0; i < 9_000; i++) producer.send(message(session, 1 << 10));
        session.commit();
        MessageConsumer consumer = auto(connect(new Domains(), "capacity=64k")).createConsumer(queue("q"));
        for (int i = 0; i < 9_000; i++) assertReceived(consumer, 1 << 10);
    }
}
