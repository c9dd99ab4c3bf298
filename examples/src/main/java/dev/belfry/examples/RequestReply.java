package dev.belfry.examples;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Questions on one queue, answers on another. Every client receives every answer; a property tells
 * which question it is for. One server and two clients, a JVM each.
 */
public final class RequestReply {
    private static final String CORRELATION = "correlation";

    private RequestReply() {}

    public static void main(String[] args) throws Exception {
        Speaker main = new Speaker("main");
        String name = "shm:reply-" + ProcessHandle.current().pid();
        String requests = name + "-requests?deleteOnLastClose=true";
        String replies = name + "-replies?deleteOnLastClose=true";
        try (MessageQueue asked = MessageQueues.open(requests);
                MessageQueue answered = MessageQueues.open(replies);
                Publisher out = asked.createPublisher();
                Jvms jvms = new Jvms()) {
            jvms.start(Server.class, requests, replies);
            List<Process> clients = List.of(
                    jvms.start(Client.class, requests, replies, "Ann"),
                    jvms.start(Client.class, requests, replies, "Bob"));
            for (Process client : clients) Jvms.join(client);
            out.publish("end");
            jvms.join();
            main.say("%d answers went to everybody", answered.stats().newestPosition());
        }
    }

    private static void publish(Publisher out, String text, String correlation) {
        MessageProperties properties =
                MessageProperties.builder().put(CORRELATION, correlation).build();
        out.publish(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), properties);
    }

    /** Answers with the square, and with the question's correlation. */
    static final class Server {
        public static void main(String[] args) {
            try (MessageQueue requests = MessageQueues.open(args[0]);
                    MessageQueue replies = MessageQueues.open(args[1]);
                    Subscriber in = requests.createSubscriber(StartAt.OLDEST_RETAINED);
                    Publisher out = replies.createPublisher()) {
                for (Message m; !(m = in.receive()).text().equals("end"); ) {
                    int n = Integer.parseInt(m.text());
                    publish(out, "" + n * n, m.properties().getString(CORRELATION, ""));
                }
            }
        }
    }

    /** Asks, and skips the answers to others. */
    static final class Client {
        public static void main(String[] args) {
            Speaker client = new Speaker(args[2]);
            try (MessageQueue requests = MessageQueues.open(args[0]);
                    MessageQueue replies = MessageQueues.open(args[1]);
                    Publisher out = requests.createPublisher();
                    Subscriber in = replies.createSubscriber()) { // before it asks
                for (int n = 2; n <= 4; n++) {
                    String correlation = args[2] + "-" + n;
                    publish(out, "" + n, correlation);
                    Message m = in.receive();
                    while (!correlation.equals(m.properties().getString(CORRELATION, ""))) m = in.receive();
                    client.say("asked for %d squared: %s (answer %s)", n, m.text(), correlation);
                }
            }
        }
    }
}
