package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What all members know by heart has a limit. At the limit more of it is refused, and a domain that is full besides can
 * still be drained.
 */
class FullRegistryTest extends DomainTest {
    private static final String[] LOG = {"capacity=64k", "maxCapacity=64k", "sendTimeout=200ms"};
    private static final String FOUR_PARTS = "(?s)Registry of domain .+ has .+ bytes.*; limit is .+\\. .+\\.";

    private static Queue numbered(int i) {
        return queue(i + "x".repeat(96));
    }

    /** A message to each of new queues, until one is refused; how many there are. */
    private static int fill(BelfrySession sender) throws JMSException {
        MessageProducer producer = sender.createProducer(null);
        for (int i = 0; ; i++) {
            try {
                producer.send(numbered(i), sender.createTextMessage("" + i));
            } catch (ResourceAllocationException full) {
                assertRefused(full);
                return i;
            }
        }
    }

    private static void assertRefused(JMSException full) {
        assertThat(full.getErrorCode()).as(full.getMessage()).isEqualTo(Codes.REGISTRY);
        assertThat(full.getMessage()).matches(FOUR_PARTS);
    }

    /** To one queue that is known, until the log is full; how many there are. */
    private static int fillLog(BelfrySession sender, Queue known) throws JMSException {
        MessageProducer producer = sender.createProducer(known);
        for (int i = 0; ; i++) {
            try {
                producer.send(sender.createTextMessage("" + i));
            } catch (ResourceAllocationException full) {
                assertThat(full.getErrorCode()).isEqualTo(QueueFullException.CODE);
                return i;
            }
        }
    }

    private static void receive(BelfrySession session, Queue queue, int n) throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            for (int i = 0; i < n; i++) text(consumer);
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldDrainManyQueuesAndTakeNewOnesThen() throws JMSException {
        BelfrySession sender = auto(connect(LOG));
        int queues = fill(sender);
        assertThat(queues).isGreaterThan(20);
        int more = fillLog(sender, numbered(0));
        assertThat(more).isPositive();
        for (int i = 0; i < queues / 2; i++) receive(sender, numbered(i), i == 0 ? more + 1 : 1);
        BelfrySession late = auto(connect(new Domains(), LOG));
        for (int i = queues / 2; i < queues; i++) receive(late, numbered(i), 1);
        for (int round = 0; round < 3; round++)
            for (int i = 0; i < queues; i++) {
                Queue another = queue(round + "y" + i + "y".repeat(90));
                late.createProducer(another).send(late.createTextMessage(""));
                receive(late, another, 1);
            }
    }

    @Test
    void shouldDrainManyQueuesOfShortNamesThatAllAreConsumed() throws JMSException {
        BelfrySession sender = auto(connect(LOG));
        MessageProducer producer = sender.createProducer(null);
        int sent = 0;
        try {
            for (; ; sent++) producer.send(queue("" + sent), sender.createTextMessage("" + sent));
        } catch (ResourceAllocationException full) {
            assertRefused(full);
        }
        BelfrySession late = auto(connect(new Domains(), LOG));
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < sent; i++) consumers.add(late.createConsumer(queue("" + i)));
        for (int i = 0; i < sent; i++) assertThat(text(consumers.get(i))).isEqualTo("" + i);
        for (MessageConsumer one : consumers) one.close();
        producer.send(queue("another"), sender.createMessage());
    }

    private static List<TemporaryQueue> temporaries(BelfrySession session) throws JMSException {
        List<TemporaryQueue> made = new ArrayList<>();
        while (true) {
            try {
                made.add(session.createTemporaryQueue());
            } catch (ResourceAllocationException full) {
                assertRefused(full);
                return made;
            }
        }
    }

    @Test
    void shouldDrainTemporaryQueuesAndGiveTheirRoomBack() throws JMSException {
        BelfryConnection connection = connect(LOG);
        BelfrySession session = auto(connection);
        List<TemporaryQueue> made = temporaries(session);
        assertThat(made).hasSizeGreaterThan(20);
        int more = fillLog(session, made.get(0));
        assertThatThrownBy(() -> session.createProducer(queue("new")).send(session.createMessage()))
                .isInstanceOf(ResourceAllocationException.class);
        receive(session, made.get(0), more);
        for (TemporaryQueue one : made) one.delete();
        assertThat(temporaries(session).size()).isCloseTo(made.size(), within(5));
        BelfrySession late = auto(connect(new Domains(), LOG));
        assertThatThrownBy(late::createTemporaryQueue).isInstanceOf(ResourceAllocationException.class);
        connection.close();
        assertThat(temporaries(late).size()).isCloseTo(made.size(), within(5));
    }

    @Test
    void shouldRefuseClientIds() throws JMSException {
        BelfryConnection first = open(new Domains(), LOG);
        first.setClientID("a" + "x".repeat(1_500));
        open(new Domains(), LOG).setClientID("b" + "x".repeat(1_500));
        assertThatThrownBy(() -> open(new Domains(), LOG).setClientID("c" + "x".repeat(1_500)))
                .isInstanceOfSatisfying(ResourceAllocationException.class, FullRegistryTest::assertRefused);
        first.close();
        open(new Domains(), LOG).setClientID("c" + "x".repeat(1_500));
    }

    @Test
    void shouldRefuseANameThatIsTooLong() throws JMSException {
        BelfrySession session = auto(connect(LOG));
        MessageProducer producer = session.createProducer(queue("x".repeat(20_000)));
        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOfSatisfying(ResourceAllocationException.class, FullRegistryTest::assertRefused);
    }

    /** Neither at once nor in stages: nothing is sent. */
    @Test
    void shouldRefuseATransactionWithTooManyNames() throws JMSException {
        BelfrySession session = transacted(connect(LOG));
        for (String text : List.of("", "x".repeat(200))) {
            MessageProducer producer = session.createProducer(null);
            for (int i = 0; i < 60; i++) producer.send(numbered(i), session.createTextMessage(text));
            assertThatThrownBy(session::commit)
                    .isInstanceOfSatisfying(TransactionRolledBackException.class, FullRegistryTest::assertRefused);
        }
        assertThat(session.createConsumer(numbered(0)).receiveNoWait()).isNull();
    }

    /** They free what they add. Its name is told when there is room. */
    @Test
    void shouldLetTransactionsMoveToAQueueThatCannotBeNamed() throws JMSException {
        BelfrySession sender = auto(connect(LOG));
        int queues = fill(sender);
        fillLog(sender, numbered(0));
        BelfryConnection other = connect(new Domains(), LOG);
        BelfrySession worker = transacted(other);
        for (int i = 0; i < queues; i++) {
            MessageConsumer consumer = worker.createConsumer(numbered(i));
            worker.createProducer(queue("results")).send(next(consumer));
            worker.commit();
            consumer.close();
        }
        receive(auto(other), queue("results"), queues);
    }

    @Test
    void shouldMoveToTheDeadLettersWithoutTheirName() throws JMSException {
        BelfryConnection connection = connect("maxDeliveries=1", LOG[0], LOG[1], LOG[2]);
        BelfrySession session = transacted(connection);
        fill(auto(connection));
        MessageConsumer consumer = session.createConsumer(numbered(0));
        next(consumer);
        session.rollback();
        assertThat(consumer.receive(SHORT)).isNull();
        Message dead = next(auto(connection).createConsumer(queue("DLQ")));
        assertThat(dead.getBody(String.class)).isEqualTo("0");
    }
}
