package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Patience;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/** What is sent is encoded into buffers that are used again: each message has its own bytes all the same. */
class OwnBytesTest extends DomainTest {
    private static final int[] LENGTHS = {300, 0, 70_000, 5, 299, 1_000, 5};
    private static final int THREADS = 4;
    private static final int EACH = 500;
    private static final int ROUNDS = 8;

    private static final CompletionListener NOTHING = new CompletionListener() {
        @Override
        public void onCompletion(Message message) {}

        @Override
        public void onException(Message message, Exception exception) {
            throw new AssertionError(exception);
        }
    };

    /** A way to send. */
    private interface Way {
        void send(MessageProducer producer, Message message) throws JMSException;
    }

    private static byte[] body(int number, int length) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) body[i] = (byte) (number + i * (1 + number % 7));
        return body;
    }

    private void sendAll(Session session, MessageProducer producer, Way way) throws JMSException {
        for (int i = 0; i < LENGTHS.length; i++) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(body(i, LENGTHS[i]));
            way.send(producer, message);
        }
    }

    private void expectAll(MessageConsumer consumer) throws JMSException {
        for (int i = 0; i < LENGTHS.length; i++)
            assertThat(consumer.receive(Patience.limit().toMillis()).getBody(byte[].class))
                    .as("message %d", i)
                    .isEqualTo(body(i, LENGTHS[i]));
    }

    @Test
    void shouldKeepTheBytesOfEachMessageOfAProducer() throws JMSException {
        BelfryConnection connection = connect();
        MessageConsumer consumer = auto(connection).createConsumer(queue("q"));
        for (Session session : List.of(auto(connection), transacted(connection)))
            for (Way way : List.<Way>of(MessageProducer::send, (p, m) -> p.send(m, NOTHING)))
                for (int delay = 0; delay < 2; delay++) {
                    MessageProducer producer = session.createProducer(queue("q"));
                    producer.setDeliveryDelay(delay);
                    sendAll(session, producer, way);
                    if (session.getTransacted()) session.commit();
                    expectAll(consumer);
                }
    }

    /** A body lies among the bytes that were read from the log, of which it is made again. */
    @Test
    void shouldKeepTheBytesOfAMessageThatIsWrittenOverAfterReceipt() throws JMSException {
        BelfryConnection connection = connect();
        Session session = client(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        sendAll(session, session.createProducer(queue("q")), MessageProducer::send);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < LENGTHS.length; j++) {
                BytesMessage message =
                        (BytesMessage) consumer.receive(Patience.limit().toMillis());
                assertThat(message.getBodyLength()).isEqualTo(LENGTHS[j]);
                assertThat(message.getBody(byte[].class)).isEqualTo(body(j, LENGTHS[j]));
                byte[] some = new byte[LENGTHS[j] / 2];
                message.readBytes(some);
                assertThat(some).isEqualTo(body(j, some.length));
                message.reset();
                message.readBytes(some);
                assertThat(some).isEqualTo(body(j, some.length));
                message.clearBody();
                message.writeBytes(new byte[LENGTHS[j]]);
            }
            session.recover();
        }
        expectAll(consumer);
    }

    /** As it was received. */
    @Test
    void shouldKeepTheBytesOfAMessageThatIsSentOn() throws JMSException {
        Session session = auto(connect());
        sendAll(session, session.createProducer(queue("first")), MessageProducer::send);
        MessageConsumer first = session.createConsumer(queue("first"));
        MessageProducer producer = session.createProducer(queue("q"));
        for (int i = 0; i < LENGTHS.length; i++)
            producer.send(first.receive(Patience.limit().toMillis()));
        expectAll(session.createConsumer(queue("q")));
    }

    @Test
    void shouldKeepTheBytesOfWhatManySessionsSend() throws JMSException {
        BelfryConnection connection = connect();
        List<MessageProducer> producers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) producers.add(auto(connection).createProducer(queue("q")));
        expectAllOf(connection, producers);
    }

    /** As a callback may do while the thread of its session sends. */
    @Test
    void shouldKeepTheBytesOfWhatManyThreadsSendByOneProducer() throws JMSException {
        BelfryConnection connection = connect();
        MessageProducer producer = auto(connection).createProducer(queue("q"));
        expectAllOf(connection, List.of(producer, producer, producer, producer));
    }

    /** Where a machine is busy, threads may come one after the other in a round. */
    private void expectAllOf(BelfryConnection connection, List<MessageProducer> producers) throws JMSException {
        MessageConsumer consumer = auto(connection).createConsumer(queue("q"));
        for (int i = 0; i < ROUNDS; i++) expectAllOf(connection, producers, consumer);
    }

    private void expectAllOf(BelfryConnection connection, List<MessageProducer> producers, MessageConsumer consumer)
            throws JMSException {
        CyclicBarrier all = new CyclicBarrier(THREADS);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        List<byte[]> bodies = new ArrayList<>();
        Session maker = auto(connection);
        for (int i = 0; i < THREADS; i++) {
            MessageProducer producer = producers.get(i);
            List<BytesMessage> messages = new ArrayList<>();
            for (int j = 0; j < EACH; j++) {
                byte[] body = body(i * EACH + j, 1 + j % 300);
                BytesMessage message = maker.createBytesMessage();
                message.writeBytes(body);
                bodies.add(body);
                messages.add(message);
            }
            threads.add(
                    CompletableFuture.runAsync(() -> send(producer, messages, all), task -> new Thread(task).start()));
        }
        threads.forEach(CompletableFuture::join);
        List<byte[]> got = new ArrayList<>();
        for (int i = 0; i < bodies.size(); i++)
            got.add(consumer.receive(Patience.limit().toMillis()).getBody(byte[].class));
        assertThat(got).containsExactlyInAnyOrderElementsOf(bodies);
    }

    private static void send(MessageProducer producer, List<BytesMessage> messages, CyclicBarrier all) {
        try {
            all.await();
            for (BytesMessage message : messages) producer.send(message);
        } catch (JMSException | InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }
}
