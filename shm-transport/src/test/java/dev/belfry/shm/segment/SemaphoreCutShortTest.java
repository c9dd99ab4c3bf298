package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.layout.SegmentHeader.Counter;
import dev.belfry.testing.CaughtLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A publisher has mapped a sleeper's semaphore, and another program cuts its file. */
@Timeout(60)
class SemaphoreCutShortTest {
    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    @Test
    void shouldBeLoggedOnceAndNotWithEachWake() throws IOException {
        String name = "cut-semaphore-" + ProcessHandle.current().pid();
        QueueConfig config = QueueConfig.builder().deleteOnLastClose(true).build();
        Participant sleeping = new Participant();
        Participant publishing = new Participant();
        MessageQueue sleeper = sleeping.open(name, config, 8);
        sleeper.createSubscriber();
        Publisher publisher = publishing.open(name, config, 8).createPublisher();
        for (int i = 0; i < 5; i++) {
            Scene.announceSleeper(sleeper, 0);
            publisher.publish("message");
            assertThat(handle(sleeper).segment.header.counter(Counter.WAKE_UPS)).isOne();
            if (i == 0) cut("sem.belfry." + sleeper.stats().id().toString().replace("-", "") + ".0.");
        }
        for (Participant each : List.of(publishing, sleeping)) {
            each.closeQueues();
            each.bury();
        }
        assertThat(log.text().split("cannot wake slot 0", -1)).hasSize(2);
    }

    private static void cut(String prefix) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/dev/shm"))) {
            for (Path each : all.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .toList()) Files.write(each, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        }
    }
}
