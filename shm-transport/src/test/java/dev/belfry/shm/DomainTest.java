package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the suite of logs does not ask: arguments, and what the tools say of a domain. */
@Timeout(60)
class DomainTest {
    private final String name = "domain-" + ProcessHandle.current().pid();
    private final MessageQueue queue =
            MessageQueues.open("shm:" + name + "?queueKind=domain&slots=8&deleteOnLastClose=true");
    private final Log log = queue.unwrap(Log.class);

    @AfterEach
    void close() {
        queue.close();
    }

    private long append() {
        return log.append(ByteBuffer.allocate(8), Reserve.NONE, 0, Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\ud800"})
    void shouldRefuseAMarkThatNobodyCouldFindAgain(String mark) {
        assertThatThrownBy(() -> log.mark(mark)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, -8, 1 << 30})
    void shouldRefuseAPlaceWhereNoRecordIs(long place) {
        LogReader reader = log.reader();
        assertThatThrownBy(() -> reader.moveTo(new Mark.At(place, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shm:" + name);
        assertThat(append()).isEqualTo(1);
        assertThat(reader.next()).isEqualTo(LogReader.Step.RECORD);
    }

    /** With a flag that only a later release knows. */
    @Test
    void shouldRefuseARecordOfALaterReleaseAndStay() throws IOException {
        LogReader reader = log.reader();
        append();
        long place = Files.readAllBytes(Path.of("/dev/shm/belfry." + name)).length - log.ringBytes();
        try (RandomAccessFile memory = new RandomAccessFile("/dev/shm/belfry." + name, "rw")) {
            memory.seek(place + 4);
            memory.write(1 | (1 | 4) << 4); // DATA, with properties and that flag
            for (int i = 0; i < 2; i++)
                assertThatThrownBy(reader::next)
                        .isInstanceOf(IncompatibleVersionException.class)
                        .hasMessage("Domain 'shm:" + name + "' has a record that a newer version wrote, at position 1:"
                                + " its flags are 5. Upgrade this program.");
            assertThatThrownBy(() -> new ShmProvider().inspector().orElseThrow().observe(name, seen -> seen.reader()
                            .next()))
                    .as("of a domain nothing can be passed over")
                    .isInstanceOf(IncompatibleVersionException.class)
                    .hasMessage("Domain 'shm:" + name + "' has a record that a newer version wrote, at position 1: its"
                            + " flags are 5. Upgrade this program.");
            memory.seek(place + 4);
            memory.write(1 | 1 << 4);
        }
        assertThat(reader.next()).isEqualTo(LogReader.Step.RECORD);
    }

    /** A reader that waits, and a mark, are no subscribers that could be slow. */
    @Test
    void shouldCallNobodyLate() {
        log.mark("m");
        LogReader reader = log.reader();
        assertThat(reader.await(1, Deadlines.after(Duration.ofMillis(1)))).isFalse();
        append();
        assertThat(queue.stats().subscribers()).isEmpty();
    }

    /** Its size is that of what waits in it; a mark that went on frees the rest. */
    @Test
    void shouldNotGrowForItsTraffic() {
        ByteBuffer record = ByteBuffer.allocate(8 << 10);
        for (int bytes = 0; bytes < 48 << 20; bytes += record.capacity())
            log.append(record.duplicate(), Reserve.NONE, 0, Duration.ZERO);
        assertThat(queue.stats().counters())
                .containsEntry("grows", 0L)
                .hasEntrySatisfying("gateMoves", moves -> assertThat(moves).isPositive());
    }

    @Test
    void shouldBeRepairedAsAQueueIs() {
        assertThat(new ShmProvider()
                        .inspector()
                        .orElseThrow()
                        .repair(Finding.problem("stale-slots", "shm:" + name, "what", "remedy")
                                .andRepairable()))
                .isFalse();
        append();
        assertThat(log.newest()).isEqualTo(1);
    }
}
