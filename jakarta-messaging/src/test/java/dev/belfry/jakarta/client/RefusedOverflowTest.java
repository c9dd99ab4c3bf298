package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An overflow that cannot be used says so when it is given, or in a full domain. */
class RefusedOverflowTest extends DomainTest {
    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @TempDir
    Path directory;

    @Override
    String scheme() {
        return "shm";
    }

    private void fillUntil(String why, String overflow) throws JMSException {
        BelfrySession session =
                auto(connect("maxCapacity=64k", "overflow=file:" + directory + overflow, "sendTimeout=100ms"));
        MessageProducer producer = session.createProducer(queue("orders"));
        Patience.until("a send is refused for that reason", () -> {
            try {
                producer.send(session.createTextMessage("o".repeat(1_000)));
                return false;
            } catch (JMSException full) {
                assertThat(full).hasMessageContaining("'orders' with ");
                return full.getMessage().contains("Nothing goes to the disk: ")
                        && full.getMessage().contains(why);
            }
        });
    }

    @Test
    void shouldSayThatTheDirectoryIsMissing() throws JMSException {
        fillUntil("are not there", "/missing%3FanyFileSystem%3Dtrue");
    }

    /** In the morning, not in the night when it is needed. */
    @ParameterizedTest
    @CsvSource({"1m, 64m, 128 MiB", "256m, 200m, 256 MiB"})
    void shouldRefuseAMaxSizeThatNoQueueOfFilesTakes(String ring, String given, String least) {
        String overflow = "overflow=file:" + directory + "%3FanyFileSystem%3Dtrue%26maxSize%3D" + given;
        assertThatThrownBy(() -> connect("maxCapacity=" + ring, overflow))
                .isInstanceOf(JMSException.class)
                .hasMessageContainingAll("maxSize=" + given, "must be at least " + least);
    }
}
