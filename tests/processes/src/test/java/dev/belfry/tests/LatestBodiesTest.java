package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.LatestBodies;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.testing.Alone;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The newest of each key by numbers and bytes: three threads work, and none makes garbage. */
@Timeout(120)
@Alone
class LatestBodiesTest {
    private static final int KEYS = 1_000;
    private static final long FEW = 50_000;

    @RegisterExtension
    final Stage stage = new Stage();

    /**
     * Of the thread that reads, the listener's, and this one, which publishes and reads: 10,000
     * messages a stretch, until there was one without garbage.
     */
    @Test
    void shouldMakeNoGarbageOnceTheKeysAreKnown() {
        AtomicLong heard = new AtomicLong();
        try (MessageQueue queue = MessageQueues.open("shm:" + stage.name() + "?deleteOnLastClose=true");
                Publisher publisher = queue.createPublisher();
                LatestBodies bodies = LatestBodies.of(queue, view -> view.getLong(0))) {
            bodies.setListener((key, body) -> heard.lazySet(body.position()));
            List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(t -> t == Thread.currentThread() || t.getName().startsWith("belfry-latest-"))
                    .toList();
            assertThat(threads).hasSize(3);
            ByteBuffer message = ByteBuffer.allocate(64);
            LatestBodies.Body body = new LatestBodies.Body();
            long least = Long.MAX_VALUE;
            for (int stretch = 0; stretch < 10 && least >= FEW; stretch++) {
                long before = allocated(threads);
                for (int i = 0; i < 10_000; i++) {
                    int key = i % KEYS;
                    long position = publisher.publish(message.putLong(0, key).clear());
                    if (i % 100 != 99) continue;
                    while (heard.get() != position) Thread.onSpinWait();
                    assertTrue(bodies.get(key, body) && body.position() == position);
                }
                least = Math.min(least, allocated(threads) - before);
            }
            assertThat(bodies.size()).isEqualTo(KEYS);
            System.out.printf("%,d bytes in 10,000 messages of %,d keys%n", least, KEYS);
            assertThat(least).as("bytes of 10,000 messages").isLessThan(FEW);
        }
    }

    private static void assertTrue(boolean condition) {
        if (!condition) throw new AssertionError("not the newest");
    }

    private static long allocated(List<Thread> threads) {
        ThreadMXBean counts = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (int i = 0; i < threads.size(); i++)
            sum += counts.getThreadAllocatedBytes(threads.get(i).getId());
        return sum;
    }
}
