package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.SubscriberFigures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By a real recording. */
class EventsTest {
    private final UUID id = UUID.randomUUID();
    private long stopped;
    private final QueueHealth health = new QueueHealth(this::stats, 100, Duration.ofSeconds(30));

    private QueueStats stats() {
        SubscriberStats audit = new SubscriberFigures(
                "audit", 0, 5, 5, 0, 0, AckMode.AUTO, SlowSubscriber.OVERRUN, false, Map.of("stopped", stopped));
        return new QueueFigures(id, 1, 5, 0, 0, 0, List.of(audit), Map.of(), List.of());
    }

    private void check(long stoppedAt) {
        stopped = stoppedAt;
        health.check();
    }

    @Test
    void shouldRecordThatItIsStuckAndThatItIsNotAnyMore(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("recording.jfr");
        check(3); // before the recording
        try (Recording recording = new Recording()) {
            recording.enable("dev.belfry.Health");
            recording.start();
            check(3); // it has not been told yet
            check(3);
            check(0);
            check(0);
            check(4);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals("dev.belfry.Health"))
                .toList();
        assertThat(events).extracting(e -> e.getString("status")).containsExactly("STUCK", "OK", "STUCK");
        assertThat(events).extracting(e -> e.getString("queue")).containsOnly(id.toString());
        assertThat(events.get(0).getString("reasons"))
                .startsWith("'audit' has stopped: its listener failed at position 3");
        assertThat(events.get(1).getString("reasons")).isEmpty();
    }
}
