package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A publisher that waits for ever logs which subscriber it waits for. */
@WaitsForOthers
class FullQueueIsSaidTest {
    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    @Test
    @Slow
    void shouldNameTheSubscriptionOnceWhenAPublisherWaitsLong() throws Exception {
        String uri = "shm:full-" + ProcessHandle.current().pid() + "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true";
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(SubscriberOptions.builder().name("audit").build())
                    .close();
            Publisher publisher = queue.createPublisher();
            byte[] body = new byte[500];
            while (publisher.offer(ByteBuffer.wrap(body), Duration.ZERO) != Publisher.REJECTED)
                ;
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> publisher.publish(body));
            Patience.until("it is said", () -> said().contains("waiting for 'audit' (no process attached, lag 7,"));
            Thread.sleep(1_500);
            assertThat(said().split("waiting for 'audit'"))
                    .as("before it, and after it")
                    .hasSize(2);
            publisher.close();
            assertThat(waiting)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .withCauseInstanceOf(QueueClosedException.class);
        }
    }

    private String said() {
        return log.text();
    }
}
