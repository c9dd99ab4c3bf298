package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import java.util.concurrent.locks.LockSupport;

/**
 * The same slow subscriber under each policy: which side pays when a ring of 16 KiB is full? With
 * GATE_PUBLISHER the publisher, in time. With OVERRUN the subscriber, in messages. With DISCONNECT
 * the subscriber, with its subscription.
 */
public final class SlowConsumer {
    private static final int MESSAGES = 1000;
    private static final byte[] THE_END = {};

    private SlowConsumer() {}

    public static void main(String[] args) throws InterruptedException {
        Speaker main = new Speaker("main");
        main.say(
                "%,d messages of 100 bytes, five a millisecond; the subscriber takes a millisecond for each", MESSAGES);
        for (SlowSubscriber policy : SlowSubscriber.values()) run(main, policy);
    }

    private static void run(Speaker main, SlowSubscriber policy) throws InterruptedException {
        String uri =
                "shm:slow-" + ProcessHandle.current().pid() + "?capacity=16k&maxCapacity=16k&deleteOnLastClose=true";
        SubscriberOptions options =
                SubscriberOptions.builder().slowSubscriber(policy).build();
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher();
                Subscriber in = queue.createSubscriber(options)) {
            Thread reader = new Thread(() -> read(main, in, policy));
            reader.start();
            long began = System.nanoTime();
            byte[] body = new byte[100];
            for (int i = 0; i < MESSAGES; i++) {
                out.publish(body);
                LockSupport.parkNanos(200_000);
            }
            long millis = (System.nanoTime() - began) / 1_000_000;
            out.publish(THE_END);
            reader.join();
            main.say("%-15s the publisher needed %,d ms", policy, millis);
        }
    }

    private static void read(Speaker main, Subscriber in, SlowSubscriber policy) {
        int received = 0;
        String end = "";
        try {
            for (; in.receive().bytes().length > 0; received++) LockSupport.parkNanos(1_000_000);
        } catch (SubscriberDisconnectedException e) {
            end = "; then: " + e.getMessage();
        }
        main.say("%-15s the subscriber received %,d, lost %,d%s", policy, received, MESSAGES - received, end);
    }
}
