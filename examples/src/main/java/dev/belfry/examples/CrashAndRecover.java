package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * SIGKILL in the middle of traffic: two publishers, two subscribers, a JVM each; one of each kind
 * is killed. The others continue without a gap, and the dead subscriber's successor continues where
 * it stopped.
 */
public final class CrashAndRecover {
    private static final int A_WHILE = 50_000;

    private CrashAndRecover() {}

    public static void main(String[] args) throws Exception {
        String uri = "shm:crash-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        Speaker main = new Speaker("main");
        SharedObjects shared;
        try (MessageQueue queue = MessageQueues.open(uri);
                Jvms jvms = new Jvms()) {
            shared = SharedObjects.of(queue);
            Process b1 = jvms.start(CrashReader.class, uri, "B1");
            jvms.start(CrashReader.class, uri, "B2");
            while (queue.stats().subscribers().size() < 2) Thread.sleep(10);
            Process a1 = jvms.start(Writer.class, uri, "A1");
            jvms.start(Writer.class, uri, "A2");
            while (queue.stats().publisherCount() < 2) Thread.sleep(10);
            awaitHeard(queue, A_WHILE, "B1", "B2");

            Jvms.kill(a1);
            Jvms.kill(b1);
            main.say("Killed A1 and B1, with SIGKILL");
            awaitHeard(queue, A_WHILE, "B2");
            main.say("A2 and B2 went on for another %,d messages; B1 comes back", A_WHILE);
            jvms.start(CrashReader.class, uri, "B1");
            awaitHeard(queue, A_WHILE, "B1", "B2");
            main.say("Now all of them are killed");
        } // jvms first, then the queue
        main.say("Left in /dev/shm: %s", shared.left());
    }

    /** Until each of them has received all messages up to now, and {@code more}. */
    private static void awaitHeard(MessageQueue queue, int more, String... names) throws InterruptedException {
        long wanted = queue.stats().newestPosition() + more;
        while (queue.stats().subscribers().stream()
                .filter(s -> List.of(names).contains(s.name()))
                .anyMatch(s -> s.position() < wanted)) Thread.sleep(10);
    }

    /** A: publishes its name and a number, a hundred each millisecond, until it is killed. */
    static final class Writer {
        public static void main(String[] args) {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher out = queue.createPublisher()) {
                for (long i = 1; ; i++) {
                    out.publish(args[1] + " " + i);
                    if (i % 100 == 0) LockSupport.parkNanos(1_000_000);
                }
            }
        }
    }
}
