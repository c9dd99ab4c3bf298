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

/** A process that sends to a queue, receives from it, or only pages, and notes in a file what it was promised. */
final class PagingMember {
    private static final int EACH = 16;
    private static final long PATIENCE = 2_000;

    private PagingMember() {}

    /**
     * {@code args}: the URI, the file, and {@code page}, or {@code receive} with a queue, or {@code send} with a queue,
     * the sender's name, how many messages, and how long each is.
     */
    public static void main(String[] args) throws Exception {
        Path notes = Path.of(args[1]);
        Connection connection = new BelfryConnectionFactory(args[0]).createConnection();
        connection.start();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        System.out.println("ready");
        switch (args[2]) {
            case "send" -> send(session, notes, args);
            case "receive" -> receive(session, notes, args[3]);
            default -> System.in.read();
        }
        connection.close();
        System.out.println("ended");
        System.exit(0);
    }

    private static void send(Session session, Path notes, String[] args) throws JMSException, IOException {
        MessageProducer producer = session.createProducer(DomainTest.queue(args[3]));
        int n = Integer.parseInt(args[5]);
        String filling = " ".repeat(Integer.parseInt(args[6]));
        for (int i = 0; i < n; i++) {
            TextMessage message = session.createTextMessage(args[4] + " " + i + filling);
            producer.send(message);
            if (i % EACH < EACH - 1 && i < n - 1) continue;
            session.commit();
            note(notes, "sent " + args[4] + " " + i);
        }
    }

    /** Prints each other reason why the next message cannot be received, and tries again. */
    private static void receive(Session session, Path notes, String queue) throws JMSException, IOException {
        MessageConsumer consumer = session.createConsumer(DomainTest.queue(queue));
        String told = "";
        while (true) {
            StringBuilder done = new StringBuilder();
            for (int i = 0; i < EACH; i++) {
                Message message = null;
                try {
                    message = consumer.receive(PATIENCE);
                } catch (JMSException refused) {
                    if (!told.equals(refused.getMessage())) System.out.println("refused " + refused.getMessage());
                    told = refused.getMessage();
                }
                if (message == null) break;
                String text = ((TextMessage) message).getText().trim();
                note(notes, (message.getJMSRedelivered() ? "again " : "got ") + text);
                done.append("done ").append(text).append('\n');
            }
            session.commit();
            if (done.isEmpty()) continue;
            note(notes, done.toString().trim());
        }
    }

    private static void note(Path notes, String text) throws IOException {
        Files.writeString(
                notes, text + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
