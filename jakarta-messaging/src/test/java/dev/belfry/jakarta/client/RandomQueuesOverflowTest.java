package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.file.Path;
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
        closeAllWithPages(directory);
    }
}
