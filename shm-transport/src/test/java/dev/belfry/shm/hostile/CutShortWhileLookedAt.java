package dev.belfry.shm.hostile;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.ShmProvider;
import dev.belfry.spi.QueueInspector;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A JVM that reads a queue whose file is cut to nothing and written again all the time.
 * Arguments: the queue's name, how often it reads it.
 */
final class CutShortWhileLookedAt {
    static final String ALL_WELL = "each time an answer";

    private CutShortWhileLookedAt() {}

    public static void main(String[] arguments) throws Exception {
        String name = arguments[0];
        int rounds = Integer.parseInt(arguments[1]);
        try (MessageQueue queue = MessageQueues.open("shm:" + name + "?capacity=4k&maxCapacity=64k")) {
            queue.createPublisher().publish("x");
        }
        byte[] whole = Files.readAllBytes(Images.file(name));
        Thread flipping = new Thread(() -> flip(name, whole), "flipping");
        flipping.setDaemon(true);
        flipping.start();
        Map<String, Integer> unexpected = new TreeMap<>();
        for (int i = 0; i < rounds; i++) {
            for (int way = 0; way < 5; way++) {
                try {
                    look(name, way);
                } catch (MessageQueueException says) {
                    // that it is damaged, foreign, or gone
                } catch (Throwable other) {
                    unexpected.merge(way + ": " + other, 1, Integer::sum);
                    other.printStackTrace(); // into the failure that tells of it
                }
            }
        }
        unexpected.forEach((what, often) -> System.out.println(often + " times " + what));
        System.out.println(ALL_WELL);
        System.exit(0);
    }

    private static void look(String name, int way) {
        QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
        switch (way) {
            case 0 -> inspector.look(name);
            case 1 -> inspector.diagnose(name, false);
            case 2 -> MessageQueues.list("shm");
            case 3 -> inspector.leftOvers();
            default ->
                MessageQueues.open(
                                URI.create("shm:" + name),
                                QueueConfig.builder()
                                        .create(Create.OPEN_EXISTING)
                                        .build())
                        .close();
        }
    }

    private static void flip(String name, byte[] whole) {
        Random random = new Random(1);
        try (RandomAccessFile file = new RandomAccessFile(Images.file(name).toFile(), "rw")) {
            while (true) {
                file.setLength(0);
                if (random.nextInt(3) == 0) Thread.yield();
                file.seek(0);
                file.write(whole);
                if (random.nextInt(3) == 0) Thread.sleep(0, 1000 * random.nextInt(300));
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
