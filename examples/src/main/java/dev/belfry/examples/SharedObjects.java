package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import java.io.File;
import java.util.List;
import java.util.stream.Stream;

/**
 * The objects that one queue of shm: has in /dev/shm: itself, and the semaphores on which its
 * subscribers sleep.
 */
record SharedObjects(String queue, String semaphores) {
    /** A queue of another transport has none, and no ring that grows. */
    static boolean has(MessageQueue queue) {
        return queue.uri().getScheme().equals("shm");
    }

    static SharedObjects of(MessageQueue queue) {
        String id = queue.stats().id().toString().replace("-", "");
        return new SharedObjects("belfry." + queue.uri().getSchemeSpecificPart(), "sem.belfry." + id + ".");
    }

    /** In words. */
    String left() {
        String[] all = new File("/dev/shm").list();
        List<String> left = Stream.of(all == null ? new String[0] : all)
                .filter(name -> name.equals(queue) || name.startsWith(semaphores))
                .toList();
        return left.isEmpty() ? "nothing" : left.toString();
    }
}
