package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.JournalFailedException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.LivePart;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A directory that gets another name, or none, while a process has its queue open. */
@Timeout(60)
class MovedDirectoryTest {
    private static final int MORE_THAN_TWO_SEGMENTS = 800;

    private final Small small = new Small("&maxCapacity=1m&maxSize=2m");

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @AfterEach
    void remove() throws Exception {
        small.close();
    }

    private static void publish(Publisher publisher, int count) {
        for (int i = 0; i < count; i++) publisher.publish("x".repeat(4000));
    }

    /** From the files alone. */
    private long messages(String uri) {
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber in = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            long newest = 0;
            for (Message m; (m = in.receive(Duration.ZERO)) != null; newest = m.position())
                ;
            return newest;
        }
    }

    @Test
    void shouldStayTheQueuesOwnWhereverItIs() throws Exception {
        Path aside = SmallFilesProvider.ROOT.resolve(small.name + ".aside");
        String uriAside = small.uri().replace(small.name, small.name + ".aside");
        try (MessageQueue first = small.open();
                Subscriber reader = first.createSubscriber(Small.READER)) {
            Publisher publisher = first.createPublisher();
            publish(publisher, 10);
            Files.move(small.directory, aside);
            try (MessageQueue second = small.open()) {
                second.createSubscriber(Small.READER).close();
                Publisher its = second.createPublisher();
                publish(its, 10);
                for (int i = 0; i < 8; i++) {
                    publish(publisher, MORE_THAN_TWO_SEGMENTS / 8);
                    while (reader.receive(Duration.ZERO) != null) {}
                }
                Patience.until("what is read goes", () -> !Files.exists(aside.resolve("log.0000000000000000")));
                assertThat(small.names()).contains("log.0000000000000000").doesNotContain("log.0000000000100000");
                publish(its, 10);
            }
        }
        small.forgetLivePart();
        assertThat(messages(small.uri())).isEqualTo(20);
        assertThat(messages(uriAside)).isEqualTo(10 + MORE_THAN_TWO_SEGMENTS);
        MessageQueues.delete(uriAside);
    }

    /** Nobody knows its name in /dev/shm. */
    @Test
    void shouldBeNamedInTheLogByItsDirectory() {
        try (MessageQueue queue = small.open();
                Subscriber slow = queue.createSubscriber(SubscriberOptions.builder()
                        .slowSubscriber(SlowSubscriber.DISCONNECT)
                        .build())) {
            publish(queue.createPublisher(), MORE_THAN_TWO_SEGMENTS);
            assertThatThrownBy(() -> slow.receive(Duration.ZERO)).isInstanceOf(SubscriberDisconnectedException.class);
            assertThat(log.text())
                    .contains("small:" + small.name + ": disconnected the subscriber")
                    .doesNotContain(".file.");
        }
    }

    /** What the handler reads is its own copy. It must not count as handled. */
    @Test
    void shouldThrowAfterTheHandlerThatHadAMessageWhenItWasRemoved() throws Exception {
        String part;
        AtomicInteger handled = new AtomicInteger();
        try (MessageQueue queue = small.open();
                Subscriber in = queue.createSubscriber(SubscriberOptions.builder()
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build())) {
            publish(queue.createPublisher(), 1);
            part = small.livePart();
            assertThatThrownBy(() -> in.poll(
                            view -> {
                                removeAll();
                                Patience.until("it has ended", () -> hasFailed(queue));
                                assertThat(view.buffer().get(3999)).isNotZero();
                                handled.incrementAndGet();
                            },
                            3,
                            Duration.ofSeconds(1)))
                    .isInstanceOf(JournalFailedException.class);
            assertThat(handled).hasValue(1);
        }
        LivePart.setAside(part);
    }

    private static boolean hasFailed(MessageQueue queue) {
        try {
            queue.stats();
            return false;
        } catch (JournalFailedException told) {
            return true;
        }
    }

    /** Its keeper may make a file meanwhile. */
    private void removeAll() {
        Patience.until("nothing is left", small::isRemoved);
    }

    @Test
    void shouldEndTheQueueWhenItIsRemoved() throws Exception {
        String part = small.directory.toString();
        try (MessageQueue queue = small.open()) {
            Publisher publisher = queue.createPublisher();
            publish(publisher, 1);
            part = small.livePart();
            removeAll();
            assertThatThrownBy(() -> {
                        while (true) publish(publisher, 1);
                    })
                    .isInstanceOf(JournalFailedException.class)
                    .hasMessageContaining(small.directory + " failed");
        } finally {
            LivePart.setAside(part);
        }
        try (MessageQueue again = small.open()) {
            publish(again.createPublisher(), 1);
        }
    }
}
