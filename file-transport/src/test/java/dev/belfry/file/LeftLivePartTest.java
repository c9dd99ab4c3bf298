package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A live part that is still in /dev/shm, and that does not fit to its files, or cannot be read. */
@Timeout(60)
class LeftLivePartTest {
    private final Small small = new Small("");

    @AfterEach
    void remove() throws Exception {
        if (Files.isDirectory(small.directory)) small.forgetLivePart();
        small.close();
    }

    private void publish(int count) {
        try (MessageQueue queue = small.open();
                Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < count; i++) publisher.publish("hello");
        }
    }

    private String id() {
        try (MessageQueue queue = small.open()) {
            return queue.stats().id().toString();
        }
    }

    private int messages() {
        try (MessageQueue queue = small.open();
                Subscriber in = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            int count = 0;
            for (Message m; (m = in.receive(Duration.ZERO)) != null; )
                assertThat(m.position()).isEqualTo(++count);
            return count;
        }
    }

    /** Into the same files, as cp does. */
    @Test
    void shouldNotCountWhenABackupIsPutBack() throws Exception {
        publish(11);
        Map<String, byte[]> backup = new HashMap<>();
        for (String each : small.names()) backup.put(each, Files.readAllBytes(small.directory.resolve(each)));
        String id = id();
        publish(90);
        for (var each : backup.entrySet()) Files.write(small.directory.resolve(each.getKey()), each.getValue());
        assertThat(messages()).isEqualTo(11);
        assertThat(id()).isNotEqualTo(id); // or a bridge would take what comes next for carried
        publish(20);
        small.forgetLivePart();
        assertThat(messages()).isEqualTo(31);
    }

    /** It shares the log's id, and so the beginning of its name in /dev/shm. */
    @Test
    void shouldNotCountIfItIsThatOfACopyElsewhere() throws Exception {
        publish(11);
        String id = id();
        small.forgetLivePart();
        Small copy = new Small("");
        Files.createDirectories(copy.directory);
        for (String each : small.names()) Files.copy(small.directory.resolve(each), copy.directory.resolve(each));
        publish(copy, 1);
        assertThat(id()).isEqualTo(id);
        copy.close();
    }

    /** The newer segment stays, as it is not in the backup: the log must not go on after a hole. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&sync=os"})
    void shouldNotCountWhenABackupIsPutBackOverALogOfMoreSegments(String sync) throws Exception {
        try (Small queues = new Small("&maxCapacity=4m" + sync)) {
            publish(queues, 40);
            Map<String, byte[]> backup = new HashMap<>();
            for (String each : queues.names()) backup.put(each, Files.readAllBytes(queues.directory.resolve(each)));
            publish(queues, 1500);
            assertThat(queues.names()).hasSizeGreaterThan(backup.size());
            for (var each : backup.entrySet()) Files.write(queues.directory.resolve(each.getKey()), each.getValue());
            publish(queues, 5);
            queues.forgetLivePart();
            publish(queues, 1);
            try (MessageQueue queue = queues.open();
                    Subscriber reader = queue.createSubscriber(Small.READER)) {
                for (int i = 1; i <= 46; i++)
                    assertThat(reader.receive(Duration.ZERO).position()).isEqualTo(i);
                assertThat(reader.receive(Duration.ZERO)).isNull();
            }
        }
    }

    /** To a named subscription, so that the log is kept. */
    private static void publish(Small queues, int count) {
        try (MessageQueue queue = queues.open();
                Publisher publisher = queue.createPublisher()) {
            queue.createSubscriber(Small.READER).close();
            for (int i = 0; i < count; i++) publisher.publish("x".repeat(1000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 10_000})
    void shouldBeMadeAgainWhenItCannotBeRead(int left) throws Exception {
        publish(11);
        Path part = Path.of("/dev/shm/belfry..file." + small.livePart());
        Files.write(part, new byte[left]);
        publish(3);
        assertThat(messages()).isEqualTo(14);
    }

    @Test
    void shouldLeaveNoTemporaryFileOfAProcessThatEnded() throws Exception {
        publish(1);
        Files.writeString(small.directory.resolve("next.abc"), "zeros");
        publish(1);
        assertThat(small.names()).doesNotContain("next.abc");
        assertThat(messages()).isEqualTo(2);
    }
}
