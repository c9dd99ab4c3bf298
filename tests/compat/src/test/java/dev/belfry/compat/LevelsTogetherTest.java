package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.spi.Log;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Today's build raises the feature of pages in a domain only where no process of 0.1.0 lives; that is refused then. */
@Timeout(300)
@WaitsForOthers
@Slow
@Tag("F73")
class LevelsTogetherTest {
    private static final String READY = "ready";

    @TempDir
    Path directory;

    /** Here a test may still be skipped. */
    @BeforeEach
    void build() throws IOException {
        Released.jars();
    }

    private static ChildJvm consumes(Release release, String uri) throws IOException {
        return release.command(null, "Consuming", uri, "queue").start();
    }

    private static MessageQueue open(String uri) {
        return MessageQueues.open(uri + (uri.contains("?") ? "&" : "?") + Log.KIND + "=" + Log.DOMAIN);
    }

    private static void requireRefused(String uri, String why) throws IOException {
        try (ChildJvm late = consumes(Release.RELEASED, uri)) {
            assertThat(late.awaitExit()).isOne();
            assertThat(late.errors()).contains(why + ". Upgrade.");
        }
    }

    private static void raise(String uri, String why) throws IOException {
        try (MessageQueue domain = open(uri);
                ChildJvm earlier = consumes(Release.RELEASED, uri);
                ChildJvm today = consumes(Release.TODAY, uri)) {
            Log log = domain.unwrap(Log.class);
            for (ChildJvm one : new ChildJvm[] {earlier, today})
                assertThat(one.line()).isEqualTo(READY);
            assertThat(log.raise(Log.PAGES)).isFalse();
            assertThat(log.unawareOf(Log.PAGES)).startsWith("pid " + earlier.pid() + " (");
            earlier.kill();
            assertThat(log.unawareOf(Log.PAGES)).isEmpty();
            assertThat(log.raise(Log.PAGES)).isTrue();
            requireRefused(uri, why);
            try (ChildJvm later = consumes(Release.TODAY, uri)) {
                assertThat(later.line()).isEqualTo(READY);
            }
        }
    }

    @Test
    void shouldWaitForEarlierProcessesOfADomainInMemory() throws IOException {
        String uri = "shm:belfry-levels-" + UUID.randomUUID();
        try {
            raise(uri, "needs a newer library, for its features 2");
        } finally {
            MessageQueues.delete(URI.create(uri));
        }
    }

    /** Also after a reboot. */
    @Test
    void shouldWaitForEarlierProcessesOfADirectory() throws IOException {
        Path queue = directory.resolve("q");
        String uri = "file:" + queue + "?anyFileSystem=true";
        String why = "has flags 8, which this library does not know";
        raise(uri, why);
        try (MessageQueue domain = open(uri)) {
            assertThat(domain.unwrap(Log.class).raise(Log.PAGES)).isTrue();
        }
        try (var parts = Files.newDirectoryStream(Path.of("/dev/shm"), "belfry..file.*")) {
            for (Path part : parts) if (isOf(part, queue)) Files.delete(part);
        }
        requireRefused(uri, why);
        try (MessageQueue domain = open(uri)) {
            assertThat(domain.unwrap(Log.class).raise(Log.PAGES)).isTrue();
        }
        MessageQueues.delete(URI.create("file:" + queue));
    }

    /** The inode of the file "queue" is at its end. */
    private static boolean isOf(Path part, Path queue) throws IOException {
        long inode = (long) Files.getAttribute(queue.resolve("queue"), "unix:ino");
        return part.getFileName().toString().endsWith(Long.toHexString(inode));
    }
}
