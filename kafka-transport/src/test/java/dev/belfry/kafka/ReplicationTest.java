package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three brokers of which two must have each message: one is killed under traffic, then a second
 * one. A ledger accounts for every message.
 */
@Timeout(300)
@Luck
@Tag("F85")
class ReplicationTest {
    private static final int PUBLISHERS = 2;
    private static final int SOME = 300;

    @Test
    void shouldGoOnWithTwoBrokersOfThreeAndTellPublishersWhenThereIsOne() throws Exception {
        try (ThreeBrokers brokers = new ThreeBrokers()) {
            String uri = "kafka:replicated?replication=3&minInsyncReplicas=2&bootstrap=" + brokers.bootstrap()
                    + "&kafka.request.timeout.ms=2000&kafka.delivery.timeout.ms=4000";
            Ledger ledger = new Ledger(PUBLISHERS, "");
            AtomicBoolean more = new AtomicBoolean(true);
            try (MessageQueue queue = MessageQueues.open(uri)) {
                brokers.awaitInSync("replicated", 3);
                Subscriber anonymous = queue.createSubscriber();
                CountDownLatch done = new CountDownLatch(PUBLISHERS);
                Reading reading = new Reading(queue.createSubscriber(
                        SubscriberOptions.builder().name("audit").build()));
                List<Thread> publishing = new ArrayList<>();
                for (int id = 0; id < PUBLISHERS; id++)
                    publishing.add(ledger.start(queue, id, serial -> more.get(), done));
                awaitTraffic(ledger, reading);

                Broker first = brokers.leader("replicated");
                first.kill();
                awaitTraffic(ledger, reading);

                Broker second = brokers.leader("replicated");
                assertThat(second).isNotSameAs(first);
                ledger.told = null;
                second.kill();
                int before = ledger.published.size();
                Patience.until("publishers are told", () -> ledger.told != null);
                assertThat(ledger.published).hasSizeLessThanOrEqualTo(before + PUBLISHERS);

                second.start();
                awaitTraffic(ledger, reading);
                first.start();
                brokers.awaitInSync("replicated", 3);
                more.set(false);
                for (Thread thread : publishing) thread.join();
                ledger.check(anonymous);
                ledger.check(queue.createSubscriber(StartAt.OLDEST_RETAINED));
                reading.end(ledger.published.lastKey());
            }
            MessageQueues.delete(uri);
        }
    }

    private static void awaitTraffic(Ledger ledger, Reading reading) {
        int published = ledger.published.size();
        Patience.until("publishers go on", () -> ledger.published.size() > published + SOME);
        long newest = ledger.published.lastKey();
        Patience.until("subscribers go on", () -> reading.last >= newest);
    }

    /** By a named subscription, all the time. */
    private static final class Reading {
        private final List<String> wrong = new CopyOnWriteArrayList<>();
        private final Subscriber subscriber;
        private final Thread thread;
        private volatile long last;
        private volatile long end = Long.MAX_VALUE;

        Reading(Subscriber subscriber) {
            this.subscriber = subscriber;
            thread = new Thread(this::run);
            thread.start();
        }

        private void run() {
            while (last < end) {
                try {
                    Message message = subscriber.receive(Duration.ofMillis(100));
                    if (message == null) continue;
                    if (message.position() != last + 1) wrong.add(message.position() + " after " + last);
                    last = message.position();
                } catch (ConnectionLostException itsPlaceIsNotStoredNow) {
                    continue;
                }
            }
        }

        void end(long newest) throws InterruptedException {
            end = newest;
            thread.join();
            assertThat(wrong).isEmpty();
        }
    }
}
