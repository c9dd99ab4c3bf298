package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program as they were written for JMS 1.1: all is looked up, and queues and topics have interfaces of their own. */
@Timeout(60)
@WaitsForOthers
class LegacyTest {
    private Context names;
    private QueueConnection queues;
    private TopicConnection topics;
    private Queue orders;
    private Topic prices;

    @BeforeEach
    void lookUp() throws NamingException, JMSException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "dev.belfry.jakarta.jndi.BelfryInitialContextFactory");
        environment.put("connectionFactory.jms/QueueFactory", "mem:legacy?linger=0s");
        environment.put("connectionFactory.jms/TopicFactory", "mem:legacy?linger=0s&clientID=desk");
        environment.put("queue.jms/orders", "orders");
        environment.put("topic.jms/prices", "prices");
        names = new InitialContext(environment);
        queues = ((QueueConnectionFactory) names.lookup("jms/QueueFactory")).createQueueConnection();
        topics = ((TopicConnectionFactory) names.lookup("jms/TopicFactory")).createTopicConnection();
        orders = (Queue) names.lookup("jms/orders");
        prices = (Topic) names.lookup("jms/prices");
        queues.start();
        topics.start();
    }

    @AfterEach
    void end() throws JMSException, NamingException {
        queues.close();
        topics.close();
        names.close();
        MessageQueues.delete("mem:legacy");
    }

    private static TextMessage next(Message message) {
        assertThat(message).isNotNull();
        return (TextMessage) message;
    }

    @Test
    void shouldAskByQueues() throws JMSException {
        QueueSession server = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueReceiver receiver = server.createReceiver(orders, "kind = 'buy'");
        receiver.setMessageListener(request -> answer(server, request));
        QueueSession client = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueRequestor requestor = new QueueRequestor(client, orders);
        TextMessage request = client.createTextMessage("apples");
        request.setStringProperty("kind", "buy");
        assertThat(next(requestor.request(request)).getText()).isEqualTo("apples!");
        requestor.close();
    }

    private static void answer(Session session, Message request) {
        try {
            Message reply = session.createTextMessage(((TextMessage) request).getText() + "!");
            reply.setJMSCorrelationID(request.getJMSMessageID());
            session.createProducer(request.getJMSReplyTo()).send(reply);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldAskByTopics() throws JMSException {
        TopicSession server = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        server.createSubscriber(prices).setMessageListener(request -> answer(server, request));
        TopicSession client = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicRequestor requestor = new TopicRequestor(client, prices);
        assertThat(next(requestor.request(client.createTextMessage("pears"))).getText())
                .isEqualTo("pears!");
        requestor.close();
    }

    @Test
    void shouldMoveOrdersInATransaction() throws JMSException {
        QueueSession session = queues.createQueueSession(true, Session.SESSION_TRANSACTED);
        QueueSender sender = session.createSender(orders);
        ObjectMessage order =
                session.createObjectMessage(List.of("two", "apples").toArray(new String[0]));
        sender.send(order);
        session.rollback();
        sender.send(order);
        session.commit();
        QueueReceiver receiver = session.createReceiver(orders);
        ObjectMessage received =
                (ObjectMessage) receiver.receive(Patience.limit().toMillis());
        assertThat((String[]) received.getObject()).containsExactly("two", "apples");
        assertThat(receiver.receiveNoWait()).isNull();
        session.commit();
    }

    @Test
    void shouldKeepPricesForADurableSubscriber() throws JMSException {
        TopicSession session = topics.createTopicSession(false, Session.CLIENT_ACKNOWLEDGE);
        TopicSubscriber own = session.createSubscriber(prices, null, true);
        TopicSubscriber durable = session.createDurableSubscriber(prices, "night", "symbol = 'X'", false);
        TopicPublisher publisher = session.createPublisher(prices);
        for (String symbol : new String[] {"X", "Y", "X"}) {
            TextMessage price = session.createTextMessage(symbol);
            price.setStringProperty("symbol", symbol);
            publisher.publish(price);
        }
        TextMessage first = next(durable.receive(Patience.limit().toMillis()));
        first.acknowledge();
        assertThat(own.receiveNoWait()).isNull(); // noLocal
        assertThat(own.getNoLocal()).isTrue();
        durable.close();
        durable = session.createDurableSubscriber(prices, "night", "symbol = 'X'", false);
        assertThat(durable.getTopic()).isEqualTo(prices);
        next(durable.receive(Patience.limit().toMillis())).acknowledge();
        assertThat(durable.receiveNoWait()).isNull();
        durable.close();
        session.unsubscribe("night");
        assertThatThrownBy(() -> session.unsubscribe("night")).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void shouldHearInTheOrderOfTheSends() throws JMSException {
        List<String> heard = new CopyOnWriteArrayList<>();
        TopicSession listening = topics.createTopicSession(false, Session.DUPS_OK_ACKNOWLEDGE);
        listening.createSubscriber(prices).setMessageListener(message -> heard.add(text(message)));
        TopicSession session = topics.createTopicSession(true, 0);
        TopicPublisher publisher = session.createPublisher(null);
        for (int i = 0; i < 5; i++) publisher.publish(prices, session.createTextMessage("" + i));
        assertThat(heard).isEmpty();
        session.commit();
        Patience.until("heard all", () -> heard.size() == 5);
        assertThat(heard).containsExactly("0", "1", "2", "3", "4");
    }

    private static String text(Message message) {
        try {
            return ((TextMessage) message).getText();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }
}
