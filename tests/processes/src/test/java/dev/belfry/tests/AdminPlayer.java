package dev.belfry.tests;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.util.concurrent.locks.LockSupport;

/** Opens, inspects, lists, joins and leaves, names and unsubscribes: all that goes on beside the messages. */
final class AdminPlayer extends Troupe.Player {
    @Override
    boolean isOver() {
        return quiet;
    }

    @Override
    void live(MessageQueue queue) {
        for (int left = 1 + random.nextInt(20); left > 0 && !quiet; left--) {
            switch (random.nextInt(5)) {
                case 0 -> look(queue);
                case 1 -> list();
                case 2 -> observe(queue);
                case 3 -> name(queue);
                default -> Troupe.open(uri).close();
            }
            LockSupport.parkNanos(random.nextInt(40_000_000));
        }
    }

    private static void look(MessageQueue queue) {
        QueueStats stats = queue.stats();
        if (stats.oldestPosition() > stats.newestPosition() + 1) throw new AssertionError("" + stats);
    }

    private void list() {
        String own = uri.toString().replaceAll("\\?.*", "");
        if (MessageQueues.list("shm").stream().noneMatch(q -> q.uri().toString().equals(own)))
            throw new AssertionError(own + " is not listed");
    }

    private void observe(MessageQueue queue) {
        StartAt from = random.nextBoolean() ? StartAt.NOW : StartAt.OLDEST_RETAINED;
        try (Subscriber observer = queue.createSubscriber(SubscriberOptions.observer(from))) {
            observer.poll(message -> {}, 1 + random.nextInt(50));
        }
    }

    /** All of them use one name, and none waits for it. */
    private void name(MessageQueue queue) {
        SubscriberOptions options = SubscriberOptions.builder()
                .name("passing")
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .build();
        try {
            if (random.nextInt(3) == 0) {
                queue.unsubscribe("passing");
                return;
            }
            try (Subscriber subscriber = queue.createSubscriber(options)) {
                subscriber.poll(message -> {}, 1 + random.nextInt(50));
            }
        } catch (InUseException another) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
