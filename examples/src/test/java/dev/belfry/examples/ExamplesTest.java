package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueNotFoundException;
import java.net.URI;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The examples do what they say they do. */
class ExamplesTest {
    private static final String[] HEARD = {
        "Hello", "World", "Dynamic", "Memory", "Growth...... (200,000 bytes)", "Goodbye"
    };

    @Test
    void shouldLetThreeHearWhatOneSays() throws Exception {
        try (Jvm hello = Jvm.start(HelloQueue.class)) {
            List<String> lines = hello.end();
            assertThat(after("[A] Sent: ", lines)).containsExactly(HEARD);
            for (String b : List.of("B1", "B2", "B3"))
                assertThat(after("[" + b + "] Received: ", lines)).as(b).containsExactly(HEARD);
            assertThat(lines).anyMatch(line -> line.endsWith(" created, 148 KiB of header and 4 KiB of ring"));
            assertThat(lines).anyMatch(line -> line.endsWith(" grew to 256 KiB"));
            assertThat(lines).anyMatch(line -> line.matches("\\[A] .* messages to each of 3 in .* a second"));
            assertThat(lines.get(lines.size() - 1)).isEqualTo("[main] Left in /dev/shm: nothing");
            assertGone("shm:hello-" + hello.pid());
        }
    }

    @Test
    void shouldWorkByHandWhenThePublisherIsFirst() throws Exception {
        String uri = "shm:by-hand-" + ProcessHandle.current().pid();
        String parameters = "?capacity=4k&maxCapacity=1m&deleteOnLastClose=true";
        try (Jvm a = Jvm.start(HelloQueue.class, "publisher", uri + parameters)) {
            a.awaitLine("[A] Sent: Hello");
            try (Jvm b = Jvm.start(HelloQueue.class, "subscriber", "late", uri + parameters)) {
                assertThat(after("[late] Received: ", b.end())).containsExactly(HEARD);
            }
            assertThat(after("[A] Sent: ", a.end())).containsExactly(HEARD);
        }
        assertGone(uri);
    }

    @Test
    void shouldReadWhatWasPublishedBefore() throws Exception {
        try (Jvm late = Jvm.start(LateJoiner.class)) {
            assertThat(late.end())
                    .contains(
                            "OLDEST_RETAINED: tick 1, tick 2, tick 3, tick 4, tick 5, tick 6",
                            "at(4):           tick 4, tick 5, tick 6",
                            "NOW:             tick 6");
        }
    }

    @Test
    void shouldTreatASlowSubscriberAsItAskedFor() throws Exception {
        try (Jvm slow = Jvm.start(SlowConsumer.class)) {
            List<String> lines = slow.end();
            assertThat(lines).anyMatch(line -> line.matches("GATE_PUBLISHER +received 1000, lost 0"));
            List<String> overrun = after("OVERRUN         received ", lines);
            assertThat(overrun).singleElement(InstanceOfAssertFactories.STRING).matches("\\d+, lost \\d+");
            String[] counts = overrun.get(0).split(", lost ");
            assertThat(Integer.parseInt(counts[0]) + Integer.parseInt(counts[1]))
                    .isEqualTo(1000);
            assertThat(lines).anyMatch(line -> line.startsWith("DISCONNECT ") && line.contains("was disconnected at"));
        }
    }

    private static List<String> after(String prefix, List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }

    private static void assertGone(String uri) {
        QueueConfig existing =
                QueueConfig.builder().create(Create.OPEN_EXISTING).build();
        assertThatThrownBy(() -> MessageQueues.open(URI.create(uri), existing))
                .isInstanceOf(QueueNotFoundException.class);
    }
}
