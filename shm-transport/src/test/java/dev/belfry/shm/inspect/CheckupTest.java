package dev.belfry.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.segment.Machine;
import dev.belfry.spi.Finding;
import dev.belfry.testing.Call;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CheckupTest {
    private final String name = "checkup-" + ProcessHandle.current().pid();

    /** Who judges figures has readings of its own. */
    @Test
    void shouldNeitherJudgeFiguresNorWaitForThemWhereMessagesAreLost() {
        try (MessageQueue queue =
                MessageQueues.open("shm:" + name + "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true")) {
            Publisher out = queue.createPublisher();
            Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                    .name("loser")
                    .slowSubscriber(SlowSubscriber.OVERRUN)
                    .build());
            for (int i = 0; i < 100; i++) out.publish("x".repeat(200));
            in.receive();
            assertThat(queue.stats().subscribers().get(0).lostCount()).isPositive();
            checkup(); // loads classes, which may wait
            long before = Call.ownWaits();
            List<Finding> found = checkup();
            assertThat(Call.ownWaits()).isEqualTo(before);
            assertThat(found)
                    .filteredOn(f -> f.subject().equals("shm:" + name))
                    .extracting(Finding::check)
                    .containsExactly("queue");
        }
    }

    private List<Finding> checkup() {
        return new ShmInspector(Machine.real()).diagnose(name, false);
    }
}
