package dev.belfry.shm;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import java.time.Duration;

/** A JVM whose publishers run out of stack in the middle of a publish, a little deeper inside each time. Argument: a queue's name. */
final class Overflowing {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    static final String ALL_WELL = "nobody hung";

    private Overflowing() {}

    public static void main(String[] arguments) throws Exception {
        for (int headroom = 0; headroom < 60; headroom++) overflow(arguments[0], headroom);
        System.out.println(ALL_WELL);
        System.exit(0);
    }

    private static void overflow(String name, int headroom) throws Exception {
        String uri = "shm:" + name + "?deleteOnLastClose=true&capacity=64k&maxCapacity=64k";
        try (MessageQueue queue = MessageQueues.open(uri)) {
            Publisher publisher = queue.createPublisher();
            Subscriber subscriber = queue.createSubscriber();
            publisher.publish("warm");
            expect("warm", subscriber.receive());
            Thread deep = new Thread(
                    null, () -> deepDown(headroom, new int[] {-1}, () -> publisher.publish("deep")), "deep", 192 << 10);
            deep.start();
            deep.join(PATIENCE.toMillis());
            if (deep.isAlive()) throw new IllegalStateException("still publishing, " + headroom + " frames up");
            // As another process would: a handle of its own.
            try (MessageQueue other = MessageQueues.open(uri)) {
                other.createPublisher(
                                PublisherOptions.builder().timeout(PATIENCE).build())
                        .publish("after");
                Message next = subscriber.receive(PATIENCE);
                expect("after", next.text().equals("deep") ? subscriber.receive(PATIENCE) : next);
            } catch (QueueCorruptedException poisoned) {
                // it could not be mended in place: its own handle says so, and the other one went on
            }
        }
        MessageQueues.delete("shm:" + name); // who found it damaged leaves it for others to look at
    }

    private static void expect(String text, Message message) {
        if (!message.text().equals(text)) throw new IllegalStateException("got " + message.text() + ", not " + text);
    }

    /** To the end of the stack, and some frames back up. */
    private static void deepDown(int frames, int[] left, Runnable run) {
        try {
            deepDown(frames, left, run);
        } catch (StackOverflowError end) {
            if (left[0] < 0) left[0] = frames;
        }
        if (left[0]-- == 0) {
            try {
                run.run();
            } catch (StackOverflowError | RuntimeException expected) {
                // what it leaves behind is looked at outside
            }
            left[0] = -1000;
        }
    }
}
