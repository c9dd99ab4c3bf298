package dev.belfry.bridge;

import static dev.belfry.bridge.Carrier.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A source that has another id after a power loss, as it does not sync each publish. */
@Timeout(60)
@WaitsForOthers
class FileBridgeTest {
    private final Queues queues = new Queues("mem");

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @TempDir
    Path temporary;

    private Path directory;
    private String uri;
    private MessageQueue source;

    @BeforeEach
    void open() {
        directory = temporary.resolve("a");
        uri = "file:" + directory + "?sync=os&flush=1h&anyFileSystem=true&keep=all";
        source = MessageQueues.open(uri);
    }

    @AfterEach
    void close() {
        source.close();
        MessageQueues.delete(uri);
        queues.close();
    }

    private void publish(String... texts) {
        try (Publisher out = source.createPublisher()) {
            for (String text : texts) out.publish(text);
        }
    }

    private BridgeStats carry() {
        return Carrier.carry(source, uri, queues.uri("b"));
    }

    /** All that was published is on the disk; what comes after this is not. */
    private Path image() throws IOException {
        try (Publisher out = source.createPublisher()) {
            assertThat(out.awaitDurable(source.stats().newestPosition(), Patience.limit()))
                    .isTrue();
        }
        Path image = temporary.resolve("image" + UUID.randomUUID());
        copy(directory, image);
        return image;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : (Iterable<Path>) files::iterator) Files.copy(file, to.resolve(file.getFileName()));
        }
    }

    private void losePower(Path image) throws IOException {
        UUID before = source.stats().id();
        source.close();
        MessageQueues.delete(uri);
        copy(image, directory);
        source = MessageQueues.open(uri);
        assertThat(source.stats().id()).isNotEqualTo(before);
    }

    private List<String> withoutDuplicates() {
        List<String> texts = new ArrayList<>();
        try (Subscriber in = Bridges.dropDuplicates(
                queues.open("b").createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED)))) {
            for (Message m; (m = in.receiveNoWait()) != null; ) texts.add(m.text());
        }
        return texts;
    }

    @Test
    void shouldSendOnlyWhatTheTargetLacksWhenTheSourceHasLostItsEnd() throws IOException {
        queues.open("b");
        publish("1", "2", "3");
        assertThat(carry().forwarded()).isEqualTo(3);
        Path image = image();
        publish("lost 4", "lost 5");
        assertThat(carry().forwarded()).isEqualTo(2);
        losePower(image);
        publish("4", "5", "6");
        assertThat(carry().forwarded()).isEqualTo(3);
        assertThat(texts(queues.open("b")))
                .containsExactly("1", "2", "3", "lost 4", "lost 5", "4", "5", "6")
                .isEqualTo(withoutDuplicates());
        assertThat(log.text()).doesNotContain(" again");
    }

    /** The ids between were in no mark: no bridge ran in those lives. */
    @Test
    void shouldKnowItsMessagesThroughLivesWithoutABridge() throws IOException {
        queues.open("b");
        publish("1", "2");
        Path first = image();
        publish("lost 3", "lost 4", "lost 5");
        carry();
        losePower(first);
        publish("3");
        Path second = image();
        publish("lost 4 again");
        losePower(second);
        publish("4", "5");
        assertThat(carry().forwarded()).isEqualTo(3);
        assertThat(withoutDuplicates()).containsExactly("1", "2", "lost 3", "lost 4", "lost 5", "3", "4", "5");
    }

    /** Another target by the same subscription: it has nothing of what was acknowledged. */
    @Test
    void shouldSayWhatItSendsAgain() {
        queues.open("b");
        publish("1", "2", "3");
        carry();
        MessageQueue other = queues.open("c");
        publish("4");
        String name = source.stats().subscribers().get(0).name();
        BridgeOptions options = BridgeOptions.defaults().name(name);
        try (Carrier carrier = new Carrier(Bridge.of(uri, queues.uri("c"), options))) {
            carrier.untilDone(source);
        }
        assertThat(texts(other)).containsExactly("1", "2", "3", "4");
        assertThat(log.text()).containsOnlyOnce("sends positions 1 to 3 again").contains("at most 3 messages");
    }

    @Test
    void shouldSendNothingBackThatCameFromAnEarlierLife() throws IOException {
        queues.open("b");
        publish("1", "2");
        carry();
        losePower(image());
        BridgeStats back = Carrier.carry(queues.open("b"), queues.uri("b"), uri);
        assertThat(back.forwarded()).isZero();
        assertThat(back.echoes()).isEqualTo(2);
        assertThat(texts(source)).containsExactly("1", "2");
    }

    /** "Nothing yet" of a disk that is slow. */
    @Test
    void shouldTakeALateReadForNoEnd() {
        try (Patched slow = Patched.in("ReadAside", "GRACE_NANOS = 500_000_000;", "GRACE_NANOS = 0;")
                .and("ReadAside", "try { read();", "try { LockSupport.parkNanos(5_000_000); read();")) {
            assertThat(slow.call(LateReads.class, temporary.resolve("late").toString()))
                    .isEqualTo(11);
        }
    }
}
