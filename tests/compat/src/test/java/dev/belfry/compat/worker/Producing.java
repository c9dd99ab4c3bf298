package dev.belfry.compat.worker;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.locks.LockSupport;

/** Sends one to three messages a transaction, with numbers from 0 on; says of each commit when it has returned. */
final class Producing {
    private static final int MOST = 3;
    private static final long PAUSE_NANOS = 2_000_000;

    private Producing() {}

    /** {@code args}: the domain's URI, a kind of destination, and who it is. It hears "stop". */
    public static void main(String[] args) throws JMSException {
        Talk talk = Talk.begin();
        try (Connection connection = new BelfryConnectionFactory(args[0]).createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(Consuming.destination(session, args[1]))) {
            talk.say("ready");
            for (int i = 0; talk.heard() == null; i++) {
                int length = 1 + i % MOST;
                for (int k = 0; k < length; k++) {
                    TextMessage message = session.createTextMessage(Body.of(args[2] + "." + i + "." + k));
                    message.setIntProperty("k", k);
                    producer.send(message);
                }
                session.commit();
                talk.say("committed " + args[2] + "." + i);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        talk.say("end");
    }
}
