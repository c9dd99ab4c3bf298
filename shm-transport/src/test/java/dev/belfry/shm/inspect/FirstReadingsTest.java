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

    /** Each has lost before its first reading and loses before its second one. */
    @Test
    void shouldPauseOnceForAllThatLose() {
        List<String> names = new ArrayList<>();
        List<Loser> losers = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            names.add("losers-" + ProcessHandle.current().pid() + "-" + i);
        for (String name : names) losers.add(new Loser(name));
        losers.forEach(Loser::lose);
        ShmInspector inspector = new ShmInspector(Machine.real());
        List<String> read = new ArrayList<>(); // before a pause
        FirstReadings first = new FirstReadings(names, name -> {
            losers.get(0).lose();
            read.add(name);
            return inspector.look(name).stats();
        });
        List<Finding> found = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) losers.get(i).lose();
            found.addAll(new QueueCheckup(Machine.real(), names.get(i), false, false, first).run());
        }
        for (Loser each : losers) each.queue.close();
        for (String name : names) MessageQueues.delete("shm:" + name);
        assertThat(found).filteredOn(f -> f.check().equals("losing")).hasSize(names.size());
        assertThat(read).isEqualTo(names.subList(1, names.size()));
    }
}
