package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class TopTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    /** util-linux's {@code script} gives the command a terminal. */
    @Test
    void shouldPrintSoManyLooksAsAreCountedOnATerminalToo() {
        assumeTrue(Files.isExecutable(SCRIPT), "there is no " + SCRIPT + " to make a terminal with");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("stream", "shm:prices");
            sandbox.belfry("sub", "--name", "audit", "--policy", "overrun", "--count", "1", "prices");
            String screen = onATerminal(sandbox, "top --interval 100ms --count 3 prices");
            assertThat(screen).contains("\033[1m").doesNotContain("\033[H", "\033[2J", "\033[K", "\033[?");
            String[] looks = screen.replaceAll("\033\\[[0-9;]*[A-Za-z]", "").split("(?=belfry top)");
            assertThat(looks).hasSize(3);
            String last = looks[2];
            assertThat(last)
                    .contains(
                            "belfry top",
                            "QUEUE",
                            "shm:prices",
                            "audit",
                            "nobody",
                            "[##########]",
                            "Actor",
                            "cpu",
                            "memory");
            assertThat(last).containsPattern("shm:prices +[0-9,]+ +\\d+ MiB +64 MiB +1 +1 +[1-9][0-9.]* ?[kM]? ");
        }
    }

    @Test
    void shouldPrintALineOfEachQueueAndMoreOnlyOfOne() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:orders");
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "prices");
            String all =
                    sandbox.belfry("top", "--interval", "20ms", "--count", "1").out();
            assertThat(all)
                    .contains("! shm:prices: no process is attached to 'audit'")
                    .doesNotContain("[", "cpu");
            assertThat(all.lines()).as(all).hasSize(6); // when, none, heads, two queues, a note
            assertThat(sandbox.belfry("top", "--interval", "20ms", "--count", "1", "orders")
                            .out())
                    .contains("use [", "Actor", "cpu");
        }
    }

    private static String onATerminal(Sandbox sandbox, String arguments) {
        return onATerminal(sandbox, "TERM=xterm", arguments);
    }

    private static String onATerminal(Sandbox sandbox, String variable, String arguments) {
        String command =
                variable + " " + String.join(" ", Sandbox.java(Belfry.class).words()) + " " + arguments;
        Result result = Sandbox.finish(sandbox.start(List.of(SCRIPT.toString(), "-qec", command, "/dev/null")), "");
        assertThat(result.code()).as(result.toString()).isZero();
        return result.out();
    }

    @Test
    void shouldUseNoColoursIfAskedNotTo() {
        assumeTrue(Files.isExecutable(SCRIPT), "there is no " + SCRIPT + " to make a terminal with");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "prices", "one");
            assertThat(onATerminal(sandbox, "ls")).contains("\033[32m");
            for (String variable : List.of("NO_COLOR=1", "TERM=dumb"))
                assertThat(onATerminal(sandbox, variable, "ls"))
                        .contains("shm:prices")
                        .doesNotContain("\033[3");
        }
    }

    @Test
    void shouldIndentMessagesOnATerminalOnly() {
        assumeTrue(Files.isExecutable(SCRIPT), "there is no " + SCRIPT + " to make a terminal with");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "prices", "{\"bid\":[1,2]}");
            String indented = "1 \r\n{\r\n  \"bid\": [\r\n    1,\r\n    2\r\n  ]\r\n}\r\n";
            assertThat(onATerminal(sandbox, "NO_COLOR=1", "tail prices")).isEqualTo(indented);
            assertThat(onATerminal(sandbox, "tail prices")).isEqualTo(indented.replaceFirst("1", "\033[2m1\033[22m"));
            assertThat(onATerminal(sandbox, "tail --json prices")).contains("{\\\"bid\\\":[1,2]}\"}\r\n");
            assertThat(onATerminal(sandbox, "tail prices | cat")).isEqualTo("1 {\"bid\":[1,2]}\r\n");
        }
    }

    @Test
    void shouldSayItInJson() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm actor = sandbox.actor("stream", "shm:prices");
            Result top = sandbox.belfry("top", "--json", "--count", "10", "--interval", "200ms", "prices");
            List<Map<String, Object>> looks =
                    top.out().lines().map(TopTest::onlyQueue).toList();
            assertThat(looks).hasSize(10);
            assertThat(looks).anyMatch(q -> (Long) q.get("messagesPerSecond") > 0);
            assertThat(looks).anyMatch(q -> ((Number) onlyProcess(q).get("cpuPercent")).doubleValue() > 0);
            Map<String, Object> queue = looks.get(9);
            assertThat(queue).containsEntry("uri", "shm:prices").containsEntry("publisherCount", 1L);
            Map<String, Object> process = onlyProcess(queue);
            assertThat(process)
                    .containsEntry("pid", actor.pid())
                    .containsEntry("command", "Actor")
                    .containsEntry("publisherCount", 1L)
                    .containsEntry("subscriberCount", 1L);
            assertThat((Long) process.get("residentBytes")).isGreaterThan(1 << 20);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> onlyQueue(String line) {
        List<Map<String, Object>> queues =
                (List<Map<String, Object>>) ((Map<String, Object>) JsonText.parse(line)).get("queues");
        assertThat(queues).hasSize(1);
        return queues.get(0);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> onlyProcess(Map<String, Object> queue) {
        List<Map<String, Object>> processes = (List<Map<String, Object>>) queue.get("processes");
        assertThat(processes).hasSize(1);
        return processes.get(0);
    }
}
