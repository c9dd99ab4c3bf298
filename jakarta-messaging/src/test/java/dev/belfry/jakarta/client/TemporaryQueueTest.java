package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueRequestor;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import org.junit.jupiter.api.Test;

/** Temporary queues [6.2.2], and request and reply over them [6.2.3]: one rule each. */
class TemporaryQueueTest extends DomainTest {
    private static Message request(Session session, TemporaryQueue replies, String text) throws JMSException {
        TextMessage request = session.createTextMessage(text);
        request.setJMSReplyTo(replies);
        return request;
    }

    /** Answers one request of the queue "requests". */
    private static void answer(BelfryConnection connection) throws JMSException {
        Session session = auto(connection);
        TextMessage request = next(session.createConsumer(queue("requests")));
        MessageProducer producer = session.createProducer(request.getJMSReplyTo());
        producer.send(session.createTextMessage(request.getText() + "!"));
        session.close();
    }

    @Test
    void shouldReplyFromAnotherMember_6_2_3() throws JMSException {
        BelfryConnection here = connect();
        Session session = auto(here);
        TemporaryQueue replies = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(replies);
        for (String text : new String[] {"a", "b"}) {
            session.createProducer(queue("requests")).send(request(session, replies, text));
            answer(connect(new Domains()));
            TextMessage reply = next(consumer);
            assertThat(reply.getText()).isEqualTo(text + "!");
            assertThat(reply.getJMSDestination()).isEqualTo(replies);
        }
    }

    @WaitsForOthers
    @Test
    void shouldServeAQueueRequestor_6_2_3() throws Exception {
        BelfrySession session = auto(connect());
        BelfrySession server = auto(connect(new Domains()));
        server.createConsumer(queue("requests")).setMessageListener(m -> {
            try {
                server.createProducer(m.getJMSReplyTo()).send(server.createTextMessage("pong"));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        QueueRequestor requestor = new QueueRequestor(session, queue("requests"));
        assertThat(((TextMessage) requestor.request(session.createTextMessage("ping"))).getText())
                .isEqualTo("pong");
        requestor.close();
    }

    @Test
    void shouldLetItsConnectionAloneConsume_6_2_2() throws JMSException {
        BelfryConnection owner = connect();
        TemporaryQueue mine = auto(owner).createTemporaryQueue();
        Session another = auto(connect());
        assertThatThrownBy(() -> another.createConsumer(mine))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("only the connection that made it");
        another.createProducer(mine).send(another.createTextMessage("x"));
        assertThat(text(auto(owner).createConsumer(mine))).isEqualTo("x"); // any session of it
        assertThat(auto(owner).createTemporaryQueue()).isNotEqualTo(mine);
        assertThat(queue(mine.getQueueName())).isNotEqualTo(mine);
    }

    @Test
    void shouldBeDeletedByItsConnectionAlone_6_2_2() throws JMSException {
        BelfryConnection owner = connect();
        Session session = auto(owner);
        TemporaryQueue mine = session.createTemporaryQueue();
        session.createProducer(queue("requests")).send(request(session, mine, "x"));
        Message received = next(auto(connect()).createConsumer(queue("requests")));
        TemporaryQueue named = (TemporaryQueue) received.getJMSReplyTo();
        assertThat(named).isEqualTo(mine);
        assertThatThrownBy(named::delete).isInstanceOf(InvalidDestinationException.class);
        MessageConsumer consumer = session.createConsumer(mine);
        assertThatThrownBy(mine::delete).isInstanceOf(JMSException.class).hasMessageContaining("has a consumer");
        consumer.close();
        received = request(session, mine, "y");
        session.createProducer(queue("requests")).send(received);
        MessageConsumer own = session.createConsumer(queue("requests"));
        received = next(own);
        TemporaryQueue same = (TemporaryQueue) received.getJMSReplyTo();
        same.delete();
        mine.delete();
        same.delete();
        assertThatThrownBy(() -> session.createConsumer(mine)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createProducer(mine).send(session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("is deleted");
    }

    /** It has folded nothing until then. */
    @Test
    void shouldBeKnownAsDeletedToAMemberThatOnlySends_6_2_2() throws JMSException {
        TemporaryQueue mine = auto(connect()).createTemporaryQueue();
        Session sender = auto(connect(new Domains()));
        sender.createProducer(mine).send(sender.createTextMessage("in time"));
        mine.delete();
        Session other = auto(connect(new Domains()));
        assertThatThrownBy(() -> other.createProducer(mine).send(other.createTextMessage("too late")))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("is deleted");
    }

    @Test
    void shouldEndWithItsConnection_6_2_2() throws JMSException {
        BelfryConnection owner = connect();
        Session session = auto(owner);
        TemporaryQueue mine = session.createTemporaryQueue();
        session.createProducer(queue("requests")).send(request(session, mine, "x"));
        session.createProducer(mine).send(session.createTextMessage("never received"));
        session.close();
        Session server = auto(connect(new Domains()));
        Message request = next(server.createConsumer(queue("requests")));
        MessageProducer producer = server.createProducer(null);
        producer.send(request.getJMSReplyTo(), server.createTextMessage("in time"));
        owner.close();
        assertThatThrownBy(() -> producer.send(request.getJMSReplyTo(), server.createTextMessage("too late")))
                .isInstanceOf(InvalidDestinationException.class);
        var left =
                server.createBrowser((TemporaryQueue) request.getJMSReplyTo()).getEnumeration();
        assertThat(left.hasMoreElements()).isFalse();
    }

    @Test
    void shouldRollBackWhatATemporaryQueueHasDelivered_6_2_7() throws JMSException {
        BelfrySession session = transacted(connect());
        TemporaryQueue mine = session.createTemporaryQueue();
        send(auto(connect()), "q", "not this one");
        Session other = auto(connect());
        other.createProducer(mine).send(other.createTextMessage("1"));
        MessageConsumer consumer = session.createConsumer(mine);
        assertThat(text(consumer)).isEqualTo("1");
        session.rollback();
        assertThat(count(next(consumer))).isEqualTo(2);
        session.commit();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void shouldBeMadeByAContext_2_8() throws JMSException {
        try (JMSContext context = BelfryContext.of(open(new Domains()), JMSContext.AUTO_ACKNOWLEDGE)) {
            TemporaryQueue replies = context.createTemporaryQueue();
            context.createProducer().setJMSReplyTo(replies).send(replies, "x");
            assertThat(context.createConsumer(replies).receiveBody(String.class))
                    .isEqualTo("x");
        }
    }
}
