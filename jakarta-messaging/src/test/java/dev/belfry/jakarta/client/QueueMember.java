package dev.belfry.jakarta.client;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.jakarta.soak.MortalTransport;
import dev.belfry.testing.Patience;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A process with one session of a domain, which does what it is told, a line a step. It ends with its parent. */
final class QueueMember {
    private final Connection connection;
    private final Session session;
    private final MessageProducer producer;
    private final BlockingQueue<String> heard;
    private MessageConsumer consumer;
    private TextMessage last;

    private QueueMember(Connection connection, int mode, BlockingQueue<String> heard) throws JMSException {
        this.connection = connection;
        this.heard = heard;
        session = connection.createSession(mode);
        producer = session.createProducer(null);
    }

    /** {@code args}: the domain's URI, and the acknowledge mode's number. */
    public static void main(String[] args) throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> listen(heard), "line");
        reader.setDaemon(true);
        reader.start();
        Connection connection = new BelfryConnectionFactory(args[0]).createConnection();
        connection.start();
        QueueMember member = new QueueMember(connection, Integer.parseInt(args[1]), heard);
        say("ready");
        for (String words; !(words = heard.take()).equals("exit"); ) member.obey(words.split(" "));
        connection.close();
        System.exit(0);
    }

    private static void listen(BlockingQueue<String> heard) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String text; (text = in.readLine()) != null; ) heard.add(text);
        } catch (IOException broken) {
            System.err.println(broken);
        }
        Runtime.getRuntime().halt(3);
    }

    private static void say(String text) {
        System.out.println(text);
    }

    private void obey(String[] words) throws JMSException {
        switch (words[0]) {
            case "consume" -> {
                consumer = session.createConsumer(DomainTest.queue(words[1]));
                say("ok");
            }
            case "subscribe" -> { // a kind, and the subscription's name
                Topic topic = session.createTopic("news");
                consumer = switch (words[1]) {
                    case "plain" -> session.createConsumer(topic);
                    case "shared" -> session.createSharedConsumer(topic, words[2]);
                    case "durable" -> session.createDurableConsumer(topic, words[2]);
                    default -> session.createSharedDurableConsumer(topic, words[2]);
                };
                say("ok");
            }
            case "stand" -> { // in the next claim of the log, until the next line
                MortalTransport.beforeCommit = this::stand;
                say("ok");
            }
            case "request" -> { // an answer to a temporary destination of a kind
                TextMessage request = session.createTextMessage();
                request.setJMSReplyTo(
                        words[1].equals("queue") ? session.createTemporaryQueue() : session.createTemporaryTopic());
                producer.send(DomainTest.queue("requests"), request);
                say("ok");
            }
            case "publish" -> { // the numbers from one to before another
                for (int i = Integer.parseInt(words[1]); i < Integer.parseInt(words[2]); i++) {
                    producer.send(session.createTopic("news"), session.createTextMessage("" + i));
                    end();
                }
                say("ok");
            }
            case "send" -> { // to a queue, the numbers from one to before another, each at once
                for (int i = Integer.parseInt(words[2]); i < Integer.parseInt(words[3]); i++) {
                    send(words[1], "" + i);
                    end();
                }
                say("ok");
            }
            case "hold" -> { // so many, without an end; the answer to each is sent
                for (int i = Integer.parseInt(words[1]); i > 0; i--) say("got " + work());
            }
            case "end" -> {
                end();
                say("ok");
            }
            case "serve" -> { // so many, one at a time
                for (int i = Integer.parseInt(words[1]); i > 0; i--) {
                    String got = work();
                    end();
                    say("served " + got);
                }
            }
            case "close" -> {
                connection.close();
                say("ok");
            }
            case "rest" -> say(consumer.receiveNoWait() == null ? "nothing" : "something");
            case "pairs" -> { // two queues, and how long: one transaction after another, without an end
                String fill = "x".repeat(Integer.parseInt(words[3]));
                for (int i = 0; ; i++) {
                    for (int j = 1; j <= 2; j++)
                        for (int k = 0; k < KilledMembersTest.EACH; k++) send(words[j], i + "." + k + " " + fill);
                    say("commit " + i);
                    session.commit();
                    say("committed " + i);
                }
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private void stand() {
        MortalTransport.beforeCommit = () -> {};
        say("claimed");
        try {
            heard.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(String queue, String text) throws JMSException {
        producer.send(DomainTest.queue(queue), session.createTextMessage(text));
    }

    /** Receives one, and sends its text on if that belongs to the same transaction. */
    private String work() throws JMSException {
        last = (TextMessage) consumer.receive(Patience.limit().toMillis());
        if (last == null) throw new IllegalStateException("nothing came");
        if (session.getTransacted()) send("done", last.getText());
        return last.getText().strip() + " " + last.getJMSRedelivered();
    }

    private void end() throws JMSException {
        if (session.getTransacted()) session.commit();
        else if (last != null) last.acknowledge();
    }
}
