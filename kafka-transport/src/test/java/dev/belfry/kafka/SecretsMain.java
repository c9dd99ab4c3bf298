package dev.belfry.kafka;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.PipelinedPublisher;
import dev.belfry.testing.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * A program that uses queues as it is told on stdin, and prints all that a user, a log or a console
 * could show of them: exceptions with all causes, texts of objects, all MBeans.
 */
final class SecretsMain {
    private static final List<Object> OBJECTS = new ArrayList<>();
    private static MessageQueue queue;
    private static PipelinedPublisher pipelined;

    private SecretsMain() {}

    /** Answers "ok", or "error CODE CLASS: MESSAGE". */
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String answer;
            try {
                run(line.split(" ", 2));
                answer = "ok";
            } catch (RuntimeException | JMException e) {
                e.printStackTrace();
                String code = e instanceof MessageQueueException ours ? ours.code() : "-";
                answer = "error " + code + " " + e.getClass().getSimpleName() + ": " + e.getMessage();
            }
            System.out.println(answer);
        }
    }

    private static void run(String[] command) throws JMException {
        switch (command[0]) {
            case "open" -> queue = seen(MessageQueues.open(command[1]));
            case "publish" -> publish();
            case "receive" -> receive(seen(queue.createSubscriber(StartAt.OLDEST_RETAINED)));
            case "audit" ->
                receive(seen(queue.createSubscriber(SubscriberOptions.builder()
                        .name("audit")
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build())));
            case "send" -> send();
            case "flush" -> pipelined.flush(Duration.ZERO);
            case "show" -> show();
            case "close" -> queue.close();
            default -> throw new IllegalArgumentException(command[0]);
        }
    }

    private static void publish() {
        Publisher publisher = seen(queue.createPublisher());
        publisher.publish("a message");
    }

    private static void send() {
        pipelined = seen(
                queue.unwrap(PipelinedPublisher.Factory.class).createPipelinedPublisher(PublisherOptions.defaults()));
        ByteBuffer body = ByteBuffer.wrap("a message".getBytes(StandardCharsets.UTF_8));
        try {
            pipelined.send(body, MessageProperties.empty(), Patience.limit()).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException reason ? reason : failed;
        }
    }

    private static void receive(Subscriber subscriber) {
        System.err.println(seen(subscriber.receive(Patience.limit())).text());
    }

    private static <T> T seen(T object) {
        OBJECTS.add(object);
        return object;
    }

    private static void show() throws JMException {
        for (Object object : OBJECTS) System.err.println(object);
        System.err.println(queue.stats());
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : beans.queryNames(null, null))
            for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes())
                System.err.println(name + " " + attribute.getName() + " " + value(beans, name, attribute));
        Thread.getAllStackTraces().keySet().forEach(System.err::println);
    }

    private static Object value(MBeanServer beans, ObjectName name, MBeanAttributeInfo attribute) {
        try {
            return beans.getAttribute(name, attribute.getName());
        } catch (JMException | RuntimeException notReadable) {
            return notReadable;
        }
    }
}
