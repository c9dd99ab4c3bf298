package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TemporaryQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * What all members know by heart must find room in a full domain: names are left out where there are many, and of what
 * cannot be left out no more is added. So a full domain can be drained, whatever fills it.
 */
class FullRegistryTest extends DomainTest {
    private static final String[] LOG = {"capacity=64k", "maxCapacity=64k", "sendTimeout=200ms"};
    private static final String FOUR_PARTS =
            "Registry of domain '.+' has [0-9,]+ bytes, and [0-9,]+ more are needed; limit is 4,096 .+\\. .+\\.";

    /** A message to each of new queues, until the domain is full; how many there are. */
    private static int fill(BelfrySession sender, IntFunction<Queue> queues) throws JMSException {
        MessageProducer producer = sender.createProducer(null);
        for (int i = 0; ; i++) {
            try {
                producer.send(queues.apply(i), sender.createTextMessage("" + i));
            } catch (ResourceAllocationException full) {
                assertThat(full.getErrorCode()).isEqualTo(QueueFullException.CODE);
                return i;
            }
        }
    }

    private static Queue ofLongName(int i) {
        return queue(i + "x".repeat(96));
    }

    private static void assertReceived(BelfrySession session, Queue queue, String text) throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(text(consumer)).isEqualTo(text);
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldDrainMoreQueuesThanCanBeNamed() throws JMSException {
        BelfrySession sender = auto(connect(LOG));
        int queues = fill(sender, FullRegistryTest::ofLongName);
        assertThat(queues).isGreaterThan(4_096 / 100);
        for (int i = 0; i < queues / 2; i++) assertReceived(sender, ofLongName(i), "" + i);
        BelfrySession late = auto(connect(new Domains(), LOG));
        for (int i = queues / 2; i < queues; i++) assertReceived(late, ofLongName(i), "" + i);
        for (int i = 0; i < 3 * queues; i++) {
            Queue another = queue("y".repeat(96) + i);
            late.createProducer(another).send(late.createTextMessage("again"));
            assertReceived(sender, another, "again");
        }
    }

    /** So many that not each consumer is attached. */
    @Test
    void shouldDrainMoreQueuesThanCanBeAttached() throws JMSException {
        BelfrySession sender = auto(connect(LOG));
        int queues = fill(sender, i -> queue("" + i));
        BelfrySession late = auto(connect(new Domains(), LOG));
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < queues; i++) consumers.add(late.createConsumer(queue("" + i)));
        for (int i = 0; i < queues; i++) assertThat(text(consumers.get(i))).isEqualTo("" + i);
        for (MessageConsumer one : consumers) one.close();
        assertThat(fill(sender, i -> queue("" + i))).isCloseTo(queues, within(queues / 10));
    }

    private static void assertRefused(JMSException full) {
        assertThat(full).isInstanceOf(ResourceAllocationException.class);
        assertThat(full.getErrorCode()).as(full.getMessage()).isEqualTo(Codes.REGISTRY);
        assertThat(full.getMessage()).matches(FOUR_PARTS);
    }

    private static List<TemporaryQueue> temporaries(BelfrySession session) throws JMSException {
        List<TemporaryQueue> made = new ArrayList<>();
        try {
            while (true) made.add(session.createTemporaryQueue());
        } catch (ResourceAllocationException full) {
            assertRefused(full);
            return made;
        }
    }

    @Test
    void shouldDrainTemporaryQueuesAndGiveTheirRoomBack() throws JMSException {
        BelfryConnection connection = connect(LOG);
        BelfrySession session = auto(connection);
        List<TemporaryQueue> made = temporaries(session);
        assertThat(made).hasSizeGreaterThan(20);
        int sent = fill(session, i -> made.get(0));
        MessageConsumer consumer = session.createConsumer(made.get(0));
        for (int i = 0; i < sent; i++) assertThat(text(consumer)).isEqualTo("" + i);
        consumer.close();
        for (TemporaryQueue one : made) one.delete();
        assertThat(temporaries(session).size()).isCloseTo(made.size(), within(5));
        BelfrySession late = auto(connect(new Domains(), LOG));
        assertThatThrownBy(late::createTemporaryQueue)
                .isInstanceOfSatisfying(JMSException.class, FullRegistryTest::assertRefused);
        connection.close();
        assertThat(temporaries(late).size()).isCloseTo(made.size(), within(5));
    }

    @Test
    void shouldRefuseClientIds() throws JMSException {
        String a = "a" + "x".repeat(1_500);
        BelfryConnection first = open(new Domains(), LOG);
        first.setClientID(a);
        open(new Domains(), LOG).setClientID("b" + "x".repeat(1_500));
        String c = "c" + "x".repeat(1_500);
        assertThatThrownBy(() -> open(new Domains(), LOG).setClientID(c))
                .isInstanceOfSatisfying(JMSException.class, FullRegistryTest::assertRefused);
        assertThatThrownBy(() -> open(new Domains(), LOG).setClientID(a)).isInstanceOf(InvalidClientIDException.class);
        first.close();
        open(new Domains(), LOG).setClientID(c);
    }

    /** What has little fills what a backlog may not, and then client ids come. */
    @Test
    void shouldDrainWhenClientIdsComeToADomainThatLittleHasFilled() throws JMSException {
        BelfrySession sender = auto(connect("capacity=64k", "maxCapacity=64k", "sendTimeout=0s"));
        int full = FullDomainTest.fill(sender);
        int[] clients = {0};
        assertThatThrownBy(() -> {
                    for (; ; clients[0]++) open(new Domains(), LOG).setClientID(clients[0] + "x".repeat(400));
                })
                .isInstanceOf(ResourceAllocationException.class);
        assertThat(clients[0]).as("some may come, and leave room to take").isBetween(1, 5);
        BelfrySession late = auto(connect(new Domains(), LOG));
        try (MessageConsumer consumer = late.createConsumer(queue("full"))) {
            assertThat(drain(consumer)).hasSize(full);
        }
    }
}
