package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import org.junit.jupiter.api.Test;

/** A backlog has filled the domain: what becomes of those that do not fill it. */
class FullDomainTest extends DomainTest {
    private static final String[] LITTLE = {"capacity=64k", "maxCapacity=64k", "sendTimeout=0s"};

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
        return auto(connect(filling, LITTLE));
    }

    private static void drain(BelfrySession session, String queue) throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue(queue));
        drain(consumer);
        consumer.close();
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
        Patience.until("they are dead", () -> Jms.unchecked(() -> {
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
