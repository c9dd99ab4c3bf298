package dev.belfry.cli.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueStats;
import dev.belfry.testing.Patience;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
@Tag("Waits")
class QueueWatchTest {
    private static final String URI = "shm:looks-" + ProcessHandle.current().pid();

    @Test
    void shouldForgetAQueueThatIsGone() {
        QueueWatch watch = new QueueWatch(Scope.of(List.of()));
        WeakReference<QueueStats> seen;
        try (MessageQueue queue = MessageQueues.open(URI + "?deleteOnLastClose=true")) {
            assertThat(queue.uri()).isNotNull();
            seen = look(watch);
        }
        watch.look();
        Patience.until("nothing keeps what it was", () -> {
            System.gc();
            return seen.get() == null;
        });
        assertThat(watch.look()).noneMatch(look -> look.uri().equals(URI));
    }

    private static WeakReference<QueueStats> look(QueueWatch watch) {
        return watch.look().stream()
                .filter(look -> look.uri().equals(URI))
                .map(look -> new WeakReference<>(look.reading().stats()))
                .findFirst()
                .orElseThrow();
    }
}
