package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.testing.Luck;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The figures of the page about more than one machine: what {@code publish} takes with one thread
 * and with eight, at one broker and at three. Prints its rows.
 */
@Luck
@Timeout(600)
class SizingTest {
    private static final int[] SIZES = {100, 1_000, 10_000, 100_000};
    private static final int[] THREADS = {1, 8};
    private static final long WARM_UP_NANOS = 3_000_000_000L;
    private static final long NANOS = 5_000_000_000L;

    @Test
    void shouldMeasurePublishing() throws Exception {
        measure("one", Broker.shared().bootstrap(), "");
        try (ThreeBrokers brokers = new ThreeBrokers()) {
            measure("three", brokers.bootstrap(), "&replication=3&minInsyncReplicas=2");
        }
    }

    private static void measure(String brokers, String bootstrap, String parameters) throws Exception {
        String uri = "kafka:sizing?bootstrap=" + bootstrap + parameters;
        try (MessageQueue queue = MessageQueues.open(uri)) {
            publish(queue, THREADS[1], SIZES[0], WARM_UP_NANOS);
            for (int size : SIZES)
                for (int threads : THREADS) {
                    long[] took = publish(queue, threads, size, NANOS);
                    assertThat(took).isNotEmpty();
                    System.out.printf(
                            Locale.ROOT,
                            "| %,d B | %s | %d | %,d | %.1f ms | %.1f ms |%n",
                            size,
                            brokers,
                            threads,
                            took.length * 1_000_000_000L / NANOS,
                            took[took.length / 2] / 1e6,
                            took[took.length * 99 / 100] / 1e6);
                }
        }
        MessageQueues.delete(uri);
    }

    /** How long each call took, sorted. */
    private static long[] publish(MessageQueue queue, int threads, int size, long nanos)
            throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (Publisher publisher = queue.createPublisher()) {
            List<Callable<long[]>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) tasks.add(() -> publish(publisher, new byte[size], nanos));
            LongStream all = LongStream.empty();
            for (Future<long[]> took : executor.invokeAll(tasks))
                all = LongStream.concat(all, LongStream.of(took.get()));
            return all.sorted().toArray();
        } finally {
            executor.shutdown();
        }
    }

    private static long[] publish(Publisher publisher, byte[] body, long nanos) {
        LongStream.Builder took = LongStream.builder();
        long end = System.nanoTime() + nanos;
        for (long before = System.nanoTime(); before - end < 0; ) {
            publisher.publish(body);
            long after = System.nanoTime();
            took.add(after - before);
            before = after;
        }
        return took.build().toArray();
    }
}
