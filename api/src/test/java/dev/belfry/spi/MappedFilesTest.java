package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFilesTest {
    private static final long OWN = ProcessHandle.current().pid();

    /** Two file systems have files of one number; here it is one file with two names. */
    @Test
    void shouldNotTakeAFileOfTheSameNumberElsewhereForIt(@TempDir Path directory) throws Exception {
        Path mapped = Files.createDirectory(directory.resolve("mapped")).resolve("queue");
        Path other = Files.createDirectory(directory.resolve("other")).resolve("queue");
        Files.write(mapped, new byte[1]);
        Files.createLink(other, mapped);
        try (FileChannel file = FileChannel.open(mapped, StandardOpenOption.READ)) {
            MappedByteBuffer held = file.map(FileChannel.MapMode.READ_ONLY, 0, 1);
            assertThat(ProgramName.hasMapped(OWN, mapped.toString())).isTrue();
            assertThat(ProgramName.hasMapped(OWN, other.toString())).isFalse();
            assertThat(held.get(0)).isZero();
        }
    }
}
