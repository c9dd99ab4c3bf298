package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    /** The group of its directory comes to its files by the setgid bit, and cannot come to its part in memory. */
    @Test
    void shouldShareAQueueOfFilesWithNoGroupThatItsUserIsNotIn() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        OtherUser other = new OtherUser(files);
        String told =
                "is shared with no group, though its mode asks for that: nobody (uid 65534) is no member of group 65533";
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            Path directory = ofAnotherGroup("not");
            assertThat(published(sandbox, other, directory)).contains(told);
            assertThat(all(directory)).hasSizeGreaterThan(3);
            assertRightsOfTheGroup(0, all(directory));
            assertRightsOfTheGroup(0, all(sandbox.file("")));
            for (Path each : all(directory)) {
                Files.setAttribute(each, "unix:gid", 65533); // by root, later
                Files.setAttribute(each, "unix:mode", 0660);
            }
            for (Path each : all(sandbox.file(""))) Files.delete(each);
            assertThat(published(sandbox, other, directory)).contains(told);
            assertRightsOfTheGroup(0, all(sandbox.file("")));
            for (Path each : all(sandbox.file(""))) Files.delete(each);
            directory = ofAnotherGroup("its");
            assertThat(published(sandbox, other.in(65533), directory)).doesNotContain("shared with no group");
            assertRightsOfTheGroup(0060, all(directory));
            assertRightsOfTheGroup(0060, all(sandbox.file("")));
            for (Path each : all(sandbox.file("")))
                assertThat(Files.getAttribute(each, "unix:gid")).isEqualTo(65533);
        }
    }

    /** It is mapped to no group of a user namespace: there the kernel gives it to nothing. */
    @Test
    void shouldShareAQueueOfFilesWithNoGroupThatItsUserNamespaceDoesNotKnow() throws Exception {
        assumeTrue(Sandbox.ROOT, "needs root, to make a queue of another group");
        List<String> unshare = List.of("unshare", "--user", "--map-root-user");
        List<String> probe = new ArrayList<>(unshare);
        probe.add("true");
        assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, "a user namespace is not to be had");
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            Path directory = ofAnotherGroup("its");
            Files.setAttribute(directory, "unix:uid", 0);
            String uri = "file:" + directory + "?anyFileSystem=true&mode=660";
            assertThat(sandbox.belfry("pub", uri, "x").code()).isZero();
            assertRightsOfTheGroup(0060, all(sandbox.file("")));
            JavaCommand reads = Sandbox.java(Belfry.class, "tail", "--from", "oldest", uri);
            Result joined = Sandbox.finish(sandbox.start(reads.through(unshare)), "");
            assertThat(joined.code()).as(joined.toString()).isZero();
            for (Path each : all(sandbox.file(""))) Files.delete(each);
            JavaCommand publishes = Sandbox.java(Belfry.class, "pub", uri, "x");
            Result made = Sandbox.finish(sandbox.start(publishes.through(unshare)), "");
            assertThat(made.code()).as(made.toString()).isZero();
            assertThat(made.err()).contains("is shared with no group, though its mode asks for that: root");
            assertRightsOfTheGroup(0, all(sandbox.file("")));
        }
    }

    /** Else its next file would be closed to all others for good. */
    @Test
    void shouldShareWithItsGroupThoughNoDescriptorIsLeft() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        JavaCommand member = new OtherUser(files).in(65533).java(AtTheLimit.class, "65533");
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            Result made = Sandbox.finish(sandbox.start(member.through(List.of("prlimit", "--nofile=300:300"))), "");
            assertThat(made.out()).as(made.toString()).isEqualTo("65533 660\n");
        }
    }

    /**
     * A copy has the group of the user that makes it, who may not give it that of its original. Its full files are hard
     * links all the same: what root does then is not done to the original.
     */
    @Test
    void shouldOpenACopyForNoGroupThatItsOriginalDoesNotHave() throws IOException {
        assumeTrue(Sandbox.ROOT, "needs root, to be somebody else");
        OtherUser other = new OtherUser(files);
        try (Sandbox sandbox = new Sandbox("size=256m,mode=1777")) {
            Path directory = ofAnotherGroup("its");
            String kept = "file:" + directory + "?anyFileSystem=true&mode=660&keep=all&sync=os";
            JavaCommand two = other.in(65533).belfry("pub", "--size", "1m", "--count", "140", kept); // full files
            Result filled = Sandbox.finish(sandbox.start(two), "");
            assertThat(filled.code()).as(filled.toString()).isZero();
            Path parent = Files.createDirectory(files.toRealPath().resolve("copies"));
            Files.setAttribute(parent, "unix:uid", 65534);
            Path copy = parent.resolve("its");
            Result backup = Sandbox.finish(sandbox.start(other.belfry("backup", "" + directory, "" + copy)), "");
            assertThat(backup.code()).as(backup.toString()).isZero();
            for (Path each : all(sandbox.file(""))) Files.delete(each);
            String told = published(sandbox, other, copy);
            assertRightsOfTheGroup(0, all(sandbox.file("")));
            assertRightsOfTheGroup(
                    0, all(copy).stream().filter(each -> links(each) == 1).toList());
            assertThat(all(copy)).anyMatch(each -> links(each) == 2);
            Matcher steps = Pattern.compile("as root, '(.*)'").matcher(told);
            assertThat(steps.find()).as(told).isTrue();
            List<String> shell = List.of("sh", "-ec", steps.group(1).replace("GROUP", "65532"));
            Result root = Sandbox.finish(sandbox.start(shell), "");
            assertThat(root.code()).as(root.toString()).isZero();
            assertIsOf(65533, directory);
            assertThat(published(sandbox, other.in(65532), copy)).doesNotContain("shared with no group");
            assertIsOf(65532, copy);
            assertIsOf(65532, sandbox.file(""));
            assertThat(published(sandbox, other.in(65533), directory)).doesNotContain("shared with no group");
            assertThat(told).contains(". Then remove " + copy + ".linked");
        }
    }

    private static int links(Path file) {
        try {
            return (int) Files.getAttribute(file, "unix:nlink");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All in it is shared with that group. */
    private static void assertIsOf(int group, Path directory) throws IOException {
        assertRightsOfTheGroup(0060, all(directory));
        for (Path each : all(directory))
            assertThat(Files.getAttribute(each, "unix:gid")).as(each.toString()).isEqualTo(group);
    }

    private Path ofAnotherGroup(String name) throws IOException {
        Path directory = Files.createDirectory(files.toRealPath().resolve(name));
        Files.setAttribute(directory, "unix:uid", 65534);
        Files.setAttribute(directory, "unix:gid", 65533);
        Files.setAttribute(directory, "unix:mode", 02770);
        return directory;
    }

    /** What the command says on stderr. */
    private static String published(Sandbox sandbox, OtherUser other, Path directory) throws IOException {
        String uri = "file:" + directory + "?anyFileSystem=true&mode=660";
        Result pub = Sandbox.finish(sandbox.start(other.belfry("pub", uri, "x")), "");
        assertThat(pub.code()).as(pub.toString()).isZero();
        return pub.err();
    }

    private static List<Path> all(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    private static void assertRightsOfTheGroup(int rights, List<Path> all) throws IOException {
        assertThat(all).isNotEmpty();
        for (Path each : all)
            assertThat((int) Files.getAttribute(each, "unix:mode") & 0070)
                    .as("rights of the group of " + each)
                    .isEqualTo(rights);
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
