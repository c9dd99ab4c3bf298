package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The names of the next semaphores are easy to guess for whoever can list the directory, and made
 * by somebody before us.
 */
@Timeout(60)
@Tag("F76")
class SquattedNamesTest {
    private static final Path SHM = Path.of("/dev/shm");
    private static final int SLOTS = 4;
    private static final int GUESSES = 8;

    private final String uri = "shm:squatted-" + ProcessHandle.current().pid();
    private final List<Path> squatted = new ArrayList<>();

    @AfterEach
    void remove() throws IOException {
        MessageQueues.delete(uri);
        for (Path file : squatted) Files.deleteIfExists(file);
    }

    /** As another user may: what a semaphore's name would be, a few incarnations ahead in each slot. */
    private void squat(MessageQueue queue) throws IOException {
        String prefix = "sem.belfry." + queue.stats().id().toString().replace("-", "") + ".";
        for (int slot = 0; slot < SLOTS; slot++)
            for (int incarnation = 0; incarnation < GUESSES; incarnation++) {
                Path file = SHM.resolve(prefix + slot + "." + incarnation);
                if (Files.exists(file)) continue;
                Files.write(file, new byte[32]);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
                squatted.add(file);
            }
    }

    private static void assertHears(Publisher publisher, Subscriber subscriber, String text) {
        CompletableFuture<String> heard = CompletableFuture.supplyAsync(
                () -> subscriber.receive(Duration.ofSeconds(10)).text());
        publisher.publish(text);
        assertThat(heard.join()).isEqualTo(text);
    }

    @Test
    void f76ASubscriberTakesAnotherName() throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri + "?slots=" + SLOTS);
                Publisher publisher = queue.createPublisher()) {
            squat(queue);
            for (int round = 0; round < 2; round++)
                for (int i = 0; i < SLOTS; i++)
                    try (Subscriber subscriber = queue.createSubscriber()) {
                        assertHears(publisher, subscriber, "message " + round + "." + i);
                    }
        }
    }

    @Test
    void f76ANamedSubscriptionIsAttachedAgain() throws IOException {
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        try (MessageQueue queue = MessageQueues.open(uri + "?slots=" + SLOTS);
                Publisher publisher = queue.createPublisher()) {
            queue.createSubscriber(audit).close();
            squat(queue);
            publisher.publish("kept");
            try (Subscriber subscriber = queue.createSubscriber(audit)) {
                assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("kept");
                assertHears(publisher, subscriber, "heard");
            }
        }
    }
}
