package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.Subscribers;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One thread sleeps for many queues, and no other does. */
@WaitsForOthers
class MemSharedSleepTest extends MemTest {
    private static final int QUEUES = 20;

    @Test
    void shouldSleepForManyQueuesInOneThreadAndSleepWithoutSlices() throws Exception {
        List<Publisher> publishers = new ArrayList<>();
        List<Subscriber> members = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            MessageQueue queue = closing(MessageQueues.open(uri + i + "?deleteOnLastClose=true"));
            publishers.add(closing(queue.createPublisher()));
            members.add(closing(queue.createSubscriber()));
        }
        Subscribers all = closing(Subscribers.of(members.toArray(Subscriber[]::new)));
        for (int i = 0; i < QUEUES; i++) {
            Call<Subscribers.Received> call = start(() -> all.receive(Patience.limit()), "sleeper");
            call.awaitWaiting();
            Patience.pause(20);
            assertThat(call.sleeps()).as("once, without slices").isOne();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("belfry-waits-for-"));
            publishers.get(i).publish("to " + i);
            assertThat(call.get().message().text()).isEqualTo("to " + i);
        }
    }
}
