package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.Publisher;
import dev.belfry.shm.LivePart;
import dev.belfry.testing.Patience;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another program changes the files of a log while processes have its queue open. */
@Timeout(60)
@ParameterizedClass
@ValueSource(strings = {"", "&sync=os&flush=500ms"})
class ChangedLogTest {
    private final Small small;

    ChangedLogTest(String sync) {
        small = new Small("&capacity=64k&maxCapacity=64k&maxSize=4m" + sync);
    }

    @AfterEach
    void close() throws Exception {
        small.close();
    }

    /** As {@code cp} does, into the same files, or {@code rsync}, which gives the names to others. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldEndForAllIfABackupIsCopiedIntoItsDirectory(boolean inPlace) throws Exception {
        try (MessageQueue queue = small.open();
                MessageQueue second = small.open();
                Publisher publisher = queue.createPublisher();
                Publisher other = second.createPublisher()) {
            publish(publisher, 20);
            Map<Path, byte[]> backup = new HashMap<>();
            for (String each : small.names())
                if (!each.startsWith(TemporaryFile.PREFIX))
                    backup.put(small.directory.resolve(each), Files.readAllBytes(small.directory.resolve(each)));
            publish(publisher, 20);
            awaitTurns(publisher);
            for (var each : backup.entrySet()) {
                boolean isLog = each.getKey().getFileName().toString().startsWith(Segments.PREFIX);
                if (isLog && !inPlace) Files.delete(each.getKey());
                if (isLog || inPlace) Files.write(each.getKey(), each.getValue());
            }
            assertThat(end(publisher) + end(other)).contains("Another program has changed or cut its files");
            assertThatThrownBy(small::open)
                    .isInstanceOf(MessageQueueException.class)
                    .hasMessageContaining("a backup was put in its place while they have it open");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 4096})
    void shouldEndForAllIfItsLogIsCut(long length) throws Exception {
        try (MessageQueue queue = small.open();
                Publisher publisher = queue.createPublisher()) {
            publish(publisher, 20);
            awaitTurns(publisher);
            try (RandomAccessFile log = new RandomAccessFile(
                    small.directory.resolve("log.0000000000000000").toFile(), "rw")) {
                log.setLength(length);
            }
            assertThat(end(publisher)).contains("Another program has changed or cut its files");
            String name = small.livePart();
            assertThat(LivePart.find(name, name))
                    .extracting(LivePart::failure)
                    .containsExactly("ENOENT (2) No such file or directory");
        }
    }

    private static void publish(Publisher publisher, int messages) {
        long last = 0;
        for (int i = 0; i < messages; i++) last = publisher.publish(new byte[1000]);
        assertThat(publisher.awaitDurable(last, Patience.limit())).isTrue();
    }

    /** What the first of two messages has kept is over when the second one is kept: so the keeper has read its end. */
    private void awaitTurns(Publisher publisher) {
        for (int i = 0; i < 2; i++) {
            long position = publisher.publish("x");
            Patience.until("places are kept up to it", () -> {
                try (LogDirectory files = Small.files(small.directory)) {
                    return files.placesNow().bound().position() > position;
                }
            });
        }
    }

    /** For all: only one process knows why. */
    private static String end(Publisher publisher) {
        Patience.until("it ends", () -> {
            try {
                publisher.publish("x");
                return false;
            } catch (JournalFailedException ended) {
                return true;
            }
        });
        return assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(JournalFailedException.class)
                .hasMessageContaining("has ended for all processes")
                .actual()
                .getMessage();
    }
}
