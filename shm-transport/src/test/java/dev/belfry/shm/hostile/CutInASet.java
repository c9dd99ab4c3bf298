package dev.belfry.shm.hostile;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.Subscribers;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A child JVM that reads three queues as a set when a stranger cuts one short. It prints what the set threw, how many
 * of the healthy members still get their messages, and how many of those can be closed.
 *
 * <p>Arguments: the prefix of the queues' names, which one is cut, how many messages before.
 */
final class CutInASet {
    static final int QUEUES = 3;
    private static final int MOST_CALLS = 20;
    private static final Duration SHORT = Duration.ofSeconds(1);

    private CutInASet() {}

    public static void main(String[] args) throws Exception {
        int cut = Integer.parseInt(args[1]);
        List<Publisher> publishers = new ArrayList<>();
        List<Subscriber> members = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            MessageQueue queue = MessageQueues.open("shm:" + args[0] + i + "?capacity=64k");
            System.out.println(Cut.ID + queue.stats().id().toString().replace("-", ""));
            members.add(queue.createSubscriber());
            publishers.add(MessageQueues.open("shm:" + args[0] + i).createPublisher());
        }
        Subscribers all = Subscribers.of(members.toArray(Subscriber[]::new));
        for (int before = Integer.parseInt(args[2]); before > 0; before--) {
            publishers.get(before % QUEUES).publish("x");
            all.poll((from, message) -> {}, 1, SHORT);
        }
        Thread stranger = new Thread(() -> {
            LockSupport.parkNanos(300_000_000);
            cut(args[0] + cut);
            for (int i = 0; i < QUEUES; i++) if (i != cut) publishers.get(i).publish("y");
        });
        stranger.setDaemon(true);
        stranger.start();
        List<String> thrown = new ArrayList<>();
        List<Subscriber> got = new ArrayList<>();
        for (int calls = 0; calls < MOST_CALLS && (got.size() < QUEUES - 1 || thrown.isEmpty()); calls++)
            try {
                all.poll((from, message) -> got.add(from), 1, SHORT);
            } catch (QueueCorruptedException | InternalError told) {
                thrown.add(told.getClass().getSimpleName());
            }
        int left = all.members().size();
        all.close();
        int closed = 0;
        for (int i = 0; i < QUEUES; i++) {
            if (i == cut) continue;
            members.get(i).receiveNoWait(); // it is nobody else's
            members.get(i).close();
            closed++;
        }
        System.out.println("thrown " + thrown + ", got " + got.size() + ", members " + left + ", closed " + closed);
        for (int i = 0; i < QUEUES; i++) Files.deleteIfExists(Images.file(args[0] + i));
        Runtime.getRuntime().halt(0);
    }

    private static void cut(String name) {
        try (RandomAccessFile file = new RandomAccessFile(Images.file(name).toFile(), "rw")) {
            file.setLength(0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
