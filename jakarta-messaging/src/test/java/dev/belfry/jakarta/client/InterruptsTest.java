package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.HeldLog;
import dev.belfry.jakarta.domain.Places;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread that waits in a call and is interrupted: the call throws, the flag stays, nothing is lost or half done. */
@WaitsForOthers
class InterruptsTest extends DomainTest {
    private static final String[] SMALL = {"capacity=64k", "maxCapacity=64k", "sendTimeout=0s"};
    private static final String[] PATIENT = {"capacity=64k", "maxCapacity=64k"};
    private static final String LONG = "x".repeat(1500);

    /** A call of a thread of its own. */
    private static final class Call {
        private volatile Throwable thrown;
        private volatile boolean flag;
        private final Thread thread;

        Call(ThrowingCallable call) {
            thread = new Thread(() -> {
                thrown = catchThrowable(call);
                flag = Thread.currentThread().isInterrupted();
            });
            thread.setDaemon(true);
            thread.start();
        }

        /** Whether it sleeps is not known: the kernel's waits are not those of the JVM. */
        Call waits() throws InterruptedException {
            Thread.sleep(SHORT);
            assertThat(thrown).isNull();
            assertThat(thread.isAlive()).as("it waits").isTrue();
            return this;
        }

        void interrupt() throws InterruptedException {
            waits();
            thread.interrupt();
            thread.join(Patience.limit().toMillis());
            assertThat(thread.isAlive()).as("it waits on").isFalse();
            assertThat(thrown)
                    .isExactlyInstanceOf(JMSException.class)
                    .hasMessageContaining("Interrupted while waiting")
                    .hasCauseInstanceOf(InterruptedQueueException.class);
            assertThat(((JMSException) thrown).getErrorCode()).isEqualTo(InterruptedQueueException.CODE);
            assertThat(flag).as("the flag is kept").isTrue();
        }
    }

    /** Until nothing more goes in; how many there are. */
    private int fill(String queue) throws JMSException {
        BelfrySession session = auto(connect(new Domains(), SMALL));
        MessageProducer producer = session.createProducer(queue(queue));
        for (int sent = 0; ; sent++) {
            try {
                producer.send(session.createTextMessage(sent + LONG));
            } catch (ResourceAllocationException full) {
                return sent;
            }
        }
    }

    private void assertFilled(String queue, int sent) throws JMSException {
        MessageConsumer consumer = auto(connect(new Domains(), PATIENT)).createConsumer(queue(queue));
        List<String> texts = texts(consumer, sent);
        for (int i = 0; i < sent; i++) assertThat(texts.get(i)).isEqualTo(i + LONG);
        assertThat(consumer.receiveNoWait()).isNull();
    }

    private List<String> rest(String queue) throws JMSException {
        return drain(auto(connect(new Domains(), PATIENT)).createConsumer(queue(queue)));
    }

    private static Message once(MessageConsumer consumer, String text) throws JMSException {
        TextMessage message = next(consumer);
        assertThat(message.getText()).isEqualTo(text);
        return message;
    }

    /** A call of an interrupted thread while another one holds the log: if it throws, then because of that. */
    private void interruptedWhileHeld(HeldLog.Action call) throws JMSException {
        HeldLog.during(domain, () -> {
            Thread.currentThread().interrupt();
            try {
                call.run();
            } catch (JMSException interrupted) {
                assertThat(interrupted).hasCauseInstanceOf(InterruptedQueueException.class);
            } finally {
                Thread.interrupted();
            }
        });
    }

    // ---- receive

    @Test
    void shouldEndAReceive() throws Exception {
        BelfryConnection connection = connect(PATIENT);
        MessageConsumer leads = auto(connection).createConsumer(queue("q"));
        MessageConsumer parked = auto(connection).createConsumer(queue("q"));
        Call first = new Call(leads::receive).waits();
        Call second = new Call(parked::receive);
        second.interrupt();
        first.interrupt();
        send(auto(connect(new Domains(), PATIENT)), "q", "1", "2");
        assertThat(count(once(leads, "1"))).isOne();
        assertThat(count(once(parked, "2"))).isOne();
        assertThat(rest("q")).isEmpty();
    }

    @Test
    void shouldLeaveTheLeadToAnother() throws Exception {
        BelfryConnection connection = connect(PATIENT);
        MessageConsumer leads = auto(connection).createConsumer(queue("q"));
        MessageConsumer parked = auto(connection).createConsumer(queue("q"));
        Call first = new Call(leads::receive).waits();
        String[] text = new String[1];
        Call second = new Call(() -> text[0] = text(parked)).waits();
        first.interrupt();
        send(auto(connect(new Domains(), PATIENT)), "q", "1");
        second.thread.join(Patience.limit().toMillis());
        assertThat(text[0]).isEqualTo("1");
    }

    /** The reader of a full ring makes room before it gives a message, and another one holds the log. */
    @Test
    void shouldGiveEachMessageOfATopicAfterAReceiveWasInterrupted() throws Exception {
        BelfrySession session = auto(connect(PATIENT));
        MessageConsumer consumer = session.createConsumer(session.createTopic("t"));
        BelfrySession other = auto(connect(new Domains(), PATIENT));
        MessageProducer producer = other.createProducer(other.createTopic("t"));
        int sent = 30;
        for (int i = 0; i < sent; i++) producer.send(other.createTextMessage(i + LONG));
        List<String> got = new ArrayList<>();
        interruptedWhileHeld(() -> got.add(((TextMessage) consumer.receive()).getText()));
        for (int i = got.size(); i < sent; i++) got.add(text(consumer));
        for (int i = 0; i < sent; i++) assertThat(got.get(i)).isEqualTo(i + LONG);
    }

    /** It cannot take, as another one holds the log. */
    @Test
    void shouldGiveEachMessageOfAQueueAfterAReceiveWasInterrupted() throws Exception {
        MessageConsumer consumer = auto(connect(PATIENT)).createConsumer(queue("q"));
        send(auto(connect(new Domains(), PATIENT)), "q", "1", "2");
        interruptedWhileHeld(
                () -> assertThatThrownBy(consumer::receive).hasCauseInstanceOf(InterruptedQueueException.class));
        assertThat(text(consumer)).isEqualTo("1");
        assertThat(text(consumer)).isEqualTo("2");
    }

    @Test
    void shouldBeKnownAsAConsumerThoughItsMakingWasInterrupted() throws Exception {
        BelfryConnection connection = connect(PATIENT);
        send(auto(connection), "q", "1");
        interruptedWhileHeld(() -> auto(connection).createConsumer(queue("q")));
        auto(connection).createConsumer(queue("q"));
        Patience.until(
                "others know that it consumes", () -> Places.contents(connection.domain, 1 << 20).places().stream()
                        .anyMatch(place -> !place.consumers().isEmpty()));
    }

    // ---- send

    @Test
    void shouldEndASendThatWaitsForRoom() throws Exception {
        BelfrySession session = auto(connect(PATIENT));
        int sent = fill("q");
        MessageProducer producer = session.createProducer(queue("q"));
        new Call(() -> producer.send(session.createTextMessage("late" + LONG))).interrupt();
        assertFilled("q", sent);
        producer.send(session.createTextMessage("late"));
        assertThat(rest("q")).containsExactly("late");
    }

    // ---- commit

    /** Of so many messages; several are told in stages. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void shouldEndACommitThatWaitsForRoomAndLetItBeCalledAgain(int messages) throws Exception {
        BelfrySession session = transacted(connect(PATIENT));
        int sent = waitsInCommit(session, messages);
        assertThat(rest("out")).isEmpty();
        assertThat(rest("in")).isEmpty();
        assertFilled("q", sent);
        session.commit();
        assertThat(rest("out")).hasSize(messages).allMatch(LONG::equals);
        session.close();
        assertThat(rest("in")).as("what is acknowledged").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void shouldEndACommitThatWaitsForRoomAndLetItBeRolledBack(int messages) throws Exception {
        BelfrySession session = transacted(connect(PATIENT));
        int sent = waitsInCommit(session, messages);
        session.rollback();
        session.close();
        assertFilled("q", sent);
        assertThat(rest("out")).isEmpty();
        TextMessage again = next(auto(connect(new Domains(), PATIENT)).createConsumer(queue("in")));
        assertThat(again.getText()).isEqualTo("in");
        assertThat(count(again)).isEqualTo(2);
    }

    /** It has received one, and waits with others to be sent until it is interrupted; how many fill the domain. */
    private int waitsInCommit(BelfrySession session, int messages) throws Exception {
        send(auto(connect(new Domains(), SMALL)), "in", "in");
        assertThat(text(session.createConsumer(queue("in")))).isEqualTo("in");
        int sent = fill("q");
        MessageProducer producer = session.createProducer(queue("out"));
        for (int i = 0; i < messages; i++) producer.send(session.createTextMessage(LONG));
        new Call(session::commit).interrupt();
        return sent;
    }
}
