package dev.belfry.jakarta.client;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that sends to a queue, or receives from it, and notes in a file what it was promised. */
final class PagingMember {
    static final String QUEUE = "orders";
    private static final String FILLING = " ".repeat(700);
    private static final int EACH = 16;

    private PagingMember() {}

    /** {@code args}: the URI, the file, and the name of a sender with how many it sends, or none: it receives. */
    public static void main(String[] args) throws Exception {
        Path notes = Path.of(args[1]);
        Connection connection = new BelfryConnectionFactory(args[0]).createConnection();
        connection.start();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        System.out.println("ready");
        if (args.length > 2) send(session, notes, args[2], Integer.parseInt(args[3]));
        else receive(session, notes);
        connection.close();
        System.out.println("ended");
        System.exit(0);
    }

    private static void send(Session session, Path notes, String name, int n) throws JMSException, IOException {
        MessageProducer producer = session.createProducer(DomainTest.queue(QUEUE));
        for (int i = 0; i < n; i++) {
            TextMessage message = session.createTextMessage(name + " " + i + FILLING);
            producer.send(message);
            if (i % EACH < EACH - 1 && i < n - 1) continue;
            session.commit();
            note(notes, "sent " + name + " " + i);
        }
    }

    private static void receive(Session session, Path notes) throws JMSException, IOException {
        MessageConsumer consumer = session.createConsumer(DomainTest.queue(QUEUE));
        while (true) {
            StringBuilder done = new StringBuilder();
            for (int i = 0; i < EACH; i++) {
                Message message = consumer.receive(2_000);
                if (message == null) break;
                String text = ((TextMessage) message).getText().trim();
                note(notes, (message.getJMSRedelivered() ? "again " : "got ") + text);
                done.append("done ").append(text).append('\n');
            }
            session.commit();
            note(notes, done.toString().trim());
        }
    }

    private static void note(Path notes, String text) throws IOException {
        Files.writeString(
                notes, text + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
