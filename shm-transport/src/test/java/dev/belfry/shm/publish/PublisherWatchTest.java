package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import org.junit.jupiter.api.Test;

@WaitsForOthers
class PublisherWatchTest {
    private static Thread watch() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("belfry-watch"))
                .findAny()
                .orElseThrow();
    }

    /** Or it would never sleep again, and call a claim forgotten after microseconds. */
    @Test
    void shouldTakeNoNoticeOfAnInterrupt() {
        String uri = "shm:watch-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher();
            Thread watch = watch();
            watch.interrupt();
            Patience.until("it sleeps again", () -> !watch.isInterrupted());
            assertThat(watch.isAlive()).isTrue();
        }
    }
}
