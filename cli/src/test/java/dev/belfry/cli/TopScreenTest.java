package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code belfry top} on a real pseudo-terminal, with more queues than it has rows. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class TopScreenTest {
    private static final int QUEUES = 60;

    /** Holds many queues; the last one has the most messages waiting. */
    static final class Crowd {
        private Crowd() {}

        public static void main(String[] args) throws Exception {
            List<MessageQueue> queues = new ArrayList<>();
            for (int i = 1; i <= QUEUES; i++) {
                MessageQueue queue = MessageQueues.open("shm:q%02d?capacity=%dk".formatted(i, i == 33 ? 128 : 64));
                queues.add(queue);
                if (i == QUEUES) queue.createSubscriber();
                try (Publisher out = queue.createPublisher()) {
                    out.publish("one");
                }
            }
            System.out.println("ready");
            System.out.flush();
            while (System.in.read() >= 0) continue;
        }
    }

    @Test
    void shouldShowMoreQueuesThanRowsWithoutScrolling() {
        try (Sandbox sandbox = new Sandbox();
                PseudoTerminal terminal = new PseudoTerminal(80, 24)) {
            sandbox.start(Sandbox.java(Crowd.class)).expect("ready");
            ChildJvm top = start(sandbox, terminal, "top", "--interval", "100ms");

            await(terminal, lines -> lines.size() == 24 && lines.get(23).startsWith("q quit"));
            List<String> lines = terminal.lines();
            assertThat(lines.get(0)).startsWith("belfry top").contains("60 queue(s)", "by name");
            assertThat(lines.get(1)).startsWith("QUEUE ").endsWith("HEALTH");
            assertThat(lines.get(2)).startsWith("shm:q01 ");
            assertThat(lines.get(3)).startsWith("shm:q02 ");
            assertThat(String.join("\n", lines)).contains("pid ", "Crowd", "memory");

            int seen = terminal.firstLines().size();
            Patience.until("it is drawn again", () -> terminal.firstLines().size() > seen + 20);

            terminal.press("\033[F"); // End
            await(terminal, shown -> chosen(shown).startsWith("shm:q60 "));
            assertThat(terminal.lines().get(1)).startsWith("QUEUE ");
            terminal.press("\033OA"); // up, as in the application mode
            await(terminal, shown -> chosen(shown).startsWith("shm:q59 "));
            terminal.press("\033[B");
            await(terminal, shown -> chosen(shown).startsWith("shm:q60 "));
            terminal.press("s"); // by rate: all have none
            terminal.press("s");
            await(
                    terminal,
                    shown -> shown.get(0).contains("by lag") && shown.get(2).startsWith("shm:q60 "));
            terminal.press("s");
            await(
                    terminal,
                    shown -> shown.get(0).contains("by size") && shown.get(2).startsWith("shm:q33 "));

            terminal.press("/q4");
            await(
                    terminal,
                    shown -> shown.get(0).contains("10 of 60 queue(s)")
                            && shown.get(23).startsWith("/q4_"));
            terminal.press("7\177\r");
            await(
                    terminal,
                    shown ->
                            shown.get(2).startsWith("shm:q40 ") && shown.get(23).startsWith("q quit"));
            terminal.press("\033");
            await(terminal, shown -> shown.get(0).contains("  60 queue(s)"));

            List<String> firstLines = terminal.firstLines();
            int begun = (int) firstLines.stream().takeWhile(String::isEmpty).count();
            assertThat(firstLines.subList(begun, firstLines.size()))
                    .allMatch(line -> "belfry top".startsWith(line) || line.startsWith("belfry top"));
            assertEnds(terminal, top, "q");
        }
    }

    @Test
    void shouldDrawAgainWhenTheTerminalChangesItsSize() {
        try (Sandbox sandbox = new Sandbox();
                PseudoTerminal terminal = new PseudoTerminal(80, 24)) {
            sandbox.start(Sandbox.java(Crowd.class)).expect("ready");
            ChildJvm top = start(sandbox, terminal, "top", "--interval", "1h"); // by itself it never would
            await(terminal, lines -> lines.get(23).startsWith("q quit"));
            terminal.resize(60, 12);
            await(
                    terminal,
                    lines -> lines.size() == 12
                            && lines.get(0).startsWith("belfry top")
                            && lines.get(1).startsWith("QUEUE")
                            && lines.get(11).startsWith("q quit")
                            && lines.stream().allMatch(line -> line.length() <= 60));
            terminal.resize(120, 70);
            await(
                    terminal,
                    lines -> lines.get(69).startsWith("q quit")
                            && lines.get(0).startsWith("belfry top")
                            && lines.stream()
                                            .filter(line -> line.startsWith("shm:q"))
                                            .count()
                                    > 50);
            terminal.resize(20, 5);
            await(
                    terminal,
                    lines -> lines.get(0).startsWith("belfry top")
                            && lines.get(4).startsWith("q quit"));
            terminal.resize(10, 2);
            await(
                    terminal,
                    lines -> lines.get(0).equals("belfry top") && lines.get(1).startsWith("QUEUE"));
            assertEnds(terminal, top, "\003");
        }
    }

    @Test
    void shouldGiveTheTerminalBackWhenItIsTerminated() {
        try (Sandbox sandbox = new Sandbox();
                PseudoTerminal terminal = new PseudoTerminal(80, 24)) {
            sandbox.belfry("pub", "prices", "one");
            ChildJvm top = start(sandbox, terminal, "top");
            await(terminal, lines -> lines.get(23).startsWith("q quit"));
            assertThat(ProcessHandle.of(top.pid()).orElseThrow().destroy()).isTrue();
            Sandbox.finish(top, "");
            Patience.until(
                    "the first page is back", top, () -> terminal.written().contains("\033[?1049l"));
        }
    }

    @Test
    void shouldPrintPlainlyWhereOneEndIsNoTerminal() {
        try (Sandbox sandbox = new Sandbox();
                PseudoTerminal terminal = new PseudoTerminal(80, 24)) {
            sandbox.belfry("pub", "prices", "one");
            List<String> top = Sandbox.java(Belfry.class, "top").words();
            Result piped = Sandbox.finish(start(sandbox, terminal, "\"$@\" 2>TTY | head -n 3", top), "");
            assertThat(piped.out()).startsWith("belfry top").contains("QUEUE").doesNotContain("\033");
            assertThat(terminal.written()).isEmpty();
            ChildJvm noKeys = start(sandbox, terminal, "exec \"$@\" </dev/null >TTY", top);
            Patience.until("it prints", noKeys, () -> terminal.written().contains("shm:prices"));
            noKeys.kill();
            ChildJvm dumb = start(sandbox, terminal, "TERM=dumb exec \"$@\" >TTY", top);
            Patience.until("it prints as well", dumb, () -> terminal.written().split("belfry top").length > 4);
            assertThat(terminal.written()).doesNotContain("\033[?1049h");
            dumb.kill();
        }
    }

    private static void assertEnds(PseudoTerminal terminal, ChildJvm top, String key) {
        terminal.press(key);
        Result result = Sandbox.finish(top, "");
        assertThat(result).as(terminal.written()).isEqualTo(new Result(0, "", ""));
        Patience.until("the first page is back", () -> terminal.written().contains("\033[?1049l"));
    }

    /** The row that stands out is the one whose details are shown. */
    private static String chosen(List<String> lines) {
        String uri = lines.stream()
                .filter(line -> line.contains("  use ["))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .findFirst()
                .orElse("?");
        return lines.stream()
                .filter(line -> line.startsWith(uri + " "))
                .findFirst()
                .orElse("?");
    }

    private static void await(PseudoTerminal terminal, Predicate<List<String>> condition) {
        try {
            Patience.until("the screen shows it", () -> condition.test(terminal.lines()));
        } catch (AssertionError never) {
            throw new AssertionError(String.join("\n", terminal.lines()) + "\n" + terminal.written(), never);
        }
    }

    private static ChildJvm start(Sandbox sandbox, PseudoTerminal terminal, String... arguments) {
        return start(
                sandbox,
                terminal,
                "exec \"$@\" >TTY",
                Sandbox.java(Belfry.class, arguments).words());
    }

    /** With this terminal as its own, so that the kernel tells it of a new size. */
    static ChildJvm start(Sandbox sandbox, PseudoTerminal terminal, String script, List<String> command) {
        List<String> all = new ArrayList<>(List.of("env", "TERM=xterm-256color"));
        all.addAll(List.of(
                "sh",
                "-c",
                "exec setsid --wait --ctty sh -c '" + script.replace("TTY", terminal.path()) + "' sh \"$@\" <"
                        + terminal.path(),
                "sh"));
        all.addAll(command);
        return sandbox.start(all);
    }
}
