package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueInspector.Progress;
import dev.belfry.spi.Reserve;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The directory of a domain may have a queue in it, for what its ring cannot hold. No other queue's may. */
@Timeout(60)
class OverflowInsideTest {
    private final Small domain = new Small("&queueKind=domain");
    private final Path inside = domain.directory.resolve("overflow");
    private final String uri = "file:" + inside;

    @AfterEach
    void close() throws IOException {
        if (Files.exists(inside)) MessageQueues.delete(uri);
        domain.close();
    }

    private void make() {
        try (MessageQueue queue = domain.open()) {
            Log log = queue.unwrap(Log.class);
            log.append(ByteBuffer.allocate(64), Reserve.NORMAL, 0, Duration.ZERO);
        }
        openInside().close();
    }

    private MessageQueue openInside() {
        MessageQueue queue = MessageQueues.open(uri + "?anyFileSystem=true");
        queue.createPublisher().publish("a page");
        return queue;
    }

    private List<Finding> strangers() {
        DirectoryCheckup checkup = new DirectoryCheckup(
                RealLibC.load(), domain.directory.toString(), false, false, () -> {}, Progress.NOBODY);
        return checkup.run().stream()
                .filter(each -> each.check().equals("strangers"))
                .toList();
    }

    @Test
    void shouldGoWithItsDomain() {
        make();
        domain.open().close();
        assertThat(strangers()).isEmpty();
        assertThat(MessageQueues.delete(domain.uri())).isTrue();
        assertThat(domain.directory).doesNotExist();
    }

    @Test
    void shouldKeepItsDomainWhileItIsOpen() throws IOException {
        make();
        List<String> names = domain.names();
        try (MessageQueue queue = openInside()) {
            assertThat(queue.stats().newestPosition()).isEqualTo(2);
            assertThatThrownBy(() -> MessageQueues.delete(domain.uri()))
                    .isInstanceOf(InUseException.class)
                    .hasMessageContaining("overflow stays: attached are");
        }
        assertThat(domain.names()).isEqualTo(names);
    }

    @Test
    void shouldKeepItsDomainWhenItIsNoQueue() throws IOException {
        make();
        MessageQueues.delete(uri);
        Files.createDirectory(inside);
        Files.writeString(inside.resolve("letter"), "Dear");
        assertThatThrownBy(() -> MessageQueues.delete(domain.uri()))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("overflow is no queue of Belfry");
        assertThat(domain.names()).contains("queue", "life", "overflow");
        Files.delete(inside.resolve("letter"));
        assertThat(MessageQueues.delete(domain.uri())).as("it is empty").isTrue();
    }

    @Test
    void shouldRefuseABackupOfItsDomain() {
        make();
        Path to = domain.directory.resolveSibling(domain.name + "-copy");
        try (LogDirectory from = Small.files(domain.directory)) {
            assertThatThrownBy(() -> new Backup(from, domain.uri(), to, Progress.NOBODY).run())
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageContaining("/overflow, which a backup does not copy yet");
        }
        assertThat(to).doesNotExist();
    }

    @Test
    void shouldBeAStrangersInAPlainQueue() throws IOException {
        Small plain = new Small("");
        try (plain) {
            plain.fill(1);
            Files.createDirectory(plain.directory.resolve("overflow"));
            assertThatThrownBy(() -> MessageQueues.delete(plain.uri()))
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageContaining("another program, such as 'overflow'");
        }
    }
}
