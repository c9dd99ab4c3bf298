package dev.belfry.compat.worker;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.concurrent.locks.LockSupport;

/** Consumes with others; says of each message when it has it, before it acknowledges it, and after that. */
final class Consuming {
    private static final String TOPIC = "topic";
    private static final long MOMENT_MILLIS = 20;
    /** Before it acknowledges one of so many it waits: often enough it is killed there. */
    private static final int PAUSES = 8;

    private static final long PAUSE_NANOS = 1_000_000;
    /** One that is to be slow waits so long before it acknowledges any. */
    private static final long SLOW_NANOS = 4_000_000;

    private static final String SLOW = "slow";

    private Consuming() {}

    static Destination destination(Session session, String kind) throws JMSException {
        return kind.equals(TOPIC) ? session.createTopic("prices") : session.createQueue("orders");
    }

    /** {@code args}: the domain's URI, a kind of destination, and perhaps "slow". It hears "stop". */
    public static void main(String[] args) throws JMSException {
        Talk talk = Talk.begin();
        boolean isSlow = args[args.length - 1].equals(SLOW);
        try (Connection connection = new BelfryConnectionFactory(args[0]).createConnection();
                Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer consumer = consumer(session, args[1])) {
            connection.start();
            talk.say("ready");
            for (int received = 0; talk.heard() == null; ) {
                TextMessage message = (TextMessage) consumer.receive(MOMENT_MILLIS);
                if (message == null) continue;
                String id = check(message);
                talk.say("got " + id + " " + message.getJMSRedelivered());
                boolean pauses = received++ % PAUSES == 0;
                if (pauses || isSlow) LockSupport.parkNanos(isSlow ? SLOW_NANOS : PAUSE_NANOS);
                talk.say("acks " + id);
                message.acknowledge();
                talk.say("done " + id);
            }
        }
        talk.say("end");
    }

    private static MessageConsumer consumer(Session session, String kind) throws JMSException {
        Destination destination = destination(session, kind);
        if (destination instanceof Topic topic) return session.createSharedDurableConsumer(topic, "team");
        return session.createConsumer(destination);
    }

    private static String check(TextMessage message) throws JMSException {
        String id = Body.id(message.getText());
        if (!id.endsWith("." + message.getIntProperty("k")))
            throw new IllegalStateException(id + " has the property of another: " + message.getIntProperty("k"));
        return id;
    }
}
