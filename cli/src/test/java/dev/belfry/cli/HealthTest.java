package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One word and one line for each queue, and an exit code that a probe understands. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class HealthTest {
    @Test
    void shouldSayOneWordOfEachQueue() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            assertSays(sandbox, 0, "");
            for (String queue : List.of("cut", "good", "kept")) sandbox.belfry("pub", queue, "x");
            assertSays(sandbox, 0, "ok       shm:cut\nok       shm:good\nok       shm:kept\n");
            sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", "kept");
            Result kept = sandbox.belfry("health");
            assertThat(kept.code()).isEqualTo(1);
            assertThat(kept.out())
                    .startsWith("ok       shm:cut\nok       shm:good\nlagging  shm:kept: no process is attached to ")
                    .contains("'audit'")
                    .contains(". Start its subscriber, or end it: 'belfry unsubscribe kept audit'.");
            Files.write(sandbox.file("belfry.cut"), new byte[100]);
            Result cut = sandbox.belfry("health");
            assertThat(cut.code()).isEqualTo(2);
            assertThat(cut.out()).startsWith("foreign  shm:cut: ").contains("'belfry rm --force cut'.\nok ");
            assertSays(sandbox, 0, "ok       shm:good\n", "good");
            assertThat(sandbox.belfry("health", "--quiet").out().lines()).hasSize(2);
            assertThat(sandbox.belfry("health", "kept", "good").code()).isEqualTo(1);
        }
    }

    private static void assertSays(Sandbox sandbox, int code, String line, String... queues) {
        Result said = sandbox.belfry(
                Stream.concat(Stream.of("health"), Stream.of(queues)).toArray(String[]::new));
        assertThat(said.out()).isEqualTo(line);
        assertThat(said.code()).isEqualTo(code);
    }

    @Test
    void shouldTellOnceWhatNobodyAttendsInAQueueOfFiles(@TempDir Path directory) {
        try (Sandbox sandbox = new Sandbox()) {
            String queue = "file:" + directory.resolve("q");
            String anywhere = queue + "?anyFileSystem=true";
            sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", anywhere);
            assertThat(sandbox.belfry("pub", anywhere, "x").code()).isZero();
            assertSays(
                    sandbox,
                    1,
                    "lagging  " + queue + ": no process is attached to 'audit'. Start its subscriber, or end it:"
                            + " 'belfry unsubscribe " + queue + " audit'.\n",
                    queue);
            assertThat(sandbox.belfry("unsubscribe", queue, "audit").code()).isZero();
            assertSays(sandbox, 0, "ok       " + queue + "\n", queue);
        }
    }

    /** Absolute or relative; a word without a slash is a queue of shared memory. */
    @Test
    void shouldTakeADirectoryForTheQueuesInItInEachCommandForSeveral(@TempDir Path directory) throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            Path real = directory.toRealPath();
            List<String> queues = List.of("file:" + real.resolve("a"), "file:" + real.resolve("b"));
            for (String queue : queues) sandbox.belfry("pub", queue + "?anyFileSystem=true", "x");
            Path here = Path.of("").toAbsolutePath().toRealPath();
            String relative = here.relativize(real).toString();
            for (String word : List.of(real.toString(), real + "/", relative, "file:" + real))
                assertSays(sandbox, 0, "ok       " + queues.get(0) + "\nok       " + queues.get(1) + "\n", word);
            for (List<String> command : List.of(
                    List.of("ls", real.toString()),
                    List.of("check", "--lag", "9", real + "/"),
                    List.of("doctor", "--json", relative),
                    List.of("top", "--count", "1", "file:" + real))) {
                Result said = sandbox.belfry(command.toArray(String[]::new));
                assertThat(said.out()).as(command + said.err()).contains(queues);
                assertThat(said.code()).as(command + said.out()).isZero();
            }
            assertThat(sandbox.belfry("info", relative + "/a").out()).startsWith(queues.get(0));
            Files.createDirectory(directory.resolve("none"));
            for (String command : List.of("ls", "health", "check", "doctor", "top"))
                assertThat(sandbox.belfry(command, directory.resolve("none") + "/")
                                .err())
                        .as(command)
                        .isEqualTo("belfry: no queue is in the directory '" + directory.resolve("none") + "'\n");
        }
    }

    @Test
    void shouldSayThatAQueueIsMissing() {
        try (Sandbox sandbox = new Sandbox()) {
            Result none = sandbox.belfry("health", "none");
            assertThat(none.code()).isEqualTo(2);
            assertThat(none.out())
                    .isEqualTo("missing  shm:none: there is no /dev/shm/belfry.none."
                            + " 'belfry ls' shows which there are.\n");
            assertThat(sandbox.belfry("health", "--json", "none").out())
                    .contains("\"word\":\"missing\",\"said\":[{\"level\":\"critical\",", "\"code\":2}]}");
        }
    }

    /** What ls alone knows, and what doctor alone knows, once each. */
    @Slow
    @Test
    void shouldKnowWhatDoctorKnowsAndWhatLsKnows() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("claim", "shm:held");
            holder.pause();
            sandbox.actor("tries", "shm:held");
            Patience.until("it waits", () -> sandbox.belfry("health")
                    .out()
                    .contains(" for a lock, held by pid " + holder.pid()
                            + " (Actor), which is stopped. Let it continue ('kill -CONT " + holder.pid()));
            sandbox.actor("idle", "shm:deaf");
            for (Path file : Files.list(sandbox.file("")).toList())
                if (file.getFileName().toString().startsWith("sem.")) Files.delete(file);
            Result deaf = sandbox.belfry("health", "deaf");
            assertThat(deaf.code()).isEqualTo(2);
            assertThat(deaf.out())
                    .startsWith("broken   shm:deaf: /dev/shm/sem.belfry.")
                    .contains("'kill ");
        }
    }

    /** By codes that no reading has: monitoring takes them for "not known". */
    @Test
    void shouldFailWithTheCodeOfWhatIsNotKnown() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfry("health", "--no-such-option").code()).isEqualTo(3);
            assertThat(sandbox.belfry("health", "--interval", "x").code()).isEqualTo(3);
            assertThat(sandbox.belfry("health", "kafka:a?bootstrap=x:1").code()).isEqualTo(3);
        }
    }
}
