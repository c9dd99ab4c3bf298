package dev.belfry.testing;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * The JVM at the other end of a {@link RemoteJvm}: one queue, one publisher, one subscriber;
 * commands come in on stdin, one answer each goes out on stdout, {@code ok ...} or
 * {@code error Type: text}. It ends when stdin does.
 */
public final class RemoteMain {
    private static final String ITEM = "\t";

    private final PrintStream out;
    private MessageQueue queue;
    private Publisher publisher;
    private Subscriber subscriber;
    private Claim claim;
    private boolean exiting;

    private RemoteMain(PrintStream out) {
        this.out = out;
    }

    /** Takes no arguments. */
    public static void main(String[] args) throws InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // prints of other code must not be taken for answers
        BlockingQueue<Optional<String>> commands = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> readInto(commands), "commands");
        reader.setDaemon(true);
        reader.start();
        RemoteMain main = new RemoteMain(out);
        out.println("ok ready");
        while (!main.exiting) main.answer(commands.take().orElse("exit"));
        main.close();
    }

    /** At the end of stdin the parent is gone: this JVM must end, even if the main thread waits. */
    private static void readInto(BlockingQueue<Optional<String>> commands) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            in.lines().forEach(line -> commands.add(Optional.of(line)));
        } catch (IOException | java.io.UncheckedIOException e) {
            System.err.println("stdin: " + e);
        }
        Runtime.getRuntime().halt(0);
    }

    private void answer(String command) {
        try {
            String answer = execute(command.split(" "));
            if (!exiting) out.println(answer.isEmpty() ? "ok" : "ok " + answer);
        } catch (Exception e) {
            out.println("error " + e.getClass().getSimpleName() + ": "
                    + String.valueOf(e.getMessage()).replace('\n', ' '));
        }
    }

    private String execute(String[] c) {
        return switch (c[0]) {
            case "open" -> open(c[1]);
            case "publisher" -> publisher(c); // [timeout=MILLIS] [exclusive]
            case "subscribe" -> subscribe(c); // [name=] [start=] [ack=] [slow=]
            case "publish" -> publish(c[1], Integer.parseInt(c[2]));
            case "property" -> property(c[1], c[2], c[3]); // TEXT NAME VALUE
            case "offer" -> Long.toString(publisher.offer(utf8(c[1]), millis(c[2])));
            case "flood" -> flood(c); // ID THREADS [MESSAGES]
            case "await" ->
                Boolean.toString(
                        publisher.awaitAcknowledged(Long.parseLong(c[1]), Integer.parseInt(c[2]), millis(c[3])));
            case "claim" -> claim(Integer.parseInt(c[1]));
            case "commit" -> Long.toString(claim.commit());
            case "receive" -> receive(Integer.parseInt(c[1]), millis(c[2]));
            case "check" -> check(Long.parseLong(c[1]));
            case "acknowledge" -> acknowledge(c);
            case "unsubscribe" -> Boolean.toString(queue.unsubscribe(c[1]));
            case "stats" -> stats();
            case "lost" -> Long.toString(subscriber.lostCount());
            case "tick" -> tick(millis(c[1])); // until the end
            case "leave" -> leave();
            case "close" -> close();
            case "delete" -> Boolean.toString(MessageQueues.delete(c[1]));
            case "exit" -> exit();
            default -> throw new IllegalArgumentException("Unknown command " + c[0]);
        };
    }

    private static String tick(Duration every) {
        while (true) LockSupport.parkNanos(every.toNanos());
    }

    private String open(String uri) {
        queue = MessageQueues.open(URI.create(uri), QueueConfig.defaults());
        return String.valueOf(queue.stats().id());
    }

    private String publisher(String[] c) {
        PublisherOptions.Builder options = PublisherOptions.builder();
        for (int i = 1; i < c.length; i++) {
            if (c[i].equals("exclusive")) options.exclusive(true);
            else options.timeout(millis(value(c[i])));
        }
        publisher = queue.createPublisher(options.build());
        return "";
    }

    private String subscribe(String[] c) {
        SubscriberOptions.Builder options = SubscriberOptions.builder();
        for (int i = 1; i < c.length; i++) {
            String value = value(c[i]);
            switch (c[i].substring(0, c[i].indexOf('='))) {
                case "name" -> options.name(value);
                case "start" ->
                    options.startAt(
                            switch (value) {
                                case "NOW" -> StartAt.NOW;
                                case "OLDEST" -> StartAt.OLDEST_RETAINED;
                                default -> StartAt.at(Long.parseLong(value));
                            });
                case "ack" -> options.ackMode(AckMode.valueOf(value));
                case "slow" -> options.slowSubscriber(SlowSubscriber.valueOf(value));
                default -> throw new IllegalArgumentException("Unknown option " + c[i]);
            }
        }
        subscriber = queue.createSubscriber(options.build());
        return Long.toString(subscriber.position());
    }

    private String publish(String prefix, int count) {
        long last = 0;
        for (int i = 1; i <= count; i++) last = publisher.publish(prefix + i);
        return Long.toString(last);
    }

    private String property(String text, String name, String value) {
        return Long.toString(publisher.publish(
                utf8(text), MessageProperties.builder().put(name, value).build()));
    }

    /** THREADS publishers send MESSAGES payloads each, or for ever; the ids are ID, ID + 1, ... */
    private String flood(String[] c) {
        long messages = c.length == 3 ? Long.MAX_VALUE : Long.parseLong(c[3]);
        for (int t = 0; t < Integer.parseInt(c[2]); t++) {
            int own = Integer.parseInt(c[1]) + t;
            Publisher p = queue.createPublisher();
            Thread thread = new Thread(() -> {
                for (long serial = 1; serial <= messages; serial++) p.publish(new Payload(own, serial).bytes());
            });
            thread.setDaemon(true);
            thread.start();
        }
        return "";
    }

    private String claim(int length) {
        claim = publisher.claim(length);
        claim.buffer().put(new byte[length]);
        return "";
    }

    /** {@code position:text} of the messages within the time, at most {@code count}. */
    private String receive(int count, Duration timeout) {
        StringJoiner answer = new StringJoiner(ITEM);
        for (int i = 0; i < count; i++) {
            Message message = subscriber.receive(timeout);
            if (message == null) break;
            answer.add((message.redelivered() ? "again:" : "") + message.position() + ":" + message.text());
        }
        return answer.toString();
    }

    /** Reads payloads without a gap up to this position. */
    private String check(long last) {
        long position = subscriber.position();
        while (position < last) {
            Message message = subscriber.receive(Patience.limit());
            if (message == null) throw new IllegalStateException("Nothing comes after " + position);
            if (message.position() != ++position)
                throw new MessageViolation("Got " + message.position() + " instead of " + position);
            Payload.of(message.bytes());
        }
        return Long.toString(position);
    }

    private String acknowledge(String[] c) {
        if (c.length == 1) subscriber.acknowledge();
        else subscriber.acknowledge(Long.parseLong(c[1]));
        return "";
    }

    private String stats() {
        QueueStats s = queue.stats();
        return s.id() + " " + s.oldestPosition() + " " + s.newestPosition() + " " + s.publisherCount() + " "
                + s.subscribers().size();
    }

    private String leave() {
        subscriber.close();
        return "";
    }

    private String close() {
        if (queue != null) queue.close();
        return "";
    }

    private String exit() {
        exiting = true;
        return "";
    }

    private static String value(String pair) {
        return pair.substring(pair.indexOf('=') + 1);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }
}
