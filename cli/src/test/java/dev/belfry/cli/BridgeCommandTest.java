package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
@Tag("Waits")
class BridgeCommandTest {
    private static final int TERMINATED = 128 + 15;

    @SuppressWarnings("unchecked")
    private static Map<String, Object> last(Result result) {
        List<String> lines = result.out().lines().toList();
        return (Map<String, Object>) JsonText.parse(lines.get(lines.size() - 1));
    }

    private static void publish(Sandbox sandbox, String queue, String... texts) {
        for (String text : texts) sandbox.belfry("pub", queue, text);
    }

    private static String all(Sandbox sandbox, String queue) {
        return sandbox.belfry("tail", "--from", "oldest", "--format", "lines", queue)
                .out();
    }

    @Test
    @Slow
    void shouldCarryAllAndGoOnWhereItStopped() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one", "two");
            Result first = sandbox.belfry("bridge", "--timeout", "200ms", "--json", "a", "b");
            assertThat(first.code()).isZero();
            assertThat(last(first))
                    .containsEntry("from", "shm:a")
                    .containsEntry("to", "shm:b")
                    .containsEntry("state", "ended")
                    .containsEntry("problem", null)
                    .containsEntry("forwarded", 2L)
                    .containsEntry("sourcePosition", 2L)
                    .containsEntry("targetPosition", 2L)
                    .containsEntry("alreadyThere", 0L);
            publish(sandbox, "b", "other");
            publish(sandbox, "a", "three");
            assertThat(sandbox.belfry("bridge", "--timeout", "200ms", "a", "b").out())
                    .startsWith("shm:a -> shm:b: ended, 1 forwarded (")
                    .endsWith("/s), position 3 -> 4\n");
            assertThat(all(sandbox, "b")).isEqualTo("one\ntwo\nother\nthree\n");
            assertThat(sandbox.belfry("bridge", "--timeout", "200ms", "b", "a").out())
                    .contains("1 forwarded", "3 echoes");
            assertThat(all(sandbox, "a")).isEqualTo("one\ntwo\nthree\nother\n");
            assertThat(sandbox.belfry("subs", "a").out()).contains("bridge-to-shm-b");
        }
    }

    @Test
    @Slow
    void shouldEndCleanlyBySigterm() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            ChildJvm bridge = sandbox.startBelfry("bridge", "--interval", "20ms", "--name", "copy", "a", "b");
            String line = bridge.line();
            while (!line.contains(" 1 forwarded")) line = bridge.line();
            assertThat(line).startsWith("shm:a -> shm:b: forwarding, ").endsWith(", lag 0");
            publish(sandbox, "a", "two");
            Patience.until("both are there", () -> all(sandbox, "b").equals("one\ntwo\n"));
            bridge.terminate();
            assertThat(bridge.awaitExit()).isEqualTo(TERMINATED);
            assertThat(bridge.output().lines().reduce((a, b) -> b).orElseThrow())
                    .startsWith("shm:a -> shm:b: ended, 2 forwarded (");
            Map<String, Object> copy =
                    Sandbox.subscribers(sandbox.belfry("info", "a", "--json")).get(0);
            assertThat(copy)
                    .containsEntry("name", "copy")
                    .containsEntry("acknowledgedPosition", 2L)
                    .containsEntry("attached", false);
        }
    }

    @Slow
    @Test
    void shouldSayWhatCannotBeCarried() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            sandbox.belfry("pub", "--size", "1000", "a");
            Result small = sandbox.belfry("bridge", "a", "b?capacity=4k&maxCapacity=4k");
            assertThat(small.code()).isEqualTo(1);
            assertThat(small.err()) // on a slow machine after lines that it is not connected yet
                    .contains(
                            "belfry: Bridge 'bridge-to-shm-b' from 'shm:a' to 'shm:b' cannot pass position 2 on: 1,084 bytes")
                    .contains("limit is 1,024");
            assertThat(small.out()).contains("1 forwarded");
            Result self = sandbox.belfry("bridge", "a", "a");
            assertThat(self.code()).isEqualTo(2);
            assertThat(self.err()).contains("leads from a queue to itself");
            Result typingError = sandbox.belfry("bridge", "--existing", "a", "bb");
            assertThat(typingError.code()).isEqualTo(1);
            assertThat(typingError.err()).startsWith("belfry: No queue 'bb' in /dev/shm");
        }
    }

    /** What is opened first is the source, and the broker's client logs what it does a hundred times a second. */
    @Slow
    @Test
    void shouldGiveUpConnectingAfterTheTimeout() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            Result away = sandbox.freshBelfry("bridge", "--timeout", "1ms", "a", "kafka:b?bootstrap=127.0.0.1:1");
            assertThat(away.code()).isEqualTo(1);
            assertThat(away.err()).matches("belfry: shm:a -> kafka:b: not connected within 1[,.\\d]* m?s: .+\n");
            ChildJvm locker = sandbox.start(Sandbox.java(RemedyTest.LocksAll.class, "/dev/shm/belfry.a"));
            locker.expect("ready");
            Result locked = sandbox.belfry("bridge", "--timeout", "1ms", "a", "b");
            assertThat(locked.code()).isEqualTo(1);
            assertThat(locked.err()).contains("a queue is still being opened");
            RemedyTest.assertOneAnswer(sandbox);
            locker.kill();
            Patience.until("its bridge has ended", () -> !sandbox.threads().contains("bridge"));
        }
    }

    @Slow
    @Test
    void shouldSayOnceThatItIsNotConnectedAndOnceThatItIs() {
        try (Sandbox sandbox = new Sandbox()) {
            publish(sandbox, "a", "one");
            ChildJvm locker = sandbox.start(Sandbox.java(RemedyTest.LocksAll.class, "/dev/shm/belfry.a"));
            locker.expect("ready");
            ChildJvm bridge = sandbox.startBelfry("bridge", "--timeout", "100s", "--interval", "20ms", "a", "b");
            Patience.until("it says so", () -> bridge.errors().contains("shm:a -> shm:b: not connected for "));
            RemedyTest.assertOneAnswer(sandbox);
            Sandbox.finish(locker, "");
            Patience.until("it says so", () -> bridge.errors().contains("shm:a -> shm:b: connected, after "));
            assertThat(bridge.errors().lines())
                    .hasSize(3)
                    .contains("belfry: there was no queue 'shm:b': it is created (--existing refuses that)");
        }
    }
}
