package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import org.junit.jupiter.api.Test;

/** A backlog has filled the domain: what becomes of those that have not. */
class FullDomainTest extends DomainTest {
    private static final String[] SMALL = {"capacity=64k", "maxCapacity=64k", "sendTimeout=0s"};
    private static final long RING = 512 << 10;
    /** Of a flow: so many of them are more than two times the ring. */
    private static final int FLOWING = 1_200;

    private static final String LONG = "x".repeat(1_000);

    private final Domains filling = new Domains();

    /** Until not even a queue that has nothing finds room. How many messages lie in "full". */
    static int fill(Session session) throws JMSException {
        int sent = 0;
        for (int length = 1_000; length > 1; length /= 10) sent += fill(session, "full", "x".repeat(length));
        for (int i = 0, more = 1; more > 0; i++) {
            more = 0;
            for (int length = 1_000; length > 1; length /= 10) more += fill(session, "more" + i, "x".repeat(length));
        }
        return sent;
    }

    private static int fill(Session session, String queue, String text) throws JMSException {
        for (int sent = 0; ; sent++) {
            try {
                send(session, queue, text);
            } catch (ResourceAllocationException full) {
                assertThat(full).hasMessageContaining("is full");
                return sent;
            }
        }
    }

    private BelfrySession filler() throws JMSException {
        return auto(connect(filling, SMALL));
    }

    private static void drain(BelfrySession session, String queue) throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue(queue));
        drain(consumer);
        consumer.close();
    }

    private BelfrySession large() throws JMSException {
        return auto(connect(filling, "capacity=" + RING, "maxCapacity=" + RING, "sendTimeout=0s"));
    }

    /** Of its own, which waits for room as long as a test waits for anything. */
    private BelfryConnection member() throws JMSException {
        return connect(new Domains(), "sendTimeout=" + Patience.limit().toMillis() + "ms");
    }

    private static MessageProducer producer(BelfrySession session, String queue) throws JMSException {
        MessageProducer producer = session.createProducer(queue(queue));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT); // so it waits for no disk
        return producer;
    }

    private static int fillFast(BelfrySession session, String queue, String text) throws JMSException {
        MessageProducer producer = producer(session, queue);
        for (int sent = 0; ; sent++) {
            try {
                producer.send(session.createTextMessage(sent + text));
            } catch (ResourceAllocationException full) {
                return sent;
            }
        }
    }

    private static void assertDrained(BelfrySession session, String queue, int... sent) throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue(queue));
        for (int one : sent)
            for (int i = 0; i < one; i++) assertThat(text(consumer)).isEqualTo(i + LONG);
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** Each of three members: one that sends alone folds only once it is refused. */
    @Test
    void shouldGoOnBesideABacklogThatFillsTheDomain() throws JMSException {
        BelfrySession backlog = large();
        int sent = fillFast(backlog, "orders", LONG);
        assertThat(sent * (long) LONG.length()).as("three quarters, as ever").isGreaterThan(RING * 5 / 8);
        BelfrySession sender = auto(member());
        BelfrySession receiver = auto(member());
        MessageProducer alerts = producer(sender, "alerts");
        MessageConsumer consumer = receiver.createConsumer(queue("alerts"));
        for (int i = 0; i < FLOWING; i++) {
            alerts.send(sender.createTextMessage(i + LONG));
            assertThat(text(consumer)).isEqualTo(i + LONG);
        }
        int more = fillFast(backlog, "orders", LONG); // told again, it takes less
        assertThat(more).as("more in orders").isLessThan(sent / 32);
        assertDrained(receiver, "orders", sent, more);
    }

    /** Their results are longer than their jobs, so that a commit adds. */
    @Test
    void shouldGoOnWithTransactionsBesideABacklogThatFillsTheDomain() throws JMSException {
        BelfrySession backlog = large();
        fillFast(backlog, "orders", LONG);
        BelfrySession sender = auto(member());
        BelfrySession worker = transacted(member());
        MessageProducer jobs = producer(sender, "jobs");
        MessageConsumer consumer = worker.createConsumer(queue("jobs"));
        MessageProducer results = producer(worker, "results");
        MessageProducer notes = producer(worker, "notes");
        MessageConsumer last = sender.createConsumer(queue("results"));
        MessageConsumer noted = sender.createConsumer(queue("notes"));
        for (int i = 0; i < FLOWING / 4; i++) {
            jobs.send(sender.createTextMessage("" + i));
            String job = text(consumer);
            results.send(worker.createTextMessage(job + LONG));
            notes.send(worker.createTextMessage(job));
            worker.commit();
            assertThat(text(last)).isEqualTo(i + LONG);
            assertThat(text(noted)).isEqualTo("" + i);
        }
    }

    /** A transaction is one record: what it adds to the backlog has no room. */
    @Test
    void shouldRefuseATransactionThatAddsToTheBacklog() throws JMSException {
        BelfrySession backlog = large();
        fillFast(backlog, "orders", LONG);
        BelfrySession session = transacted(connect("sendTimeout=0s"));
        send(session, "alerts", "x");
        session.commit();
        send(session, "alerts", "y");
        send(session, "orders", LONG);
        assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
        assertThat(drain(session.createConsumer(queue("alerts")))).containsExactly("x");
    }

    /** Each may have a part of what is left, and not so much that nothing is. */
    @Test
    void shouldGoOnBesideManyThatHaveLittleAndStay() throws JMSException {
        BelfrySession backlog = large();
        fillFast(backlog, "orders", LONG);
        int[] sent = new int[8];
        for (int i = 0; i < sent.length; i++) sent[i] = fillFast(backlog, "slow" + i, "x".repeat(100));
        for (int one : sent) assertThat(one).isGreaterThan(2);
        BelfrySession session = auto(member());
        MessageProducer alerts = producer(session, "alerts");
        MessageConsumer consumer = session.createConsumer(queue("alerts"));
        for (int i = 0; i < FLOWING / 4; i++) {
            alerts.send(session.createTextMessage(i + LONG));
            assertThat(text(consumer)).isEqualTo(i + LONG);
        }
        for (int i = 0; i < sent.length; i++)
            assertThat(drain(session.createConsumer(queue("slow" + i)))).hasSize(sent[i]);
    }

    /** Each of them would wait for room as long as a send may. */
    @Test
    void shouldReceiveWhatComesAfterMessagesThatAreDueForTheDeadLettersWhenThereIsNoRoom() throws JMSException {
        BelfrySession filler = filler();
        BelfryConnection connection = connect("maxDeliveries=1", "sendTimeout=1h");
        send(filler, "q", "poison 1", "poison 2");
        BelfrySession transacted = transacted(connection);
        texts(transacted.createConsumer(queue("q")), 2);
        transacted.rollback();
        transacted.close();
        send(filler, "q", "good");
        fill(filler);
        MessageConsumer consumer = auto(connection).createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("good");
        drain(filler, "full");
        MessageConsumer dead = filler.createConsumer(queue("DLQ"));
        Patience.until(
                "they are dead",
                () -> Jms.unchecked(() -> {
                    assertThat(consumer.receive(SHORT)).isNull();
                    return browse(filler.createBrowser(queue("DLQ"))).size() == 2;
                }));
        assertThat(drain(dead)).containsExactlyInAnyOrder("poison 1", "poison 2");
    }

    @Test
    void shouldKeepAMessageFromTheDeadLettersWhenItsCommitsFindNoRoom() throws JMSException {
        BelfrySession filler = filler();
        send(filler, "q", "job");
        fill(filler);
        BelfrySession worker = transacted(connect("maxDeliveries=3", "sendTimeout=0s"));
        MessageConsumer consumer = worker.createConsumer(queue("q"));
        for (int i = 0; i < 5; i++) {
            TextMessage job = next(consumer);
            assertThat(job.getJMSRedelivered()).isEqualTo(i > 0);
            assertThat(count(job)).isEqualTo(i == 0 ? 1 : 2);
            assertRefused(worker, "x".repeat(2_000), QueueFullException.CODE);
        }
        drain(filler, "full");
        assertThat(text(consumer)).isEqualTo("job");
        send(worker, "out", "x".repeat(2_000));
        worker.commit();
        assertThat(browse(filler.createBrowser(queue("out")))).hasSize(1);
        assertThat(browse(filler.createBrowser(queue("DLQ")))).isEmpty();
    }

    /** It is refused each time, in an empty domain, too. */
    @Test
    void shouldCountADeliveryWhoseCommitIsTooLong() throws JMSException {
        BelfrySession filler = filler();
        send(filler, "q", "job");
        BelfrySession worker = transacted(connect("maxDeliveries=2", "sendTimeout=0s"));
        MessageConsumer consumer = worker.createConsumer(queue("q"));
        for (int i = 0; i < 2; i++) {
            assertThat(text(consumer)).isEqualTo("job");
            assertRefused(worker, "x".repeat(5_000), MessageTooLargeException.CODE);
        }
        assertThat(consumer.receive(SHORT)).isNull();
        assertThat(browse(filler.createBrowser(queue("DLQ")))).containsExactly("job");
    }

    private static void assertRefused(BelfrySession worker, String result, String code) throws JMSException {
        send(worker, "out", result);
        assertThatThrownBy(worker::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(code);
    }
}
