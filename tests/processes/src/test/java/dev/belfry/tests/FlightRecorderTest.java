package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An event each, in a real recording; and a runtime without a flight recorder misses nothing else. */
@Timeout(120)
@SuppressWarnings("try")
@WaitsForOthers
@Slow
class FlightRecorderTest {
    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void shouldRecordWhatHappens(@TempDir Path directory) throws Exception {
        String name = stage.name();
        Path file = directory.resolve("belfry.jfr");
        try (Recording recording = new Recording()) {
            for (String event : List.of("Park", "FullWait", "LockWait", "Grow", "Repair", "Evict", "Overrun"))
                recording.enable("dev.belfry." + event).withThreshold(Duration.ZERO);
            recording.start();
            letItHappen("shm:" + name + "?capacity=64k&maxCapacity=128k");
            recording.dump(file);
        }
        List<RecordedEvent> events = of(file, name);
        assertThat(one(events, "Park").getDuration()).isPositive();
        assertThat(one(events, "FullWait").getDuration()).isGreaterThan(Duration.ofMillis(20));
        assertThat(one(events, "FullWait").getLong("bytes")).isEqualTo(1008);
        assertThat(one(events, "FullWait").getString("blocker")).contains("(pid ");
        assertThat(one(events, "LockWait").getDuration()).isPositive();
        assertThat(one(events, "LockWait").getInt("holder")).isNotNegative();
        assertThat(one(events, "Grow").getLong("capacity")).isEqualTo(128 << 10);
        assertThat(one(events, "Repair").getLong("recovered")).isZero();
        assertThat(one(events, "Evict").getString("subscriber")).contains("'slow'");
        assertThat(one(events, "Overrun").getLong("lost")).isPositive();
    }

    private void letItHappen(String uri) throws Exception {
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher();
                Subscriber overrun = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            Subscriber gates = queue.createSubscriber();
            assertThat(gates.receive(Duration.ofMillis(5))).isNull();
            ChildJvm claimant = stage.start(CountersTest.Claimant.class, uri);
            claimant.expect("claimed");
            claimant.kill();
            ByteBuffer body = ByteBuffer.allocate(1000);
            out.publish(body.rewind());
            while (out.offer(body.rewind(), Duration.ZERO) != Publisher.REJECTED) continue;
            CompletableFuture<Long> waiting =
                    CompletableFuture.supplyAsync(() -> out.publish(ByteBuffer.allocate(1000)));
            long waits = 30_000_000;
            Patience.until("it waits", () -> queue.stats().counters().get("fullWaitNanos") > waits);
            gates.close();
            waiting.get();
            Subscriber slow = queue.createSubscriber(SubscriberOptions.builder()
                    .name("slow")
                    .slowSubscriber(SlowSubscriber.DISCONNECT)
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build());
            for (int i = 0; i < 300; i++) out.publish(body.rewind());
            assertThat(overrun.receive(Patience.limit())).isNotNull();
            assertThat(CompletableFuture.supplyAsync(() -> slow.receive(Patience.limit())))
                    .failsWithin(Patience.limit());
        }
    }

    private static List<RecordedEvent> of(Path file, String queue) throws IOException {
        List<RecordedEvent> events = new ArrayList<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file))
            if (event.getEventType().getName().startsWith("dev.belfry.") && queue.equals(event.getString("queue")))
                events.add(event);
        return events;
    }

    /** The longest: a publisher that finds no room at once may wait for less before it grows the ring. */
    private static RecordedEvent one(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(e -> e.getEventType().getName().equals("dev.belfry." + name))
                .max(Comparator.comparing(RecordedEvent::getDuration))
                .orElseThrow(() -> new AssertionError("no " + name + " in " + events));
    }
}
