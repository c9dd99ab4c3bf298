package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.Sending;
import dev.belfry.jakarta.text.Out;
import dev.belfry.testing.Patience;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One rule of the specification each, by its section: queues, messages on their way, acknowledgement, transactions. */
class QueueRulesTest extends DomainTest {
    // ---- 3.4 header fields, 7 sending

    @Test
    void shouldSetHeadersAtTheSend_3_4() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        TextMessage sent = session.createTextMessage("hello");
        sent.setJMSPriority(1);
        sent.setJMSCorrelationID("c");
        sent.setJMSType("t");
        sent.setJMSReplyTo(queue("answers"));
        sent.setStringProperty("name", "value");
        long before = System.currentTimeMillis();
        session.createProducer(queue("q")).send(sent, DeliveryMode.NON_PERSISTENT, 7, 60_000);
        long after = System.currentTimeMillis();
        TextMessage got = next(consumer);
        assertThat(got).isNotSameAs(sent);
        assertThat(got.getText()).isEqualTo("hello");
        for (Message m : List.of(sent, got)) {
            assertThat(m.getJMSDestination()).isEqualTo(queue("q"));
            assertThat(m.getJMSPriority()).isEqualTo(7);
            assertThat(m.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
            assertThat(m.getJMSTimestamp()).isBetween(before, after);
            assertThat(m.getJMSExpiration()).isEqualTo(m.getJMSTimestamp() + 60_000);
            assertThat(m.getJMSDeliveryTime()).isEqualTo(m.getJMSTimestamp());
            assertThat(m.getJMSMessageID()).startsWith("ID:").isEqualTo(sent.getJMSMessageID());
            assertThat(m.getJMSCorrelationID()).isEqualTo("c");
            assertThat(m.getJMSType()).isEqualTo("t");
            assertThat(m.getJMSReplyTo()).isEqualTo(queue("answers"));
            assertThat(m.getStringProperty("name")).isEqualTo("value");
        }
        assertThat(got.getJMSRedelivered()).isFalse();
        assertThat(count(got)).isEqualTo(1);
    }

    @Test
    void shouldSendWithoutIdAndTimestamp_7_7() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        MessageProducer producer = session.createProducer(queue("q"));
        producer.setDisableMessageID(true);
        producer.setDisableMessageTimestamp(true);
        TextMessage sent = session.createTextMessage("x");
        producer.send(sent);
        for (Message m : List.of(sent, next(consumer))) {
            assertThat(m.getJMSMessageID()).isNull();
            assertThat(m.getJMSTimestamp()).isZero();
            assertThat(m.getJMSDeliveryTime()).isPositive();
        }
    }

    /** As far as a long goes: a time that overflows has passed. */
    @Test
    void shouldKeepAMessageForEverWhenItsTimeToLiveIsLongerThanTimesAre_7_8() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        TextMessage sent = session.createTextMessage("x");
        session.createProducer(queue("q")).send(sent, DeliveryMode.PERSISTENT, 4, Long.MAX_VALUE);
        assertThat(sent.getJMSExpiration()).isEqualTo(Long.MAX_VALUE);
        assertThat(text(consumer)).isEqualTo("x");
    }

    @Test
    void shouldKeepADelayedMessageBackWhenItsDelayIsLongerThanTimesAre_7_9() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        MessageProducer producer = session.createProducer(queue("q"));
        TextMessage sent = session.createTextMessage("x");
        producer.setDeliveryDelay(Long.MAX_VALUE);
        producer.send(sent);
        assertThat(sent.getJMSDeliveryTime()).isEqualTo(Long.MAX_VALUE);
        assertThat(consumer.receive(SHORT)).isNull();
    }

    /** It sleeps until then: with a deadline that has overflowed it would look all the time. */
    @Test
    void shouldSleepWhenAMessageIsDelayedForMillennia_7_9() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        MessageProducer producer = session.createProducer(queue("q"));
        producer.setDeliveryDelay(10_000_000_000_000L);
        producer.send(session.createMessage());
        assertThat(consumer.receive(SHORT)).isNull();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(consumer.receive(400)).isNull();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes that turns allocate")
                .isLessThan(1_000_000);
    }

    @Test
    void shouldSendOneMessageManyTimes_7_1() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        MessageProducer producer = session.createProducer(null);
        TextMessage message = session.createTextMessage("1");
        producer.send(queue("q"), message);
        String first = message.getJMSMessageID();
        message.setText("2");
        producer.send(queue("q"), message);
        assertThat(message.getJMSMessageID()).isNotEqualTo(first);
        TextMessage got = next(consumer);
        assertThat(got.getText()).isEqualTo("1");
        assertThat(text(consumer)).isEqualTo("2");
        producer.send(queue("q"), got); // a received one is sent on
        assertThat(text(consumer)).isEqualTo("1");
        assertThatThrownBy(() -> got.setText("3")).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void shouldCarryEveryBody_3_11() throws JMSException {
        Session session = auto(connect());
        MessageConsumer consumer = session.createConsumer(queue("q"));
        MessageProducer producer = session.createProducer(queue("q"));
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeLong(5);
        MapMessage map = session.createMapMessage();
        map.setInt("n", 6);
        StreamMessage stream = session.createStreamMessage();
        stream.writeString("7");
        for (Message m : List.of(bytes, map, stream, session.createObjectMessage("8"), session.createMessage()))
            producer.send(m);
        assertThat(((BytesMessage) consumer.receive()).readLong()).isEqualTo(5);
        assertThat(((MapMessage) consumer.receive()).getInt("n")).isEqualTo(6);
        assertThat(((StreamMessage) consumer.receive()).readString()).isEqualTo("7");
        assertThat(((ObjectMessage) consumer.receive()).getObject()).isEqualTo("8");
        assertThat(consumer.receive()).isNotInstanceOf(TextMessage.class);
    }

    @Test
    void shouldRefuseWhatCannotBeSent_7() throws JMSException {
        Session session = auto(connect());
        MessageProducer to = session.createProducer(queue("q"));
        MessageProducer any = session.createProducer(null);
        Message m = session.createMessage();
        assertThatThrownBy(() -> any.send(m)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> to.send(queue("p"), m)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> any.send(null, m)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> any.send((jakarta.jms.Queue) () -> "foreign", m))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> to.send(null)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> to.send(m, 3, 4, 0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> to.send(m, 1, 10, 0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> to.setPriority(-1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> to.setDeliveryMode(0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> to.setTimeToLive(-1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> to.setDeliveryDelay(-1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> to.send(m, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.createQueue("")).isInstanceOf(InvalidDestinationException.class);
        assertThat(session.createConsumer(queue("q")).receiveNoWait()).isNull();
    }

    // ---- 4.1 queues, 3.8 selectors

    @Test
    void shouldGiveEachMessageToOneConsumer_4_1() throws JMSException {
        BelfryConnection connection = connect();
        MessageConsumer one = auto(connection).createConsumer(queue("q"));
        MessageConsumer two = auto(connection).createConsumer(queue("q"));
        send(auto(connection), "q", "1", "2", "3", "4");
        List<String> got = List.of(text(one), text(two), text(one), text(two));
        assertThat(got).containsExactlyInAnyOrder("1", "2", "3", "4");
        assertThat(one.receiveNoWait()).isNull();
        assertThat(two.receiveNoWait()).isNull();
    }

    @Test
    void shouldKeepMessagesUntilSomebodyComes_4_1() throws JMSException {
        BelfryConnection first = connect(new Domains());
        send(auto(first), "q", "1", "2");
        first.close();
        assertThat(texts(auto(connect()).createConsumer(queue("q")), 2)).containsExactly("1", "2");
    }

    @Test
    void shouldDeliverWhatTheSelectorSelects_3_8() throws JMSException {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        for (int i = 0; i < 10; i++) {
            TextMessage m = session.createTextMessage("" + i);
            m.setIntProperty("i", i);
            producer.send(m);
        }
        MessageConsumer odd = session.createConsumer(queue("q"), "i IN ('x') OR i > 5 AND i <> 8");
        assertThat(odd.getMessageSelector()).startsWith("i IN");
        assertThat(drain(odd)).containsExactly("6", "7", "9");
        MessageConsumer rest = session.createConsumer(queue("q"), "");
        assertThat(rest.getMessageSelector()).isNull();
        assertThat(drain(rest)).containsExactly("0", "1", "2", "3", "4", "5", "8");
        assertThatThrownBy(() -> session.createConsumer(queue("q"), "i >"))
                .isInstanceOf(InvalidSelectorException.class);
    }

    // ---- 3.4.10 priority, 6.2.9 order

    @Test
    void shouldDeliverHigherPrioritiesFirst_3_4_10() throws JMSException {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        for (int round = 0; round < 2; round++)
            for (int p = 0; p < 10; p++)
                producer.send(session.createTextMessage(p + "" + round), DeliveryMode.PERSISTENT, p, 0);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(texts(consumer, 20))
                .containsExactly(
                        "90", "91", "80", "81", "70", "71", "60", "61", "50", "51", "40", "41", "30", "31", "20", "21",
                        "10", "11", "00", "01");
    }

    /** It was folded then, and no record has come since that would be a reason to see what is there. */
    @Test
    void shouldDeliverAHigherPriorityFirstThatAnotherSessionHasSeen_3_4_10() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession sender = auto(connection);
        for (int i = 0; i < 40; i++) send(sender, "q", "" + i);
        for (int i = 0; i < 40; i++) send(sender, "p", "" + i);
        MessageConsumer consumer = client(connection).createConsumer(queue("q"));
        MessageConsumer other = client(connection).createConsumer(queue("p"));
        texts(consumer, 10);
        texts(other, 10);
        sender.createProducer(queue("q")).send(sender.createTextMessage("urgent"), 2, 9, 0);
        text(other);
        assertThat(text(consumer)).isEqualTo("urgent");
    }

    @Test
    void shouldLetALaterMessageOfHigherPriorityPassThoseThatAreTaken_3_4_10() throws JMSException {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        for (int i = 0; i < 100; i++) producer.send(session.createTextMessage("low"));
        MessageConsumer consumer = session.createConsumer(queue("q"));
        texts(consumer, 20);
        producer.send(session.createTextMessage("high"), DeliveryMode.PERSISTENT, 9, 0);
        assertThat(text(consumer)).isEqualTo("high");
    }

    @Test
    void shouldKeepTheOrderOfASession_6_2_9() throws JMSException {
        Session session = auto(connect());
        String[] texts = new String[500];
        for (int i = 0; i < texts.length; i++) texts[i] = "" + i;
        send(session, "q", texts);
        assertThat(texts(session.createConsumer(queue("q")), texts.length)).containsExactly(texts);
    }

    // ---- 3.4.9 expiration, 3.4.13 and 7.9 delivery delay

    @Test
    void shouldNotDeliverWhatHasExpired_3_4_9() throws Exception {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        producer.send(session.createTextMessage("old"), DeliveryMode.PERSISTENT, 4, 1);
        TextMessage last = session.createTextMessage("old too");
        producer.setTimeToLive(2);
        producer.send(last);
        Patience.until("it has expired", () -> System.currentTimeMillis() > expiry(last));
        producer.setTimeToLive(0);
        producer.send(session.createTextMessage("young"));
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("young");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    private static long expiry(Message m) {
        try {
            return m.getJMSExpiration();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldDeliverNothingBeforeItsTime_7_9() throws JMSException {
        Session session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        producer.setDeliveryDelay(150);
        TextMessage late = session.createTextMessage("late");
        producer.send(late);
        producer.setDeliveryDelay(0);
        producer.send(session.createTextMessage("at once"));
        assertThat(late.getJMSDeliveryTime()).isEqualTo(late.getJMSTimestamp() + 150);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 2; i++) { // "at once" is the first, unless this thread had to wait for a processor
            TextMessage got = next(consumer);
            texts.add(got.getText());
            if (got.getText().equals("late"))
                assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(got.getJMSDeliveryTime());
        }
        assertThat(texts).containsExactlyInAnyOrder("at once", "late");
    }

    @Test
    void shouldCountTheDelayFromTheSendNotFromTheCommit_7_9() throws Exception {
        BelfrySession session = transacted(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        producer.setDeliveryDelay(30);
        TextMessage message = session.createTextMessage("x");
        producer.send(message);
        Patience.until("it is due", () -> {
            try {
                return System.currentTimeMillis() >= message.getJMSDeliveryTime();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        session.commit();
        assertThat(session.createConsumer(queue("q")).receiveNoWait()).isNotNull();
    }

    // ---- 6.2.10 acknowledgement, 6.2.11 recover

    @Test
    void shouldAcknowledgeByItself_6_2_10() throws JMSException {
        BelfryConnection connection = connect(new Domains());
        BelfrySession session = auto(connection);
        send(session, "q", "1", "2");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        Message first = next(consumer);
        first.acknowledge(); // ignored
        session.recover();
        assertThat(count(first)).isEqualTo(1);
        connection.close();
        assertThatThrownBy(first::acknowledge).isInstanceOf(IllegalStateException.class);
        assertThat(((TextMessage) first).getText()).isEqualTo("1");
        TextMessage second = next(auto(connect()).createConsumer(queue("q")));
        assertThat(second.getText()).isEqualTo("2");
        assertThat(second.getJMSRedelivered()).isFalse();
    }

    @Test
    void shouldAcknowledgeAllThatTheSessionHasDelivered_6_2_10() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = client(connection);
        send(session, "q", "1", "2", "3");
        send(session, "p", "4");
        MessageConsumer q = session.createConsumer(queue("q"));
        MessageConsumer p = session.createConsumer(queue("p"));
        Message first = next(q);
        assertThat(text(q)).isEqualTo("2");
        assertThat(text(p)).isEqualTo("4");
        p.close(); // what it has delivered is the session's
        first.acknowledge();
        assertThat(text(q)).isEqualTo("3");
        session.recover();
        TextMessage again = next(q);
        assertThat(again.getText()).isEqualTo("3");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(count(again)).isEqualTo(2);
        again.acknowledge();
        session.close();
        MessageConsumer rest = auto(connection).createConsumer(queue("q"));
        assertThat(rest.receiveNoWait()).isNull();
        assertThat(auto(connection).createConsumer(queue("p")).receiveNoWait()).isNull();
    }

    @Test
    void shouldRedeliverInOrderAfterRecover_6_2_11() throws JMSException {
        BelfrySession session = client(connect());
        send(session, "q", "1", "2", "3", "4", "5", "6", "7");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(texts(consumer, 4)).containsExactly("1", "2", "3", "4"); // most often it has taken the others, too
        session.recover();
        for (int i = 1; i <= 7; i++) {
            TextMessage m = next(consumer);
            assertThat(m.getText()).isEqualTo("" + i);
            assertThat(m.getJMSRedelivered()).isEqualTo(i <= 4);
            assertThat(count(m)).isEqualTo(i <= 4 ? 2 : 1);
        }
    }

    @Test
    void shouldGiveBackWhatAClosedSessionDidNotAcknowledge_6_2_15() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = client(connection);
        send(session, "q", "1", "2", "3");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        TextMessage first = next(consumer);
        next(consumer);
        session.close();
        assertThatThrownBy(first::acknowledge).isInstanceOf(IllegalStateException.class);
        MessageConsumer other = auto(connection).createConsumer(queue("q"));
        for (int i = 1; i <= 3; i++) {
            TextMessage m = next(other);
            assertThat(m.getText()).isEqualTo("" + i);
            assertThat(count(m)).isEqualTo(i <= 2 ? 2 : 1);
        }
    }

    @Test
    void shouldAcknowledgeLazilyAndLoseNothing_6_2_10() throws JMSException {
        BelfryConnection connection = connect(new Domains());
        BelfrySession session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        for (int i = 0; i < 100; i++) send(session, "q", "" + i);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        for (int i = 0; i < 90; i++) assertThat(text(consumer)).isEqualTo("" + i);
        connection.close();
        MessageConsumer other = auto(connect()).createConsumer(queue("q"));
        List<String> rest = drain(other);
        assertThat(rest).hasSize(10).startsWith("90").endsWith("99");
    }

    /** It would be lost with a process that dies before receive returns. */
    @Test
    void shouldAcknowledgeLazilyNothingThatReceiveIsHandingOver_6_2_10() throws JMSException {
        BelfryConnection connection = connect(new Domains(), "dupsOkBatch=1");
        BelfrySession session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        for (int i = 0; i < 3; i++) send(session, "q", "" + i);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        BelfrySession other = auto(connect());
        for (int i = 0; i < 3; i++) {
            assertThat(text(consumer)).isEqualTo("" + i);
            assertThat(browse(other.createBrowser(queue("q"))))
                    .startsWith("" + i)
                    .hasSize(3 - i);
        }
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(browse(other.createBrowser(queue("q")))).isEmpty();
    }

    @Test
    void shouldRefuseCallsOfTheWrongMode_6_2() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession auto = auto(connection);
        BelfrySession transacted = transacted(connection);
        assertThatThrownBy(auto::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(auto::rollback).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(transacted::recover).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.createSession(17)).isInstanceOf(JMSException.class);
        assertThat(transacted.getTransacted()).isTrue();
        assertThat(auto.getAcknowledgeMode()).isEqualTo(Session.AUTO_ACKNOWLEDGE);
        assertThat(connection.createSession(true, 99).getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
    }

    // ---- 6.2.7 transactions

    @Test
    void shouldSendWithTheCommit_6_2_7() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = transacted(connection);
        MessageConsumer q = auto(connection).createConsumer(queue("q"));
        MessageConsumer p = auto(connection).createConsumer(queue("p"));
        send(session, "q", "1");
        send(session, "p", "2");
        assertThat(q.receiveNoWait()).isNull();
        session.commit();
        assertThat(text(q)).isEqualTo("1");
        assertThat(text(p)).isEqualTo("2");
        send(session, "q", "3");
        session.rollback();
        session.commit();
        assertThat(q.receiveNoWait()).isNull();
    }

    @Test
    void shouldReceiveAndSendAllOrNothing_6_2_7() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = transacted(connection);
        send(auto(connection), "in", "a", "b");
        MessageConsumer in = session.createConsumer(queue("in"));
        MessageConsumer out = auto(connection).createConsumer(queue("out"));
        send(session, "out", text(in) + "!");
        session.rollback();
        TextMessage again = next(in);
        assertThat(again.getText()).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(count(again)).isEqualTo(2);
        send(session, "out", "a!", text(in) + "!");
        session.commit();
        assertThat(drain(out)).containsExactly("a!", "b!");
        session.close();
        assertThat(auto(connection).createConsumer(queue("in")).receiveNoWait()).isNull();
    }

    @Test
    void shouldRollBackWhatIsOpenAtClose_6_2_15() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = transacted(connection);
        send(auto(connection), "in", "a");
        assertThat(text(session.createConsumer(queue("in")))).isEqualTo("a");
        send(session, "out", "x");
        session.close();
        assertThat(auto(connection).createConsumer(queue("out")).receiveNoWait())
                .isNull();
        assertThat(count(next(auto(connection).createConsumer(queue("in"))))).isEqualTo(2);
    }

    @Test
    void shouldCommitWhatIsTooLargeForOneRecord_6_2_7() throws JMSException {
        BelfryConnection connection = connect("maxCapacity=8m");
        BelfrySession session = transacted(connection);
        send(auto(connection), "in", "a");
        assertThat(text(session.createConsumer(queue("in")))).isEqualTo("a");
        MessageProducer producer = session.createProducer(queue("out"));
        String large = "x".repeat(60_000);
        for (int i = 0; i < 40; i++) producer.send(session.createTextMessage(i + large));
        MessageConsumer out = auto(connection).createConsumer(queue("out"));
        assertThat(out.receiveNoWait()).isNull();
        session.commit();
        for (int i = 0; i < 40; i++) assertThat(text(out)).isEqualTo(i + large);
        session.close();
        assertThat(auto(connection).createConsumer(queue("in")).receiveNoWait()).isNull();
    }

    // ---- dead letters

    @Test
    void shouldMoveToTheDeadLettersWhatIsDeliveredTooOften() throws JMSException {
        BelfryConnection connection = connect("maxDeliveries=3", "deadLetterQueue=dead");
        BelfrySession session = transacted(connection);
        TextMessage poison = session.createTextMessage("poison");
        poison.setStringProperty("p", "v");
        session.createProducer(queue("q")).send(poison);
        send(session, "q", "good");
        session.commit();
        MessageConsumer consumer = session.createConsumer(queue("q"));
        for (int i = 1; i <= 3; i++) {
            TextMessage m = next(consumer);
            assertThat(m.getText()).isEqualTo("poison");
            assertThat(count(m)).isEqualTo(i);
            session.rollback();
        }
        assertThat(text(consumer)).isEqualTo("good");
        session.commit();
        BelfrySession other = transacted(connection);
        MessageConsumer dead = other.createConsumer(queue("dead"));
        for (int i = 1; i <= 5; i++) { // there it may be delivered as often as one likes
            TextMessage m = next(dead);
            assertThat(m.getText()).isEqualTo("poison");
            assertThat(m.getStringProperty("p")).isEqualTo("v");
            assertThat(m.getJMSDestination()).isEqualTo(queue("dead"));
            other.rollback();
        }
    }

    @Test
    void shouldLeaveADeadLetterAsItWasAndSayWhereItComesFrom() throws JMSException {
        BelfryConnection connection = connect("maxDeliveries=1");
        BelfrySession session = transacted(connection);
        TextMessage poison = session.createTextMessage("poison");
        byte[] binary = {(byte) 0xFF, (byte) 0xFE, (byte) 0x80, 1, 0};
        poison.setJMSCorrelationIDAsBytes(binary);
        poison.setJMSType("t");
        poison.setJMSReplyTo(queue("answers"));
        poison.setIntProperty("p", 7);
        session.createProducer(queue("q")).send(poison, DeliveryMode.PERSISTENT, 8, 3_600_000);
        session.commit();
        MessageConsumer consumer = session.createConsumer(queue("q"));
        next(consumer);
        session.rollback();
        assertThat(consumer.receive(SHORT)).isNull();
        MessageConsumer chosen = auto(connection)
                .createConsumer(queue("DLQ"), "JMS_BELFRY_Queue = 'q' AND p = 7 AND JMS_BELFRY_Deliveries = 1");
        TextMessage dead = next(chosen);
        assertThat(dead.getText()).isEqualTo("poison");
        assertThat(dead.getJMSCorrelationIDAsBytes()).isEqualTo(binary);
        assertThat(dead.getJMSType()).isEqualTo("t");
        assertThat(dead.getJMSReplyTo()).isEqualTo(queue("answers"));
        assertThat(dead.getJMSPriority()).isEqualTo(8);
        assertThat(dead.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(dead.getJMSTimestamp()).isEqualTo(poison.getJMSTimestamp());
        assertThat(dead.getJMSExpiration()).isZero();
        assertThat(dead.getIntProperty("p")).isEqualTo(7);
        assertThat(dead.getStringProperty("JMS_BELFRY_Queue")).isEqualTo("q");
        assertThat(dead.getStringProperty("JMS_BELFRY_Reason")).isEqualTo("delivered too often");
        assertThat(dead.getIntProperty("JMS_BELFRY_Deliveries")).isEqualTo(1);
        assertThat(dead.getStringProperty("JMS_BELFRY_MessageID")).isEqualTo(poison.getJMSMessageID());
    }

    /** With words about its origin it would be too long. */
    @Test
    void shouldMoveTheLongestMessageToTheDeadLetters() throws JMSException {
        BelfryConnection connection = connect("maxDeliveries=1", "capacity=64k", "maxCapacity=64k");
        BelfrySession session = transacted(connection);
        send(session, "q", "x".repeat(64 * 1024 / 16 - 512 - 64));
        session.commit();
        MessageConsumer consumer = session.createConsumer(queue("q"));
        next(consumer);
        session.rollback();
        assertThat(consumer.receive(SHORT)).isNull();
        TextMessage dead = next(auto(connection).createConsumer(queue("DLQ")));
        assertThat(dead.getText()).hasSizeGreaterThan(3_000);
        assertThat(dead.propertyExists("JMS_BELFRY_Queue")).isFalse();
    }

    /** Else a listener that always throws keeps a processor busy. */
    @Test
    void shouldDeliverADeadLetterEverMoreSeldom() throws JMSException {
        BelfryConnection connection = connect("maxDeliveries=1");
        BelfrySession session = client(connection);
        send(session, "DLQ", "poison");
        MessageConsumer dead = session.createConsumer(queue("DLQ"));
        assertThat(count(next(dead))).isEqualTo(1);
        session.recover();
        assertThat(count(next(dead))).isEqualTo(2);
        long then = System.currentTimeMillis();
        session.recover();
        assertThat(count(next(dead))).isEqualTo(3);
        long once = System.currentTimeMillis() - then;
        assertThat(once).as("ms before the third").isGreaterThanOrEqualTo(100);
        then = System.currentTimeMillis();
        session.recover();
        assertThat(count(next(dead))).isEqualTo(4);
        assertThat(System.currentTimeMillis() - then).as("ms before the fourth").isGreaterThanOrEqualTo(200);
    }

    /** It would go to the queue from which it came, for ever. */
    @Test
    void shouldDeliverADamagedDeadLetterEverMoreSeldom() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        long queue = Domain.queueId("DLQ");
        Out out = new Out(256);
        Sending sending = new Sending(queue, connection.domain.nextSerial(), 0, 0, 0);
        session.codec.encode((BelfryMessage) session.createTextMessage("poison"), sending, out);
        byte[] bytes = Arrays.copyOf(out.array(), out.length());
        bytes[5] = (byte) (bytes[5] & 0x0F | 0x30); // a text that is told to be a map
        connection.domain.send(new Sent(queue, "DLQ", bytes), Limit.of(Patience.limit()));
        MessageConsumer dead = session.createConsumer(queue("DLQ"));
        long before = Held.position(connection.domain);
        assertThat(dead.receive(700)).isNull();
        assertThat(Held.position(connection.domain) - before).as("records").isLessThanOrEqualTo(20);
        while (Held.position(connection.domain) - before < 4)
            assertThat(dead.receive(100)).isNull();
    }

    @Test
    void shouldWaitBeforeARedelivery() throws JMSException {
        BelfryConnection connection = connect("redeliveryDelay=100ms");
        BelfrySession session = client(connection);
        send(session, "q", "1", "2");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("1");
        long then = System.currentTimeMillis();
        session.recover();
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 2; i++) { // "2" is the first, unless this thread had to wait for a processor
            TextMessage got = next(consumer);
            texts.add(got.getText());
            if (got.getText().equals("2")) continue;
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(then + 100);
            assertThat(count(got)).isEqualTo(2);
        }
        assertThat(texts).containsExactlyInAnyOrder("1", "2");
    }

    // ---- 4.2 what is not there yet
}
