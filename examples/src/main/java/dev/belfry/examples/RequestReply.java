package dev.belfry.examples;

import dev.belfry.api.Codecs;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Replier;
import dev.belfry.api.Requester;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.util.List;

/**
 * Questions on one queue, answers on another. A server and two clients, a JVM each. The server dies in
 * the middle of a request; the next one of its name answers that.
 */
public final class RequestReply {
    private RequestReply() {}

    public static void main(String[] args) throws Exception {
        Speaker main = new Speaker("main");
        String name = "shm:reply-" + ProcessHandle.current().pid();
        String requests = name + "-requests?deleteOnLastClose=true";
        String replies = name + "-replies?deleteOnLastClose=true";
        try (MessageQueue asked = MessageQueues.open(requests);
                MessageQueue answered = MessageQueues.open(replies);
                Jvms jvms = new Jvms()) {
            Process mortal = jvms.start(Server.class, requests, replies, "3");
            while (asked.stats().subscribers().isEmpty()) Thread.sleep(10);
            List<Process> clients = List.of(
                    jvms.start(Client.class, requests, replies, "Ann"),
                    jvms.start(Client.class, requests, replies, "Bob"));
            mortal.waitFor();
            main.say("The server died in the middle of a request; the next one begins");
            Process server = jvms.start(Server.class, requests, replies, "none");
            for (Process client : clients) Jvms.join(client);
            Jvms.kill(server);
            main.say("%d answers went to everybody", answered.stats().newestPosition());
        }
    }

    /** Answers with the square. It dies of the question that is its third argument. */
    static final class Server {
        public static void main(String[] args) throws Exception {
            SubscriberOptions named = SubscriberOptions.builder().name("server").build();
            try (MessageQueue requests = MessageQueues.open(args[0]);
                    MessageQueue replies = MessageQueues.open(args[1]);
                    Replier<String, String> replier =
                            Replier.of(requests, Codecs.text(), named, replies, Codecs.text(), (question, message) -> {
                                if (question.equals(args[2]))
                                    Runtime.getRuntime().halt(1);
                                int n = Integer.parseInt(question);
                                return "" + n * n;
                            })) {
                while (replier.subscriber().lag() >= 0) Thread.sleep(1000); // until it is killed
            }
        }
    }

    /** Asks. Answers to others are passed over. */
    static final class Client {
        public static void main(String[] args) {
            Speaker client = new Speaker(args[2]);
            try (MessageQueue requests = MessageQueues.open(args[0]);
                    MessageQueue replies = MessageQueues.open(args[1]);
                    Requester<String, String> requester =
                            Requester.of(requests, Codecs.text(), replies, Codecs.text())) {
                for (int n = 2; n <= 4; n++)
                    client.say("asked for %d squared: %s", n, requester.request("" + n, Duration.ofMinutes(1)));
            }
        }
    }
}
