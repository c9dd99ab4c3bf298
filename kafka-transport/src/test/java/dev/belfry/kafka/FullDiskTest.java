package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The disk of the broker is full: a file system of its own, which traffic fills. The broker ends
 * then. It is started again when there is room, and the same program goes on.
 */
@WaitsForOthers
@Timeout(180)
@Tag("F84")
@Slow
@OneJdk
class FullDiskTest {
    private static final int PUBLISHERS = 2;
    private static final int MIB = 24;
    private static final int AFTERWARDS = 100;

    @Test
    void shouldLoseNothingWhenTheBrokersDiskIsFull() throws Exception {
        Broker broker = Broker.made();
        try (broker;
                SmallDisk disk = new SmallDisk(broker.data(), MIB)) {
            broker.through(disk.command());
            broker.start();
            String uri = "kafka:full?bootstrap=" + broker.bootstrap()
                    + "&kafka.request.timeout.ms=1000&kafka.delivery.timeout.ms=2000";
            Ledger ledger = new Ledger(PUBLISHERS, " " + "x".repeat(50_000));
            try (MessageQueue queue = MessageQueues.open(uri)) {
                Subscriber anonymous = queue.createSubscriber();
                Subscriber named = queue.createSubscriber(
                        SubscriberOptions.builder().name("audit").build());
                CountDownLatch done = new CountDownLatch(PUBLISHERS);
                AtomicInteger last = new AtomicInteger(Integer.MAX_VALUE);
                List<Thread> publishing = new ArrayList<>();
                for (int id = 0; id < PUBLISHERS; id++)
                    publishing.add(ledger.start(queue, id, serial -> ledger.count.get() < last.get(), done));
                Patience.until("a publisher is told", () -> ledger.told != null);
                Patience.until("the broker has ended by itself", () -> !broker.isAlive());
                assertThat(disk.free()).isLessThan(1024);
                assertThat(ledger.told).hasMessageContaining("may or may not have happened");
                disk.makeRoom();
                broker.start();
                int published = ledger.published.size();
                Patience.until("the same publishers go on", () -> ledger.published.size() > published + AFTERWARDS);
                last.set(0);
                for (Thread thread : publishing) thread.join();
                ledger.check(anonymous);
                ledger.check(named);
                ledger.check(queue.createSubscriber(StartAt.OLDEST_RETAINED));
            }
        }
    }
}
