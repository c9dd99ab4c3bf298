package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that forgets to close a queue holds up no other for ever. */
@Timeout(60)
@WaitsForOthers
class LeakedHandleTest {
    private static final String WARNING = "opened and never closed";

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    private static void leak(String uri) {
        MessageQueue forgotten = MessageQueues.open(uri);
        forgotten.createSubscriber();
        forgotten.createPublisher();
    }

    @AfterEach
    void sayNoLonger() {
        System.clearProperty("belfry.leaks");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("F59")
    void f59LeakedHandleIsClosedByTheCleanerAndSaidOnce(boolean saysWhere) throws Exception {
        String uri = "shm:leak-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        System.setProperty("belfry.leaks", String.valueOf(saysWhere));
        try (MessageQueue queue = MessageQueues.open(uri)) {
            leak(uri);
            assertThat(queue.stats().subscribers()).hasSize(1);
            Patience.until("the cleaner has closed it", () -> {
                System.gc();
                return queue.stats().subscribers().isEmpty();
            });
            queue.createPublisher().publish("nobody holds it up");
            assertThat(log.text().split(WARNING)).as("once").hasSize(2);
            assertThat(log.text().contains("belfry.leaks")).isEqualTo(!saysWhere);
            assertThat(log.text().contains("LeakedHandleTest.leak(")).isEqualTo(saysWhere);
        }
    }
}
