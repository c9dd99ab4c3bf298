package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What would cost a user a second try. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class FrictionTest {
    /** Its file is cut short while it waits: the log would show where, before the sentence that says what to do. */
    @Test
    void shouldSayWhatHappenedInASentence() throws IOException {
        for (boolean verbose : List.of(false, true)) {
            try (Sandbox sandbox = new Sandbox()) {
                sandbox.belfry("pub", "q", "x");
                ChildJvm sub = verbose ? sandbox.startBelfry("sub", "--verbose", "q") : sandbox.startBelfry("sub", "q");
                sandbox.awaitSubscribers("q", 1);
                try (RandomAccessFile open =
                        new RandomAccessFile(sandbox.file("belfry.q").toFile(), "rw")) {
                    open.setLength(4096);
                }
                Result result = Sandbox.finish(sub, "");
                assertThat(result.code()).isEqualTo(1);
                assertThat(result.err()).contains("belfry: 'q' is damaged: ", "run 'belfry doctor --deep q'");
                assertThat(result.err().contains("\tat dev.belfry.")).isEqualTo(verbose);
            }
        }
    }

    /** As the alerts tell people to type it. */
    @Test
    void shouldShowTheQueuesThatAreNamed() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            for (String queue : List.of("a", "b", "c")) sandbox.belfry("pub", queue, "x");
            Files.write(sandbox.file("belfry.c"), new byte[100]);
            Result two = sandbox.belfry("ls", "--json", "b", "shm:a", "b", "shm:///a");
            assertThat(two.list("queues")).extracting(queue -> queue.get("uri")).containsExactly("shm:b", "shm:a");
            assertThat(two.code()).isZero();
            assertThat(sandbox.belfry("ls", "c").code()).isEqualTo(1);
            assertThat(sandbox.belfry("ls", "c").out()).contains("foreign").doesNotContain("shm:a", "shm:b");
            Result none = sandbox.belfry("ls", "a", "none");
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.err()).startsWith("belfry: No queue 'none' in /dev/shm");
            assertThat(none.out()).isEmpty();
            assertThat(sandbox.belfry("ls", "src").err())
                    .startsWith("belfry: No queue 'src' in /dev/shm")
                    .endsWith(" The directory is './src'.\n");
            assertThat(sandbox.belfry("ls", "kafka:a?bootstrap=x:1").code()).isEqualTo(2);
        }
    }

    @Test
    void shouldHelpWhereHelpIsAskedFor() {
        try (Sandbox sandbox = new Sandbox()) {
            Result help = sandbox.belfry("help");
            assertThat(help.code()).isZero();
            assertThat(help.out()).isEqualTo(sandbox.belfry("--help").out());
            assertThat(sandbox.belfry("help", "ls").out())
                    .isEqualTo(sandbox.belfry("ls", "--help").out())
                    .contains("Only these queues.");
        }
    }

    @Test
    void shouldCreateNothingByATypingError() {
        try (Sandbox sandbox = new Sandbox()) {
            for (String command : List.of("pub --existing prics x", "sub --existing --timeout 0s prics")) {
                Result result = sandbox.belfry(command.split(" "));
                assertThat(result.code()).isEqualTo(1);
                assertThat(result.err()).startsWith("belfry: No queue 'prics' in /dev/shm");
            }
            assertThat(sandbox.files()).isEmpty();
            sandbox.belfry("pub", "prices", "x");
            assertThat(sandbox.belfry("pub", "--existing", "prices", "y").code())
                    .isZero();
            assertThat(sandbox.belfry("sub", "--existing", "--from", "oldest", "--count", "2", "prices")
                            .out())
                    .isEqualTo("1 x\n2 y\n");
        }
    }

    @Test
    void shouldSayThatItWaitsForANewQueue() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfry("sub", "--timeout", "0s", "prics").err())
                    .isEqualTo("belfry: there was no queue 'shm:prics': it is created (--existing refuses that)\n");
            assertThat(sandbox.belfry("sub", "--timeout", "0s", "prics").err()).isEmpty();
        }
    }

    @Test
    void shouldKeepTablesNarrowWhateverTheName() {
        String name = "n".repeat(199) + "z";
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", name, "x");
            sandbox.belfry("sub", "--name", "s".repeat(128), "--timeout", "0s", name);
            for (String command : List.of("ls", "top --count 1")) {
                String out = sandbox.belfry(command.split(" ")).out();
                assertThat(out.lines().filter(line -> line.startsWith("QUEUE") || line.startsWith("shm:nnn")))
                        .as(command)
                        .anyMatch(line -> line.contains("nz ") && line.length() < 120);
                assertThat(out.lines().filter(line -> line.startsWith("QUEUE")))
                        .as(command)
                        .allMatch(line -> line.length() < 120);
            }
            assertThat(sandbox.belfry("subs", name).out().lines().findFirst())
                    .hasValueSatisfying(heading -> assertThat(heading.length()).isLessThan(150));
            assertThat(sandbox.belfry("subs", name).out()).contains("s".repeat(128)); // for unsubscribe
        }
    }

    @Test
    void shouldRefuseAModeThatIsOfNoUse() {
        try (Sandbox sandbox = new Sandbox()) {
            for (String mode : List.of("0644", "rw-r-----", "0602", "0060")) {
                Result result = sandbox.belfry("pub", "q?mode=" + mode, "x");
                assertThat(result.code()).as(mode).isEqualTo(2);
                assertThat(result.err())
                        .contains("mode '" + mode + "' lets", "join: a subscriber stores in it how far it has read");
            }
            assertThat(sandbox.files()).isEmpty();
            for (String mode : List.of("0600", "rw-rw----", "0666")) {
                assertThat(sandbox.belfry("pub", "q" + mode + "?mode=" + mode, "x")
                                .code())
                        .isZero();
            }
        }
    }

    @Test
    void shouldSpeakOfValuesAsPeopleWriteThem() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfry("sub", "--help").out().replaceAll("\\s+", " "))
                    .contains("--name=NAME", "--policy=POLICY", "gate (publishers wait; the default)")
                    .doesNotContain("GATE", "=<");
            for (String command : List.of("ls", "info", "top", "tail", "pub", "bridge", "bench", "doctor", "gc", "rm"))
                assertThat(sandbox.belfry(command, "--help").out()).as(command).doesNotContain("=<");
            assertThat(sandbox.belfry("pub", "q", "--count", "x").err())
                    .contains("'x' is not a whole number, such as 100")
                    .doesNotContain("long");
            assertThat(sandbox.belfry("sub", "q", "--policy", "x").err())
                    .contains("'x' is not one of [gate, overrun, disconnect]");
            assertThat(sandbox.belfry("sub", "q", "--policy", "OVERRUN", "--timeout", "0s")
                            .code())
                    .isZero();
        }
    }
}
