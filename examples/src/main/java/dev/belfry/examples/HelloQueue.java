package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueStats;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The first exchange: A sends, B1, B2 and B3 hear it, each in a JVM of its own; who starts first does not matter.
 *
 * <pre>
 *   HelloQueue                                 all four
 *   HelloQueue publisher [uri [subscribers]]   A alone, waiting for one subscriber unless told otherwise
 *   HelloQueue subscriber [name [uri]]         one subscriber
 * </pre>
 */
public final class HelloQueue {
    /** A ring of 4 KiB that may grow; the last one to close it removes it. */
    private static final String PARAMETERS = "?capacity=4k&maxCapacity=1m&deleteOnLastClose=true";

    private HelloQueue() {}

    public static void main(String[] args) throws Exception {
        String byHand = "shm:hello" + PARAMETERS;
        switch (argument(args, 0, "all")) {
            case "all" -> all("shm:hello-" + ProcessHandle.current().pid() + PARAMETERS);
            case "publisher" -> HelloPublisher.run(argument(args, 1, byHand), Integer.parseInt(argument(args, 2, "1")));
            case "subscriber" -> HelloSubscriber.run(argument(args, 1, "B"), argument(args, 2, byHand));
            default -> System.err.println("What is '" + args[0] + "'? Say publisher, subscriber, or nothing for all.");
        }
    }

    private static String argument(String[] args, int i, String otherwise) {
        return i < args.length ? args[i] : otherwise;
    }

    private static void all(String uri) throws IOException, InterruptedException {
        Speaker main = new Speaker("main");
        UUID id;
        try (MessageQueue queue = MessageQueues.open(uri)) {
            id = queue.stats().id();
            letThemTalk(uri);
            QueueStats stats = queue.stats();
            main.say(
                    "%,d messages; the ring has %,d bytes now, of at most %,d",
                    stats.newestPosition(), stats.capacity(), stats.maxCapacity());
        }
        List<String> left = sharedObjects(uri, id);
        main.say("Left in /dev/shm: %s", left.isEmpty() ? "nothing" : left);
    }

    private static void letThemTalk(String uri) throws IOException, InterruptedException {
        List<Process> jvms = new ArrayList<>();
        try {
            jvms.add(jvm("publisher", uri, "3"));
            for (String name : List.of("B1", "B2", "B3")) jvms.add(jvm("subscriber", name, uri));
            for (Process jvm : jvms)
                if (!jvm.waitFor(60, TimeUnit.SECONDS) || jvm.exitValue() != 0)
                    throw new IllegalStateException("A JVM failed or hangs: " + jvm.info());
        } finally {
            jvms.forEach(Process::destroyForcibly);
        }
    }

    /** This program again, as this JVM was started, on the same terminal. */
    private static Process jvm(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), HelloQueue.class.getName()));
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command).inheritIO().start();
    }

    /** The queue, and the semaphores on which its subscribers sleep. */
    private static List<String> sharedObjects(String uri, UUID id) {
        String queue = "belfry." + uri.substring(uri.indexOf(':') + 1, uri.indexOf('?'));
        String semaphores = "sem.belfry." + id.toString().replace("-", "") + ".";
        String[] all = new File("/dev/shm").list();
        return Stream.of(all == null ? new String[0] : all)
                .filter(name -> name.equals(queue) || name.startsWith(semaphores))
                .toList();
    }
}
