package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * More virtual threads wait than there are carriers, for messages and for room: all get on. Java 21
 * and later; by reflection, as this compiles on 17.
 */
@Timeout(900)
@WaitsForOthers
class VirtualThreadsTest {
    private static final int READERS = 40;
    private static final int MESSAGES = 50;

    /** Where other processes want the processors as well. */
    private static final Duration LONG = Duration.ofMinutes(5);

    @RegisterExtension
    final Stage stage = new Stage();

    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            assumeTrue(false, "no virtual threads in Java " + Runtime.version().feature());
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldGetOnWhenMoreWaitThanThereAreCarriers() throws Exception {
        ExecutorService threads = virtualThreads();
        String uri = stage.uri("capacity=4k&maxCapacity=4k");
        try (MessageQueue queue = MessageQueues.open(uri)) {
            CountDownLatch joined = new CountDownLatch(READERS);
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++)
                readers.add(threads.submit(() -> {
                    try (Subscriber subscriber = queue.createSubscriber()) {
                        joined.countDown();
                        long last = 0;
                        while (last < 2 * MESSAGES) {
                            Message message = subscriber.receive(LONG);
                            if (message == null || message.position() != last + 1)
                                throw new AssertionError(message + " after " + last);
                            last++;
                        }
                        return last;
                    }
                }));
            assertThat(joined.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            List<Future<Long>> publishers = new ArrayList<>();
            for (int i = 0; i < 2; i++)
                publishers.add(threads.submit(() -> {
                    try (Publisher publisher = queue.createPublisher()) {
                        long last = 0;
                        for (int n = 0; n < MESSAGES; n++) last = publisher.publish(new byte[500]);
                        return last;
                    }
                }));
            for (Future<Long> publisher : publishers)
                assertThat(publisher.get(LONG.toSeconds(), TimeUnit.SECONDS)).isPositive();
            for (Future<Long> reader : readers)
                assertThat(reader.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(2 * MESSAGES);
        } finally {
            threads.shutdownNow();
        }
    }
}
