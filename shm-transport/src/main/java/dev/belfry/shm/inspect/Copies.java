package dev.belfry.shm.inspect;

import dev.belfry.api.QueueInfo;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.spi.Finding;
import dev.belfry.spi.ShellWords;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Files of queues that have one id: one is a copy of the other. Both name their semaphores by it, so a process that
 * opens the copy takes those that wake subscribers of the original. Any user can make one, so it is no alarm.
 */
final class Copies {
    private final TreeMap<String, UUID> ids = new TreeMap<>(); // by queue

    Copies(Collection<QueueInfo> all) {
        for (QueueInfo one : all) if (one.id() != null) ids.put(one.uri().getSchemeSpecificPart(), one.id());
    }

    List<Finding> of(Collection<String> queues) {
        List<Finding> all = new ArrayList<>();
        for (String queue : queues) {
            UUID id = ids.get(queue);
            ids.forEach((other, its) -> {
                if (its.equals(id) && !other.equals(queue)) all.add(finding(queue, other));
            });
        }
        return all;
    }

    private static Finding finding(String queue, String other) {
        return Remedy.SAME_ID.note(
                "shm:" + queue,
                "its id is also that of shm:" + other + ": one file is a copy of the other, and who opens the copy"
                        + " wakes the original's subscribers late",
                "FILE",
                ShellWords.of(QueueFile.pathOf(queue)),
                "OTHER",
                ShellWords.of(QueueFile.pathOf(other)));
    }
}
