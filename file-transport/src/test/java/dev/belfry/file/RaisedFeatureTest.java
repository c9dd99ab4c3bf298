package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.shm.posix.Directory;
import dev.belfry.spi.Log;
import dev.belfry.testing.Patched;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A later release raises a feature in a directory: this one is refused then, also after a reboot. */
@Timeout(120)
class RaisedFeatureTest {
    private static final long FEATURE = 4;

    @TempDir
    Path directory;

    private static MessageQueue open(String directory) {
        return MessageQueues.open("file:" + directory + "?anyFileSystem=true&capacity=64k&maxCapacity=64k&" + Log.KIND
                + "=" + Log.DOMAIN);
    }

    /** For whom it waits; or nothing, and the feature is there. */
    static final class Raises implements Function<String, String> {
        @Override
        public String apply(String directory) {
            try (MessageQueue domain = open(directory)) {
                Log log = domain.unwrap(Log.class);
                return log.raise(FEATURE) ? "" : log.unawareOf(FEATURE);
            }
        }
    }

    private static Patched later() {
        return Patched.in("Handles", "int LEVEL = 2;", "int LEVEL = 3;")
                .and("SegmentHeader", "(features() & ~Creation.KNOWN_FEATURES)", "(features() & ~7L)")
                .and("Origin", "KNOWN = Log.PAGES;", "KNOWN = 6;");
    }

    @Test
    void shouldBeRefusedOnceAFeatureWasRaised() throws Exception {
        String path = directory.resolve("q").toString();
        try (Patched later = later()) {
            try (MessageQueue inside = open(path)) {
                assertThat(later.call(Raises.class, path))
                        .startsWith("pid " + ProcessHandle.current().pid());
                open(path).close();
                assertThat(inside.stats().id()).isNotNull();
            }
            assertThat(later.call(Raises.class, path)).isEmpty();
            requireRefused(path);
            reboot(path);
            requireRefused(path);
            assertThat(later.call(Raises.class, path)).isEmpty();
            requireRefused(path);
        }
        reboot(path); // this release may not delete it
        Files.delete(Path.of(path, "queue"));
    }

    private static void reboot(String path) throws Exception {
        try (DirectoryStream<Path> parts =
                Files.newDirectoryStream(Path.of("/dev/shm"), "belfry..file." + logId(path) + "*")) {
            for (Path part : parts) Files.delete(part);
        }
    }

    private static String logId(String path) throws Exception {
        java.nio.ByteBuffer block = java.nio.ByteBuffer.wrap(Files.readAllBytes(Path.of(path, "queue")))
                .order(java.nio.ByteOrder.LITTLE_ENDIAN);
        return new UUID(block.getLong(24), block.getLong(32)).toString().replace("-", "");
    }

    private static void requireRefused(String path) {
        assertThatThrownBy(() -> open(path))
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessageContaining("flags 10");
    }

    /** A power loss before it has returned leaves what was there, or this. */
    static final class Losses implements Consumer<String> {
        @Override
        public void accept(String argument) {
            Random random = new Random(1); // the first numbers of small seeds are alike
            for (int seed = 0; seed < 20; seed++) {
                Disk disk = new Disk(new Random(seed));
                Origin origin = new Origin(new UUID(seed, 7), 65536, 65536, 0600, true, 8, true, false, 65536, 0);
                LogDirectory.create(disk.libC(), directory(disk), origin);
                try (LogDirectory files = LogDirectory.open(disk.libC(), directory(disk))) {
                    files.raise(FEATURE);
                }
                Disk later = disk.afterPowerLoss(random);
                assertThatThrownBy(() -> LogDirectory.open(later.libC(), directory(later))
                                .close())
                        .as("seed " + seed)
                        .isInstanceOf(IncompatibleVersionException.class);
            }
        }

        private static Directory directory(Disk disk) {
            return Directory.open(disk.libC(), Disk.DIRECTORY);
        }
    }

    @Test
    void shouldRememberItAfterAPowerLoss() {
        new Losses().accept("");
        try (Patched twin = Patched.in(
                "LogDirectory",
                "queue.write(origin(queue).with(feature).write(), 0); queue.syncData();",
                "queue.write(origin(queue).with(feature).write(), 0);")) {
            assertThatThrownBy(() -> twin.run(Losses.class, "")).isInstanceOf(AssertionError.class);
        }
    }
}
