package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A domain's file was cut short, and the JVM says so late, by an InternalError in whatever runs then: what Belfry calls
 * of the log has no chance to translate it.
 */
@Timeout(60)
class LateFaultTest {
    private final String name = "mem.LateFault" + ProcessHandle.current().pid();
    private Connection connection;
    private Session session;
    private MessageConsumer consumer;

    @BeforeEach
    void consume() throws JMSException {
        connection = new BelfryConnectionFactory("mortal:" + name + "?linger=0s").createConnection();
        connection.start();
        session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        consumer = session.createConsumer(session.createQueue("q"));
        for (int i = 0; i < 3; i++)
            session.createProducer(session.createQueue("q")).send(session.createTextMessage("" + i));
    }

    private static void cut() {
        MortalTransport.beforeAppend = LateFaultTest::fault;
    }

    private static void fault() {
        throw new InternalError("a fault occurred in a recent unsafe memory access operation in compiled Java code");
    }

    @AfterEach
    void delete() {
        MortalTransport.beforeAppend = () -> {};
        MortalTransport.beforeMark = () -> {};
        try {
            connection.close();
        } catch (JMSException damaged) {
            return; // closed all the same
        } finally {
            MortalTransport.opened.close();
            MessageQueues.delete("mem:" + name.substring(4));
        }
    }

    private static void assertDamaged(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("cut short")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(QueueCorruptedException.CODE);
    }

    @Test
    void shouldCloseAllTheSame() throws JMSException {
        consumer.receive();
        cut();
        assertDamaged(consumer::close);
        assertDamaged(session::close);
        session.close();
        assertThatThrownBy(session::getTransacted).isInstanceOf(IllegalStateException.class);
        assertDamaged(connection::close);
        connection.close();
    }

    @Test
    void shouldCloseTheLogOfADomainThatCannotBeJoined() {
        String other = name + "2";
        MortalTransport.beforeMark = LateFaultTest::fault;
        try {
            assertDamaged(new BelfryConnectionFactory("mortal:" + other)::createConnection);
            assertThatThrownBy(MortalTransport.opened::stats).isInstanceOf(QueueClosedException.class);
        } finally {
            MessageQueues.delete("mem:" + other.substring(4));
        }
    }

    @Test
    void shouldSaySoOfATransaction() throws JMSException {
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        transacted.createProducer(transacted.createQueue("q")).send(transacted.createTextMessage("x"));
        cut();
        assertDamaged(transacted::commit);
        transacted.rollback();
        transacted.close();
    }

    /** Its handle on the log is closed by somebody else. */
    @Test
    void shouldRefuseASendToATemporaryQueue() throws JMSException {
        MessageProducer producer = session.createProducer(session.createTemporaryQueue());
        MortalTransport.opened.close();
        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOf(IllegalStateException.class)
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(QueueClosedException.CODE);
    }

    /** So that others get what is there. */
    @WaitsForOthers
    @Test
    void shouldTakeNothingForASessionThatListensNoMore() throws JMSException {
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        MortalTransport.beforeAppend = () -> {
            if (Thread.currentThread().getName().startsWith("belfry-session")) fault();
        };
        AtomicInteger heard = new AtomicInteger(); // what the daemon took before it
        consumer.setMessageListener(m -> heard.incrementAndGet());
        Patience.until("it was told", () -> !told.isEmpty());
        MessageConsumer other = connection.createSession().createConsumer(session.createQueue("q"));
        for (int i = heard.get(); i < 3; i++)
            assertThat(other.receive(Patience.limit().toMillis())).isNotNull();
    }

    @WaitsForOthers
    @Test
    void shouldTellTheExceptionListenerOfASessionThatListens() throws JMSException {
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        cut();
        consumer.setMessageListener(m -> {});
        Patience.until("it was told", () -> !told.isEmpty());
        assertThat(told.get(0).getErrorCode()).isEqualTo(QueueCorruptedException.CODE);
        assertDamaged(connection::close);
    }
}
