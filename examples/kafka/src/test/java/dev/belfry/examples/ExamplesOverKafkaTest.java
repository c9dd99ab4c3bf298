package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kafka.WithBroker;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Over {@code kafka:} the examples show the same messages as over {@code shm:}, and say nothing of
 * what only {@code shm:} has. They run side by side, at one broker, which {@code ./hello --kafka}
 * starts the same way.
 */
@WaitsForOthers
@Slow
@OneJdk
class ExamplesOverKafkaTest {
    private static final String[] HEARD = {
        "Hello", "World", "Dynamic", "Memory", "Growth...... (6,000 bytes)", "Growth...... (200,000 bytes)", "Goodbye"
    };

    /** All examples start at once beside two brokers, and one has three JVMs in turn: a minute on a full machine. */
    private static final Duration MOST = Duration.ofMinutes(4);

    private static final String CLASS_PATH = System.getProperty("java.class.path");

    private static ChildJvm broker;
    private static ChildJvm another;
    private static ChildJvm hello;
    private static ChildJvm many;
    private static ChildJvm late;
    private static ChildJvm named;

    @BeforeAll
    static void startAll() {
        another = start(WithBroker.class, "sh", "-c", "echo {}; cat; exit");
        broker = start(WithBroker.class, "sh", "-c", "echo {}; exec cat");
        broker.expect("[broker]", MOST);
        String address = broker.expect("[broker] It is at", MOST);
        broker.expect(address);
        hello = start(HelloQueue.class, "kafka:hello?bootstrap=" + address);
        named = start(NamedSubscription.class, "kafka:named?bootstrap=" + address);
        late = start(LateJoiner.class, "kafka:late?bootstrap=" + address);
        many = start(OneToMany.class, "kafka:many?bootstrap=" + address, "2", "1");
    }

    /** As Ctrl-C would, which reaches more processes: a broker and a command outlive neither. */
    @AfterAll
    static void shouldLeaveNothingWhenItIsInterrupted() {
        for (ChildJvm example : List.of(hello, many, late, named)) example.close();
        List<ProcessHandle> started = startedBy(broker);
        assertThat(started).as("a broker and a command").hasSize(2);
        assertThat(directories(broker)).hasSize(1);
        broker.terminate();
        assertThat(broker.awaitExit()).isEqualTo(128 + 15);
        for (ProcessHandle one : started) Patience.until(one + " has ended", () -> !one.isAlive());
        assertThat(directories(broker)).isEmpty();
        broker.close();
    }

    /** Then it ends nothing itself. */
    @Test
    void shouldLeaveNothingWhenItIsKilled() {
        String address = "";
        while (address.isEmpty()) address = another.line().replaceFirst("^\\[.*", "");
        Patience.until("its command runs", () -> startedBy(another).size() == 3); // a broker, a shell, cat
        List<ProcessHandle> started = startedBy(another);
        another.killSoon(); // alone
        for (ProcessHandle one : started)
            Patience.until(
                    one + " has ended",
                    () -> !one.isAlive() || one.info().command().isEmpty()); // or is a zombie
        Patience.until("the broker's directory is removed", () -> directories(another).length == 0);
        another.close();
    }

    private static List<ProcessHandle> startedBy(ChildJvm program) {
        return ProcessHandle.of(program.pid()).orElseThrow().descendants().toList();
    }

    private static String[] directories(ChildJvm program) {
        return new File(System.getProperty("java.io.tmpdir"))
                .list((directory, name) -> name.startsWith("belfry-kafka-" + program.pid() + "-"));
    }

    @Test
    void shouldLetThreeHearWhatOneSays() {
        List<String> lines = end(hello);
        assertThat(after("[A] Sent: ", lines)).containsExactly(HEARD);
        for (String b : List.of("B1", "B2", "B3"))
            assertThat(after("[" + b + "] Received: ", lines)).as(b).containsExactly(HEARD);
        assertThat(count("\\[A] N messages to each of 3 in .* s: N a second", lines))
                .isEqualTo(1);
        assertThat(lines).contains("[A] Each of them was sent after the broker had confirmed the one before");
        assertThat(lines.get(lines.size() - 1)).matches(pattern("\\[main] N messages"));
    }

    @Test
    void shouldShowHowFarEachIsBehind() {
        List<String> lines = end(many);
        assertThat(count("\\[A] N a second to each; behind: B1 N, B2 N", lines)).isEqualTo(2);
        List<String> heard = after("[B1] Heard ", lines);
        assertThat(heard).hasSize(1).isEqualTo(after("[B2] Heard ", lines));
        assertThat(heard.get(0)).matches(pattern("N messages")).isNotEqualTo("0 messages");
    }

    @Test
    void shouldReadWhatWasPublishedBefore() throws IOException {
        assertThat(end(late)).isEqualTo(printed("LateJoiner"));
    }

    @Test
    void shouldGoOnWhereItStopped() throws IOException {
        assertThat(end(named)).isEqualTo(printed("NamedSubscription"));
    }

    /** What it prints over any transport. */
    private static List<String> printed(String example) throws IOException {
        return Files.readAllLines(Path.of("../src/test/resources", example + ".txt"));
    }

    /**
     * An example; the JVMs that it starts get its flags and its class path. Its errors are among its
     * lines.
     */
    private static ChildJvm start(Class<?> program, String... arguments) {
        return ChildJvm.startMerged(
                program.getSimpleName(),
                JavaCommand.of(program, arguments)
                        .classPath(CLASS_PATH)
                        .flags(JavaCommand.QUICK)
                        .flags(JavaCommand.QUIET)
                        .words());
    }

    /**
     * All that it has printed, when it has ended well: nothing of the ring, of /dev/shm, of the
     * client's log.
     */
    private static List<String> end(ChildJvm example) {
        example.awaitEnd(MOST);
        List<String> lines = example.output().lines().toList();
        assertThat(lines).noneMatch(line -> line.matches("(?i).*( ring |/dev/shm|System calls|INFO|WARN|SLF4J).*"));
        return lines;
    }

    private static List<String> after(String prefix, List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }

    private static long count(String text, List<String> lines) {
        return lines.stream().filter(pattern(text).asMatchPredicate()).count();
    }

    /** N stands for a number. */
    private static Pattern pattern(String text) {
        return Pattern.compile(text.replaceAll("\\bN\\b", "[0-9,]+"));
    }
}
