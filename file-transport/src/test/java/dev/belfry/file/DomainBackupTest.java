package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueInspector.Progress;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A domain is copied with what it has paged out, while both go on. */
@Timeout(60)
class DomainBackupTest {
    private static final int PAGES = 4_000;
    private static final String LATE = "late";
    private static final SubscriberOptions PLACE = SubscriberOptions.builder()
            .name("jms-overflow")
            .startAt(StartAt.OLDEST_RETAINED)
            .ackMode(AckMode.CLIENT)
            .build();

    private final Small domain = new Small("&queueKind=domain");
    private final Small copy = new Small("&queueKind=domain");
    private MessageQueue pages; // null: none is open

    @BeforeEach
    void begin() {
        try (MessageQueue queue = domain.open()) {
            queue.unwrap(Log.class).append(ByteBuffer.allocate(64), Reserve.NORMAL, 0, Duration.ZERO);
        }
    }

    @AfterEach
    void end() throws IOException {
        if (pages != null) pages.close();
        for (Small each : List.of(domain, copy)) {
            if (each.directory.toFile().exists()) Patience.until("it is closed", () -> isDeleted(each));
            each.close();
        }
    }

    private static boolean isDeleted(Small each) {
        return MessageQueues.delete(each.uri());
    }

    /** Of small segments, too. */
    private static MessageQueue open(Small of) {
        QueueConfig config = QueueConfig.builder()
                .capacity(1 << 20)
                .attribute("anyFileSystem", "true")
                .attribute("sync", "os")
                .attribute("keep", "needed")
                .attribute("flush", "500ms")
                .build();
        QueueUri uri = new QueueUri("file", of.directory + "/overflow", Map.of());
        return new Door(RealLibC.load(), uri.toUri(), uri.name())
                .open(config, Settings.of(uri, config, SmallFilesProvider.SEGMENT));
    }

    /** Of four files of its log. */
    private void pageOut() {
        pages = open(domain);
        pages.createSubscriber(PLACE).close();
        Publisher publisher = pages.createPublisher();
        for (int i = 1; i <= PAGES; i++) publisher.publish("page " + i + " ".repeat(1_000));
        publisher.awaitDurable(PAGES, Patience.limit());
    }

    private Map<String, Object> backup(Progress told) {
        return new FileProvider()
                .inspector()
                .orElseThrow()
                .backup(domain.directory.toString(), copy.directory.toString(), told);
    }

    private static List<String> read(MessageQueue from) {
        List<String> all = new ArrayList<>();
        try (Subscriber in = from.createSubscriber(StartAt.OLDEST_RETAINED)) {
            for (Message each; (each = in.receiveNoWait()) != null; )
                all.add(each.text().strip());
        }
        return all;
    }

    /** Those that it has when the backup begins may be needed no more when it is done, and others have come. */
    @Test
    void shouldHaveAllPagesThatItsDomainTellsOf() throws IOException {
        pageOut();
        List<String> copied = new ArrayList<>();
        Map<String, Object> made = backup((uri, done, all) -> {
            if (copied.isEmpty()) {
                Publisher publisher = pages.createPublisher();
                publisher.awaitDurable(publisher.publish(LATE), Patience.limit());
                try (Subscriber place = pages.createSubscriber(PLACE)) {
                    place.seek(StartAt.at(PAGES + 2));
                }
                pages.close(); // which stores the place, and removes what is below it
            }
            if (copied.isEmpty() || !copied.contains(uri)) copied.add(uri);
        });
        String uri = "file:" + domain.directory;
        assertThat(copied).containsExactly(uri, uri + "/overflow");
        assertThat(made).containsEntry("uri", "file:" + copy.directory);
        assertThat((int) made.get("files")).isGreaterThan(4);
        try (MessageQueue restored = open(copy)) {
            assertThat(read(restored))
                    .hasSize(PAGES + 1)
                    .startsWith("page 1", "page 2")
                    .endsWith("page " + PAGES, LATE);
            assertThat(restored.stats().subscribers()).singleElement().satisfies(place -> assertThat(place.lag())
                    .isEqualTo(PAGES + 1));
        }
        pages = open(domain);
        Patience.until(
                "what is not needed goes after the backup", () -> read(pages).size() < PAGES);
    }

    @Test
    void shouldBeTriedAgainWhenItPagesOutItsFirstMessagesMeanwhile() {
        assertThatThrownBy(() -> backup((uri, done, all) -> {
                    if (pages == null) pageOut();
                }))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("it has paged out its first messages meanwhile. Try again.");
        assertThat(copy.directory).doesNotExist();
        backup(Progress.NOBODY);
    }

    @Test
    void shouldLeaveNothingWhereItEndsInThePages() {
        pageOut();
        assertThatThrownBy(() -> backup((uri, done, all) -> {
                    if (uri.endsWith("/overflow")) throw new IllegalStateException("ended");
                }))
                .hasMessage("ended");
        assertThat(Path.of(copy.directory + ".part")).doesNotExist();
        assertThat(copy.directory).doesNotExist();
    }
}
