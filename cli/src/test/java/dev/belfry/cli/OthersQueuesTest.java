package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queues that are in order but not for this user or this version: notes, and no reason for an alarm. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class OthersQueuesTest {
    @TempDir
    Path files;

    private static void makeNewer(Sandbox sandbox, String queue) throws IOException {
        byte[] newer = sandbox.bytes(queue);
        newer[8] = 9; // the layout's version
        Files.write(sandbox.file("belfry." + queue), newer, StandardOpenOption.WRITE);
    }

    @Test
    void shouldOnlyNoteAQueueOfAnotherLayout() throws IOException {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "newer", "x");
            makeNewer(sandbox, "newer");
            for (String command : List.of("ls", "top --count 1", "doctor", "gc")) {
                Result result = sandbox.belfry(command.split(" "));
                assertThat(result.code()).as(command + result).isZero();
                assertThat(result.out() + result.err()).as(command).doesNotContain("damaged", "PROBLEM");
            }
            assertThat(sandbox.belfry("ls").out())
                    .containsPattern("shm:newer +.* version\n")
                    .contains("! shm:newer: 'newer' has layout 9, this library reads 3.");
            assertThat(sandbox.belfry("doctor").out())
                    .contains("note    shm:newer: it has layout 9, this command reads 3 [version]");
            assertThat(sandbox.belfry("doctor", "newer").code()).isEqualTo(1); // what was asked for was not checked
        }
    }

    @Test
    void shouldSayOfADirectoryOfAnotherUserWhoMayReadIt() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        OtherUser other = new OtherUser(files);
        Path queue = files.toRealPath().resolve("q");
        String needed = "must be able to read and write the directory and its files; this one is nobody";
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            sandbox.belfry("pub", "file:" + queue + "?anyFileSystem=true", "x");
            for (String command : List.of("ls", "health", "tail", "backup")) {
                String[] words = (command + " " + queue + (command.equals("backup") ? " /tmp/x" : "")).split(" ");
                Result result = Sandbox.finish(sandbox.start(other.belfry(words)), "");
                assertThat(result.out() + result.err()).as(command).contains("EACCES", needed);
            }
        }
    }

    /** Each user may make such a file, and would make root's probe fail by it. */
    @Test
    void shouldWarnOfAnEmptyFileOfAnotherUser() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        OtherUser other = new OtherUser(files);
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            List<String> touch = List.of("setpriv", "--reuid=65534", "--clear-groups", "touch", "/dev/shm/belfry.x");
            Sandbox.finish(sandbox.start(touch), "");
            Result health = sandbox.belfry("health");
            assertThat(health.code()).as(health.toString()).isEqualTo(1);
            assertThat(health.out()).startsWith("foreign  shm:x: ").contains("is empty");
            RemedyTest.assertOneAnswer(sandbox);
            assertThat(sandbox.belfry("ls").code()).isZero();
            assertThat(sandbox.belfry("health", "x").code()).as("named").isEqualTo(2);
            assertThat(Sandbox.finish(sandbox.start(other.belfry("health")), "").code())
                    .as("its own")
                    .isEqualTo(2);
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void shouldOnlyNoteAPrivateQueueOfAnotherUser() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        OtherUser other = new OtherUser(files);
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            sandbox.actor("hold", "shm:theirs");
            for (String command : List.of("ls", "top --count 1", "doctor", "gc")) {
                Result result = Sandbox.finish(sandbox.start(other.belfry(command.split(" "))), "");
                assertThat(result.code()).as(command + result).isZero();
                assertThat(result.out() + result.err()).as(command).doesNotContain("damaged", "PROBLEM");
                if (command.equals("ls")) assertThat(result.out()).containsPattern("shm:theirs +.* denied\n");
                if (command.equals("doctor"))
                    assertThat(result.out())
                            .contains("note    shm:theirs: 'theirs' belongs to root, mode 0600", "[denied]");
            }
            Result json = Sandbox.finish(sandbox.start(other.belfry("ls", "--json")), "");
            assertThat(json.list("queues").get(0)).containsEntry("health", "denied");
            Result named = Sandbox.finish(sandbox.start(other.belfry("doctor", "theirs")), "");
            assertThat(named.code()).isEqualTo(1);
            assertThat(named.out())
                    .contains("PROBLEM shm:theirs:", "Its owner or root can check it: 'belfry doctor theirs'.");
            assertThat(sandbox.belfry("doctor", "theirs").code()).isZero();
        }
    }
}
