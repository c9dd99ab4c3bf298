package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.Deadlines;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Text and JMSRedelivered of what is found after a death, in order, each once. */
record Found(Map<String, Boolean> messages) {
    Found() {
        this(new LinkedHashMap<>());
    }

    List<String> texts() {
        return List.copyOf(messages.keySet());
    }

    void add(Message message) throws JMSException {
        String text = ((TextMessage) message).getText().split(" ")[0];
        assertThat(messages.put(text, message.getJMSRedelivered())).as(text).isNull();
    }

    /** All that is in this queue, also what the dead hold. */
    static Found in(Session session, String queue) throws JMSException {
        Found found = new Found();
        long deadline = Deadlines.after(Patience.limit());
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            while (session.createBrowser(session.createQueue(queue))
                    .getEnumeration()
                    .hasMoreElements()) {
                assertThat(Deadlines.passed(deadline)).as("held by the dead").isFalse();
                Message message = consumer.receiveNoWait();
                if (message != null) found.add(message);
            }
        }
        return found;
    }

    /** All that comes before this one. */
    static Found before(String last, MessageConsumer consumer) throws JMSException {
        Found found = new Found();
        while (true) {
            Message message = consumer.receive(Patience.limit().toMillis());
            assertThat(message).as(last).isNotNull();
            if (((TextMessage) message).getText().equals(last)) return found;
            found.add(message);
        }
    }
}
