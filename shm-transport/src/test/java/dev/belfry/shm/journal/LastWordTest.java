package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.Disk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class LastWordTest {
    private final Disk disk = new Disk(true).withHistory();
    private final LogFiles files = disk.files(step -> {});
    private final LastWord last = new LastWord(files, () -> 0);

    private void write(long word, long offset) {
        files.makeReady(Disk.FILE);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (LogFiles.Span span = files.span(0, Disk.FILE, begin -> 0)) {
            span.write(bytes.putLong(0, word), offset);
        }
    }

    /** A checksum may be 0. */
    @Test
    void shouldTakeAWordThatIsZeroForWritten() {
        write(7, 0);
        for (long copied : new long[] {0, 8, 16, 16, 24})
            assertThat(last.wrong(copied)).as("%d", copied).isNull();
    }

    @Test
    void shouldSeeAWordThatHasChanged() {
        write(7, 0);
        assertThat(last.wrong(8)).isNull();
        write(0, 0);
        assertThat(last.wrong(16)).contains("before byte 8 of the log is not there any more");
    }

    @Test
    void shouldSeeThatItsFileIsMissingIfThatIsNeeded() {
        disk.removedBelow = Disk.FILE;
        assertThat(last.wrong(8)).contains("before byte 8 of the log");
        assertThat(new LastWord(files, () -> Disk.FILE).wrong(8)).isNull();
    }
}
