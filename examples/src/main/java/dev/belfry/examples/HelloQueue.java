package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueStats;
import java.io.IOException;
import java.util.List;

/**
 * The first exchange: A sends, B1, B2 and B3 receive it, each in a JVM of its own; any of them may
 * start first.
 *
 * <pre>
 *   HelloQueue [uri]                           all four
 *   HelloQueue publisher [uri [subscribers]]   A alone, waiting for one subscriber unless another number is given
 *   HelloQueue subscriber [name [uri]]         one subscriber
 * </pre>
 *
 * <p>The URI may be of any transport between processes, such as {@code kafka:}.
 */
public final class HelloQueue {
    /** A ring of 4 KiB that may grow; the last one to close it removes it. */
    private static final String PARAMETERS = "?capacity=4k&maxCapacity=1m&deleteOnLastClose=true";

    private HelloQueue() {}

    public static void main(String[] args) throws Exception {
        String byHand = "shm:hello" + PARAMETERS;
        String first = argument(args, 0, "shm:hello-" + ProcessHandle.current().pid() + PARAMETERS);
        switch (first) {
            case "publisher" -> HelloPublisher.run(argument(args, 1, byHand), Integer.parseInt(argument(args, 2, "1")));
            case "subscriber" -> HelloSubscriber.run(argument(args, 1, "B"), argument(args, 2, byHand));
            default -> {
                if (first.contains(":")) all(first);
                else
                    System.err.println(
                            "What is '" + first + "'? Say publisher, subscriber, a URI, or nothing for all.");
            }
        }
    }

    private static String argument(String[] args, int i, String otherwise) {
        return i < args.length ? args[i] : otherwise;
    }

    private static void all(String uri) throws IOException, InterruptedException {
        Speaker main = Speaker.narrating("main");
        SharedObjects shared = null;
        try (MessageQueue queue = MessageQueues.open(uri);
                Jvms jvms = new Jvms()) {
            if (SharedObjects.has(queue)) shared = SharedObjects.of(queue);
            jvms.start(HelloQueue.class, "publisher", uri, "3");
            for (String name : List.of("B1", "B2", "B3")) jvms.start(HelloQueue.class, "subscriber", name, uri);
            jvms.join();
            QueueStats stats = queue.stats();
            if (shared == null) main.say("%,d messages", stats.newestPosition());
            else
                main.say(
                        "%,d messages; the ring has %,d bytes now, of at most %,d",
                        stats.newestPosition(), stats.capacity(), stats.maxCapacity());
        }
        if (shared != null) main.say("Left in /dev/shm: %s", shared.left());
    }
}
