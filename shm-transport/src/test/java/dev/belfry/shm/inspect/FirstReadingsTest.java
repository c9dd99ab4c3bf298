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
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FirstReadingsTest {
    /** Is overrun again and again. */
    private static final class Loser {
        final MessageQueue queue;
        final Publisher out;
        final Subscriber in;

        Loser(String name) {
            queue = MessageQueues.open("shm:" + name + "?capacity=4k&maxCapacity=4k");
            out = queue.createPublisher();
            in = queue.createSubscriber(SubscriberOptions.builder()
                    .slowSubscriber(SlowSubscriber.OVERRUN)
                    .build());
        }

        void lose() {
            for (int i = 0; i < 100; i++) out.publish("x".repeat(200));
            in.receive();
        }
    }

    @Test
    void shouldPauseOnceForAllThatLose() throws Exception {
        List<String> names = new ArrayList<>();
        List<Loser> losers = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            names.add("losers-" + ProcessHandle.current().pid() + "-" + i);
        for (String name : names) losers.add(new Loser(name));
        losers.forEach(Loser::lose);
        Thread losing = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) losers.forEach(Loser::lose);
        });
        losing.start();
        checkup(names); // loads classes, which may wait
        long before = Call.ownWaits();
        List<Finding> found = checkup(names);
        long after = Call.ownWaits();
        losing.interrupt();
        losing.join();
        for (Loser each : losers) each.queue.close();
        for (String name : names) MessageQueues.delete("shm:" + name);
        assertThat(found).filteredOn(f -> f.check().equals("losing")).hasSize(names.size());
        assertThat(after - before).isEqualTo(1);
    }

    private static List<Finding> checkup(List<String> names) {
        ShmInspector inspector = new ShmInspector(Machine.real());
        FirstReadings first =
                new FirstReadings(names, name -> inspector.look(name).stats());
        List<Finding> all = new ArrayList<>();
        for (String name : names)
            all.addAll(new QueueCheckup(Machine.real(), name, false, false, first).run(QueueInspector.Progress.NOBODY));
        return all;
    }
}
