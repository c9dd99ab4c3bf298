package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.SessionAwareMessageListener;
import org.springframework.jms.listener.SimpleMessageListenerContainer;

/** Spring's own classes over a domain: what most programs use. */
@Timeout(60)
@WaitsForOthers
class SpringTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String domain = "mem:spring" + NUMBER.incrementAndGet();
    private final BelfryConnectionFactory factory = new BelfryConnectionFactory(domain + "?linger=1s");
    private final JmsTemplate template = new JmsTemplate(factory);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private DefaultMessageListenerContainer container;

    SpringTest() {
        template.setReceiveTimeout(Patience.limit().toMillis());
    }

    @AfterEach
    void end() {
        if (container != null) container.shutdown();
        MessageQueues.delete(domain);
    }

    private void listen(String queue, SessionAwareMessageListener<TextMessage> listener) {
        container = new DefaultMessageListenerContainer();
        container.setConnectionFactory(factory);
        container.setDestinationName(queue);
        container.setReceiveTimeout(100); // it ends when this has passed
        container.setSessionTransacted(true);
        container.setMessageListener(listener);
        container.afterPropertiesSet();
        container.start();
    }

    @Test
    void shouldShareADurableSubscriptionAmongListeners() {
        template.setPubSubDomain(true);
        listenTo("news", 4);
        for (int i = 0; i < 20; i++) template.convertAndSend("news", "" + i);
        untilHeard(20);
        container.shutdown();
        template.convertAndSend("news", "while nobody listens");
        heard.clear();
        listenTo("news", 1);
        untilHeard(1);
        assertThat(heard).containsExactly("while nobody listens 1");
    }

    private void listenTo(String topic, int consumers) {
        container = new DefaultMessageListenerContainer();
        container.setConnectionFactory(factory);
        container.setDestinationName(topic);
        container.setReceiveTimeout(100);
        container.setPubSubDomain(true);
        container.setSubscriptionName("audit");
        container.setSubscriptionDurable(true);
        container.setSubscriptionShared(true);
        container.setConcurrentConsumers(consumers);
        container.setSessionTransacted(true);
        container.setMessageListener((SessionAwareMessageListener<TextMessage>) (m, session) -> heard.add(heard(m)));
        container.afterPropertiesSet();
        container.start();
        Patience.until("consumers of the topic", container::isRegisteredWithDestination);
    }

    @Test
    void shouldReceiveFromATopicByACachedConnection() {
        CachingConnectionFactory cached = new CachingConnectionFactory(factory);
        cached.setClientId("c");
        cached.setCacheConsumers(false); // they would hold what they have taken ahead
        SimpleMessageListenerContainer simple = new SimpleMessageListenerContainer();
        simple.setConnectionFactory(cached);
        simple.setDestinationName("news");
        simple.setPubSubDomain(true);
        simple.setDurableSubscriptionName("audit");
        simple.setMessageListener((SessionAwareMessageListener<TextMessage>) (m, session) -> heard.add(heard(m)));
        simple.afterPropertiesSet();
        simple.start();
        JmsTemplate topics = new JmsTemplate(cached);
        topics.setPubSubDomain(true);
        topics.convertAndSend("news", "x");
        untilHeard(1);
        simple.shutdown();
        cached.destroy();
        assertThat(heard).containsExactly("x 1");
    }

    private void untilHeard(int n) {
        Patience.until("heard " + n + ", not only " + heard, () -> heard.size() >= n);
    }

    private static String heard(TextMessage message) throws JMSException {
        return message.getText() + " " + message.getIntProperty("JMSXDeliveryCount");
    }

    @Test
    void shouldSendBrowseAndReceive() throws JMSException {
        template.convertAndSend("orders", "first");
        template.convertAndSend("orders", "second", message -> {
            message.setStringProperty("colour", "red");
            return message;
        });
        Integer there = template.browse("orders", (session, browser) -> {
            Enumeration<?> all = browser.getEnumeration();
            return Collections.list(all).size();
        });
        assertThat(there).isEqualTo(2);
        Message red = template.receiveSelected("orders", "colour = 'red'");
        assertThat(red.getBody(String.class)).isEqualTo("second");
        assertThat(template.receiveAndConvert("orders")).isEqualTo("first");
        template.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertThat(template.receive("orders")).isNull();
    }

    @Test
    void shouldServeRequests() throws JMSException {
        listen("requests", (request, session) -> {
            Message reply = session.createTextMessage(request.getText() + "!");
            reply.setJMSCorrelationID(request.getJMSMessageID());
            session.createProducer(request.getJMSReplyTo()).send(reply);
        });
        for (String text : new String[] {"a", "b", "c"}) {
            Message reply = template.sendAndReceive("requests", session -> session.createTextMessage(text));
            assertThat(reply.getBody(String.class)).isEqualTo(text + "!");
        }
    }

    @Test
    void shouldRollBackAndDeliverAgain() {
        listen("orders", (message, session) -> {
            session.createProducer(session.createQueue("done")).send(session.createTextMessage(heard(message)));
            heard.add(heard(message));
            if (heard.size() == 1) throw new JMSException("on purpose");
        });
        template.convertAndSend("orders", "x");
        untilHeard(2);
        assertThat(heard).containsExactly("x 1", "x 2");
        assertThat(template.receiveAndConvert("done")).isEqualTo("x 2"); // what was sent first was rolled back
        template.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertThat(template.receive("done")).isNull();
    }

    @Test
    void shouldSendInATransactionOfTheTemplate() {
        template.setSessionTransacted(true);
        template.setSessionAcknowledgeMode(Session.SESSION_TRANSACTED);
        template.convertAndSend("orders", "x");
        assertThat(template.receiveAndConvert("orders")).isEqualTo("x");
    }
}
