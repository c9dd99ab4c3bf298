package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a directory that share its inodes, as backups do, and older ones that are put in its place. */
@Timeout(60)
class HardLinksTest {
    private Small small = new Small("");
    private final Small copy = new Small("");

    @AfterEach
    void remove() throws Exception {
        copy.close();
        small.close();
    }

    private static void publish(MessageQueue queue, int count) {
        try (Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < count; i++) publisher.publish("x".repeat(1000));
        }
    }

    private interface Each {
        void take(Path from, Path to) throws Exception;
    }

    private void copy(Each how) throws Exception {
        Files.createDirectory(copy.directory);
        for (String each : small.names()) how.take(small.directory.resolve(each), copy.directory.resolve(each));
    }

    private void removeOriginal() throws Exception {
        for (String each : small.names()) Files.delete(small.directory.resolve(each));
        Files.delete(small.directory);
    }

    @Test
    void shouldRefuseALinkedCopyAsLongAsTheOriginalIsOpen() throws Exception {
        try (MessageQueue queue = small.open()) {
            publish(queue, 3);
            copy((from, to) -> Files.createLink(to, from));
            assertThatThrownBy(copy::open)
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageContaining(small.directory.toString())
                    .hasMessageContaining("hard link");
            publish(queue, 3);
            small.open().close(); // the links of somebody's snapshot are no reason to refuse it
        }
        small.open().close();
        try (MessageQueue queue = copy.open()) {
            assertThat(queue.stats().newestPosition()).isEqualTo(6);
            assertThatThrownBy(small::open).isInstanceOf(IncompatibleQueueException.class);
        }
    }

    @Test
    void shouldSeeItsRemovalThoughALinkIsLeft() throws Exception {
        String part;
        try (MessageQueue queue = small.open()) {
            publish(queue, 1);
            part = small.livePart();
            copy((from, to) -> Files.createLink(to, from));
            removeOriginal();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            publish(queue, 1);
                            Thread.sleep(100);
                        }
                    })
                    .isInstanceOf(JournalFailedException.class)
                    .hasMessageContaining(small.directory + " failed");
        }
        dev.belfry.shm.LivePart.setAside(part);
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "os"})
    void shouldHaveANewIdWhenAnOlderCopyIsInItsPlace(String sync) throws Exception {
        small = new Small("&sync=" + sync);
        UUID id;
        try (MessageQueue queue = small.open()) {
            publish(queue, 3);
            id = queue.stats().id();
        }
        copy(Files::copy);
        try (MessageQueue queue = small.open()) {
            publish(queue, 3);
        }
        String part = small.livePart();
        removeOriginal();
        Files.move(copy.directory, small.directory);
        try (MessageQueue queue = small.open()) {
            assertThat(queue.stats().newestPosition()).isEqualTo(3);
            assertThat(queue.stats().id()).isNotEqualTo(id);
            id = queue.stats().id();
        }
        dev.belfry.shm.LivePart.setAside(part);
        small.forgetLivePart();
        try (MessageQueue queue = small.open()) { // as after a reboot
            assertThat(queue.stats().id()).isEqualTo(id);
        }
        small.forgetLivePart();
    }
}
