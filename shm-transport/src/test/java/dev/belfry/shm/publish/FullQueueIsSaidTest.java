package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
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

    /** SLF4J then says nothing, and a program that stands still for ever would say nothing either. */
    @Test
    @Slow
    void shouldSayOnceOnStandardErrorWhatItWaitsForWhenNoLogIsThere() {
        String without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(each -> !each.contains("slf4j-simple") && !each.contains("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        String uri = "shm:full-" + ProcessHandle.current().pid() + "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true";
        JavaCommand command = JavaCommand.of("dev.belfry.testing.RemoteMain").classPath(without);
        try (MessageQueue queue = MessageQueues.open(uri);
                ChildJvm child = command.flags(JavaCommand.QUICK).start()) {
            queue.createSubscriber(SubscriberOptions.builder().name("audit").build())
                    .close();
            child.tell("open " + uri);
            child.tell("publisher");
            child.tell("publish message- 1000");
            String said = " is full (4 KiB): waiting for 'audit' (no process attached, lag ";
            Patience.until("it is said", () -> child.errors().contains("backend of SLF4J."));
            assertThat(child.errors()).contains("Belfry: 'shm:full-").containsOnlyOnce(said);
        }
    }

    private String said() {
        return log.text();
    }
}
