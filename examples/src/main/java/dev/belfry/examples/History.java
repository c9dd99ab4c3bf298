package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/**
 * A queue whose history is on the disk. A subscriber is away while 60 times as much is published as the ring takes: it
 * holds nobody up, comes back, reads what it missed from the files, and is live again. Then another one reads the last
 * two seconds once more. The publisher, a JVM of its own, says its rate meanwhile.
 */
public final class History {
    private static final int SECONDS = 9;
    private static final int RATE = 20_000;

    private History() {}

    public static void main(String[] args) throws Exception {
        String ours = "file:/var/tmp/belfry-history-" + ProcessHandle.current().pid();
        String uri = ours + "?keep=1h&sync=os&capacity=1m&maxCapacity=1m&anyFileSystem=true";
        Speaker main = new Speaker("main");
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        try (MessageQueue queue = MessageQueues.open(uri);
                Jvms jvms = new Jvms()) {
            queue.createSubscriber(audit).close();
            main.say("'audit' is away; the ring takes 1 MiB, and each message has 1,000 bytes");
            jvms.start(Feed.class, uri);
            while (queue.stats().newestPosition() == 0) Thread.sleep(50);
            Thread.sleep(3000);
            try (Subscriber in = queue.createSubscriber(audit)) {
                main.say("'audit' comes back, %,d messages behind", in.lag());
                catchUp(main, in);
            }
            try (Subscriber in =
                    queue.createSubscriber(StartAt.time(Instant.now().minusSeconds(2)))) {
                main.say("two seconds ago was message %,d", in.receive().position());
                catchUp(main, in);
            }
            jvms.join();
        } finally {
            MessageQueues.delete(ours);
        }
    }

    private static void catchUp(Speaker main, Subscriber in) {
        long began = System.nanoTime();
        long from = in.position();
        while (in.poll(message -> {}, 1000, Duration.ZERO) > 0 && in.lag() > 100) {
            // reads on
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long read = in.position() - from;
        main.say("it has read %,d messages, %,.0f a second, and is live again", read, read / seconds);
    }

    /** Publishes at a steady rate. */
    static final class Feed {
        public static void main(String[] args) {
            Speaker a = new Speaker("A");
            byte[] body = new byte[1000];
            PublisherOptions dated = PublisherOptions.builder().timestamps(true).build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher out = queue.createPublisher(dated)) {
                long began = System.nanoTime();
                for (int second = 1; second <= SECONDS; second++) {
                    long until = began + second * 1_000_000_000L;
                    int published = 0;
                    for (; published < RATE && System.nanoTime() < until; published++) {
                        out.publish(body);
                        if (published % 100 == 99) LockSupport.parkNanos(1_000_000);
                    }
                    a.say("published %,d messages in second %d", published, second);
                    LockSupport.parkNanos(until - System.nanoTime());
                }
            }
        }
    }
}
