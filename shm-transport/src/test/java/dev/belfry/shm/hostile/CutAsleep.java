package dev.belfry.shm.hostile;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A child JVM whose subscriber has read some messages and sleeps when a stranger cuts its queue short. What is done
 * once a message may be compiled then, and what is done once a sleep is interpreted. It prints what the wait threw.
 *
 * <p>Arguments: a queue's name, how many messages before.
 */
final class CutAsleep {
    private CutAsleep() {}

    public static void main(String[] args) throws Exception {
        MessageQueue queue = MessageQueues.open("shm:" + args[0] + "?capacity=64k");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        System.out.println(Cut.ID + queue.stats().id().toString().replace("-", ""));
        for (int before = Integer.parseInt(args[1]); before > 0; before--) {
            publisher.publish("x");
            subscriber.receive();
            subscriber.receiveNoWait();
        }
        Thread stranger = new Thread(() -> cutAfterAFewSlices(args[0]));
        stranger.setDaemon(true);
        stranger.start();
        try {
            System.out.println(subscriber.receive(Duration.ofSeconds(30)));
        } catch (RuntimeException | InternalError told) {
            System.out.println(told.getClass().getSimpleName());
        }
        Files.deleteIfExists(Images.file(args[0]));
        Runtime.getRuntime().halt(0); // a close has nothing to do with it
    }

    private static void cutAfterAFewSlices(String name) {
        LockSupport.parkNanos(300_000_000);
        try (RandomAccessFile file = new RandomAccessFile(Images.file(name).toFile(), "rw")) {
            file.setLength(0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
