package dev.belfry.cli;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;

/** What the other processes of these tests do until they are killed, or their input ends. */
final class Actor {
    private Actor() {}

    public static void main(String[] args) throws Exception {
        MessageQueue queue = MessageQueues.open(args[1]);
        switch (args[0]) {
            case "opens" -> opens();
            case "hold" -> hold(queue);
            case "pages" -> pages(queue);
            case "claim" -> claim(queue);
            case "tries" -> tries(queue);
            case "idle" -> idle(queue);
            case "slow" -> slow(queue);
            case "stream" -> stream(queue);
            case "stops" -> stops(queue);
            case "batch" -> batch(queue);
            case "churn" -> churn(queue, args[1]);
            default -> throw new IllegalArgumentException(args[0]);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void ready() {
        System.out.println("ready");
        System.out.flush();
    }

    /** Has the queue open, or the domain, and does nothing with it. */
    private static void opens() throws Exception {
        ready();
        while (System.in.read() >= 0) continue;
    }

    /** Has published three messages, and holds the queue open. */
    private static void hold(MessageQueue queue) throws Exception {
        try (Publisher out = queue.createPublisher()) {
            for (int i = 1; i <= 3; i++) out.publish("tick " + i);
        }
        ready();
        while (System.in.read() >= 0) continue;
        queue.close();
    }

    /** As a domain has them: nobody is attached to their place, then this process, once it is told. */
    private static void pages(MessageQueue queue) throws Exception {
        SubscriberOptions place = SubscriberOptions.builder()
                .name("jms-overflow")
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.CLIENT)
                .build();
        queue.createSubscriber(place).close();
        try (Publisher out = queue.createPublisher()) {
            for (int i = 1; i <= 3; i++) out.publish("page " + i);
        }
        ready();
        if (System.in.read() < 0) return;
        queue.createSubscriber(place);
        ready();
        while (System.in.read() >= 0) continue;
    }

    /** Reads one message of three, and is busy with it. */
    private static void slow(MessageQueue queue) throws Exception {
        Publisher out = queue.createPublisher();
        Subscriber in = queue.createSubscriber();
        for (int i = 1; i <= 3; i++) out.publish("tick " + i);
        in.receive();
        ready();
        while (System.in.read() >= 0) continue;
        queue.close();
    }

    /** The listeners of both of its subscribers have failed, one after the other. */
    private static void stops(MessageQueue queue) throws Exception {
        queue.createPublisher().publish("bad");
        for (String name : new String[] {"audit", "billing"}) {
            Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                    .name(name)
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build());
            in.setListener(m -> {
                throw new IllegalStateException("cannot read this");
            });
            Patience.until("it has stopped", () -> in.state() instanceof SubscriberState.Stopped);
        }
        ready();
        while (System.in.read() >= 0) continue;
    }

    /** Its listener has failed at the third message, and has acknowledged none. */
    private static void batch(MessageQueue queue) throws Exception {
        Publisher out = queue.createPublisher();
        for (String text : new String[] {"one", "two", "bad", "four"}) out.publish(text);
        Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
        in.setListener(m -> {
            if (m.position() == 3) throw new IllegalStateException("cannot read this");
        });
        Patience.until("it has stopped", () -> in.state() instanceof SubscriberState.Stopped);
        ready();
        while (System.in.read() >= 0) continue;
    }

    /** Holds the publish lock. */
    private static void claim(MessageQueue queue) throws Exception {
        Publisher out = queue.createPublisher();
        out.publish("before");
        Claim claim = out.claim(100);
        claim.buffer().put(new byte[50]);
        ready();
        while (System.in.read() >= 0) continue;
    }

    /** Publishes again and again, each time for 200 ms in vain at most. */
    private static void tries(MessageQueue queue) throws Exception {
        Publisher out = queue.createPublisher(
                PublisherOptions.builder().timeout(Duration.ofMillis(200)).build());
        ready();
        while (System.in.available() == 0)
            try {
                out.publish(new byte[200]);
            } catch (QueueFullException inVain) {
                Thread.sleep(200);
            }
    }

    /** Has subscribed and never polls. */
    private static void idle(MessageQueue queue) throws Exception {
        queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        ready();
        while (System.in.read() >= 0) continue;
    }

    /** Publishes numbers and receives them all, in order; says how many when the input ends. */
    private static void stream(MessageQueue queue) throws Exception {
        Publisher out = queue.createPublisher();
        Subscriber in = queue.createSubscriber();
        ready();
        long sent = 0;
        long received = 0;
        while (System.in.available() == 0) {
            out.publish(ByteBuffer.allocate(8).putLong(0, ++sent));
            long got = in.receive(Duration.ofSeconds(10)).buffer().getLong();
            if (got != ++received) throw new IllegalStateException("received " + got + " instead of " + received);
        }
        queue.close();
        System.out.println("received all of " + sent);
    }

    /** Opens, subscribes, publishes and closes again and again. */
    private static void churn(MessageQueue queue, String uri) {
        queue.close();
        ready();
        while (true)
            try (MessageQueue again = MessageQueues.open(uri);
                    Subscriber in = again.createSubscriber();
                    Publisher out = again.createPublisher()) {
                out.publish("churn");
                if (in.receive(Duration.ofSeconds(10)) == null) throw new IllegalStateException("nothing received");
            }
    }
}
