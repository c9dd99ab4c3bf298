package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Patience;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/** What publishers were told, to be compared with what subscribers get. */
final class Ledger {
    final ConcurrentSkipListMap<Long, String> published = new ConcurrentSkipListMap<>();
    final Set<String> unknown = ConcurrentHashMap.newKeySet();
    final AtomicInteger count = new AtomicInteger();

    /** The newest; null before the first. */
    volatile ConnectionLostException told;

    private final int publishers;
    private final String padding;

    /** {@code padding}: that each message has after publisher and serial number. */
    Ledger(int publishers, String padding) {
        this.publishers = publishers;
        this.padding = padding;
    }

    /**
     * Publishes as long as {@code more} agrees to the next serial number, the first of which is 1.
     * A message whose outcome is unknown is not repeated.
     */
    Thread start(MessageQueue queue, int id, IntPredicate more, CountDownLatch done) {
        Publisher publisher = queue.createPublisher();
        Thread thread = new Thread(() -> {
            for (int serial = 1; more.test(serial); serial++) {
                String text = id + " " + serial + padding;
                try {
                    String before = published.put(publisher.publish(text), text);
                    if (before != null) unknown.add("position twice: " + before + ", " + text);
                } catch (ConnectionLostException e) {
                    unknown.add(text);
                    told = e;
                }
                count.incrementAndGet();
            }
            done.countDown();
        });
        thread.start();
        return thread;
    }

    /**
     * Everything once, in order, where the publisher was told that it is; nothing that nobody has
     * published.
     */
    void check(Subscriber subscriber) {
        int[] last = new int[publishers];
        long expected = 1;
        long newest = published.lastKey();
        while (expected <= newest) {
            Message message = subscriber.receive(Patience.limit());
            assertThat(message).as("the message at " + expected).isNotNull();
            assertThat(message.position()).isEqualTo(expected);
            String text = published.get(expected);
            if (text != null) assertThat(message.text()).isEqualTo(text);
            else assertThat(unknown).contains(message.text());
            String[] parts = message.text().split(" ");
            int id = Integer.parseInt(parts[0]);
            int serial = Integer.parseInt(parts[1]);
            assertThat(serial).isGreaterThan(last[id]);
            last[id] = serial;
            expected++;
        }
        assertThat(subscriber.lostCount()).isZero();
    }
}
