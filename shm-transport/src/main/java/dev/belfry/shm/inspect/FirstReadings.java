package dev.belfry.shm.inspect;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.judgement.Judgement;
import dev.belfry.spi.QueueCounter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Two readings with a pause between them tell who loses messages now. A checkup of many queues
 * pauses once: before that it reads all the others of them that have lost messages.
 */
final class FirstReadings {
    /** As the command takes between its two. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Function<String, QueueStats> reading;
    private final Map<String, Judgement> judgements = new HashMap<>();
    private final List<String> queues;
    private boolean paused;

    /** {@code queues}: in the order of the checkup. */
    FirstReadings(List<String> queues, Function<String, QueueStats> reading) {
        this.queues = queues;
        this.reading = reading;
    }

    Judgement of(String queue) {
        return judgements.computeIfAbsent(
                queue, none -> new Judgement(Judgement.MAX_LAG, QueueHealth.STUCK_AFTER, System::nanoTime));
    }

    static boolean mayLose(QueueStats stats) {
        return stats.subscribers().stream().anyMatch(FirstReadings::mayLose);
    }

    private static boolean mayLose(SubscriberStats s) {
        return s.attached()
                && s.lostCount() > 0
                && QueueCounter.ENDED.of(s) == 0
                && QueueCounter.PROCESS_STOPPED.of(s) == 0;
    }

    /** After the first reading of {@code queue}; false: it was the second one. */
    boolean pause(String queue) {
        if (paused) return false;
        paused = true;
        for (String other : queues.subList(queues.indexOf(queue) + 1, queues.size())) read(other);
        LockSupport.parkNanos(PAUSE_NANOS);
        return true;
    }

    /** One that cannot be read is told of in its turn. */
    private void read(String queue) {
        try {
            QueueStats stats = reading.apply(queue);
            if (mayLose(stats)) of(queue).of(stats);
        } catch (MessageQueueException unreadable) {
            return;
        }
    }
}
