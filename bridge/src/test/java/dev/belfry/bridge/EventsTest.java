package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.bridge.BridgeStats.State;
import dev.belfry.spi.ShellWords;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An event each, in a real recording. */
@Timeout(60)
@WaitsForOthers
class EventsTest {
    @Test
    @Slow
    void shouldRecordWhatHappens(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("bridge.jfr");
        try (Recording recording = new Recording();
                Queues queues = new Queues("mem")) {
            for (String event : List.of("Connect", "BackOff", "FullWait", "Loss", "Duplicate"))
                recording.enable("dev.belfry.Bridge" + event).withThreshold(Duration.ZERO);
            recording.start();
            letItHappen(queues);
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(one(events, "Connect").getLong("after")).isZero();
        assertThat(one(events, "BackOff").getString("reason")).contains("cannot be reached");
        assertThat(one(events, "FullWait").getLong("position")).isEqualTo(4);
        assertThat(one(events, "Duplicate").getLong("position")).isEqualTo(3);
        assertThat(one(events, "Loss").getLong("messages")).isPositive();
        assertThat(one(events, "Loss").getString("bridge")).startsWith("Bridge 'bridge-to-mem-");
    }

    private static void letItHappen(Queues queues) {
        MessageQueue a = queues.open("a?capacity=4k&maxCapacity=4k");
        queues.open("b");
        Far far = new Far(queues.uri("b"));
        far.refuse(1);
        far.hold(1);
        far.limitRoom(1);
        MessageProperties mark = MessageProperties.builder()
                .putReceived(Mark.SOURCE, UUID.randomUUID().toString())
                .putReceived(Mark.POSITION, 1L)
                .build();
        try (Publisher out = a.createPublisher()) {
            for (int i = 0; i < 3; i++) out.publish("x", i == 0 ? MessageProperties.empty() : mark);
            out.publish("last");
        }
        try (Carrier carrier = new Carrier(queues.uri("a"), far)) {
            carrier.until("it waits", () -> carrier.stats().state() == State.WAITING_FOR_ROOM);
            far.arrive(1);
            carrier.until("the last is under way", () -> carrier.stats().state() == State.FORWARDING);
            far.arrive(1);
            carrier.untilDone(a);
        }
        a.unsubscribe(SubscriptionName.of(ShellWords.BRIDGE, far.queue()));
        for (int i = 0; i < 1000; i++) queues.publish("a", "more");
        far.limitRoom(Integer.MAX_VALUE);
        far.hold(Integer.MAX_VALUE);
        try (Carrier carrier = new Carrier(queues.uri("a"), far)) {
            carrier.untilDone(a);
        }
        far.queue().close();
    }

    /** The earliest: a recording has the events of each thread together. */
    private static RecordedEvent one(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(e -> e.getEventType().getName().equals("dev.belfry.Bridge" + name))
                .min(Comparator.comparing(RecordedEvent::getStartTime))
                .orElseThrow(() -> new AssertionError("no " + name + " in " + events));
    }
}
