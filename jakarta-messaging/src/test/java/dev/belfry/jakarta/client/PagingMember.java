package dev.belfry.jakarta.client;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;

/** A process that sends to a queue, receives from it, or only pages, and notes in a file what it was promised. */
final class PagingMember {
    private static final int EACH = 16;
    private static final long PATIENCE = 2_000;
    private static final long BEAT = 10;
    private static final Pattern MESSAGE =
            Pattern.compile(" (\\d+) +\\d+ +" + Pattern.quote("dev.belfry.jakarta.fold.Message") + "\\s");
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    private PagingMember() {}

    /**
     * {@code args}: the URI, the file, and {@code page} or {@code stay}, or {@code receive} with a queue, or {@code
     * send} or {@code beat} with a queue, the sender's name, how many messages, and how long each is.
     */
    public static void main(String[] args) throws Exception {
        Path notes = Path.of(args[1]);
        Connection connection = new BelfryConnectionFactory(args[0]).createConnection();
        connection.start();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        System.out.println("ready");
        switch (args[2]) {
            case "send" -> send(session, notes, args);
            case "beat" -> beat(session, notes, args);
            case "receive" -> receive(session, notes, args[3]);
            case "page" -> page();
            default -> Thread.currentThread().join();
        }
        connection.close();
        System.out.println("ended");
        System.exit(0);
    }

    private static void send(Session session, Path notes, String[] args) throws JMSException, IOException {
        MessageProducer producer = session.createProducer(DomainTest.queue(args[3]));
        int n = Integer.parseInt(args[5]);
        for (int i = 0; i < n; i++) {
            producer.send(message(session, args, i));
            if (i % EACH < EACH - 1 && i < n - 1) continue;
            session.commit();
            note(notes, "sent " + args[4] + " " + i + "\n");
        }
    }

    /** One after the other, until it is told to end. */
    private static void beat(Session session, Path notes, String[] args) throws Exception {
        MessageProducer producer = session.createProducer(DomainTest.queue(args[3]));
        for (int i = 0; System.in.available() == 0; i++) {
            producer.send(message(session, args, i));
            session.commit();
            note(notes, "sent " + args[4] + " " + i + "\n");
            Thread.sleep(BEAT);
        }
    }

    private static TextMessage message(Session session, String[] args, int serial) throws JMSException {
        return session.createTextMessage(args[4] + " " + serial + " ".repeat(Integer.parseInt(args[6])));
    }

    /** Tells at each line how many messages live in its heap, and how many bytes. */
    private static void page() throws Exception {
        ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
        Object[] all = {new String[0]};
        String[] strings = {String[].class.getName()};
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        while (lines.readLine() != null) {
            Object live = ManagementFactory.getPlatformMBeanServer().invoke(commands, "gcClassHistogram", all, strings);
            System.out.println(count(MESSAGE, live) + " " + count(TOTAL, live));
        }
    }

    private static String count(Pattern line, Object histogram) {
        Matcher found = line.matcher(histogram.toString());
        return found.find() ? found.group(1) : "0";
    }

    /** Prints each other reason why the next message cannot be received, and tries again. */
    private static void receive(Session session, Path notes, String queue) throws JMSException, IOException {
        MessageConsumer consumer = session.createConsumer(DomainTest.queue(queue));
        String me = " " + ProcessHandle.current().pid() + "\n";
        String told = "";
        while (true) {
            StringBuilder got = new StringBuilder();
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
                got.append(message.getJMSRedelivered() ? "again " : "got ")
                        .append(text)
                        .append(me);
                done.append("done ").append(text).append('\n');
            }
            note(notes, got.toString());
            session.commit();
            note(notes, done.toString());
        }
    }

    private static void note(Path notes, String text) throws IOException {
        Files.writeString(notes, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
