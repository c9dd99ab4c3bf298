package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Random work of several members, with the same ledger, where the log holds a part of what waits. */
@Slow
class RandomQueuesOverflowTest extends RandomQueuesTest {
    @TempDir
    Path directory;

    @Override
    String scheme() {
        return "shm";
    }

    @Override
    String settings() {
        return "maxCapacity=64k&overflow=file:" + directory + "%3FanyFileSystem%3Dtrue";
    }

    @AfterEach
    void expectPages() throws JMSException, IOException {
        assertThat(directory).isNotEmptyDirectory();
        closeAll();
        try (Stream<Path> lives = Files.list(directory)) {
            lives.forEach(life -> Patience.until("its members' threads have closed it", () -> isDeleted(life)));
        }
    }

    private static boolean isDeleted(Path life) {
        try {
            return MessageQueues.delete("file:" + life + "?anyFileSystem=true");
        } catch (InUseException inUse) {
            return false;
        }
    }
}
