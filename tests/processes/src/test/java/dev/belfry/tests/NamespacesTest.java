package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Members in other namespaces, and of other users: what they share works, what they do not share is said. */
@Timeout(120)
@Tag("T10")
@WaitsForOthers
@Slow
class NamespacesTest {
    @RegisterExtension
    final Stage stage = new Stage();

    private ChildJvm member(List<String> launcher) {
        return stage.member(Member.command().through(launcher));
    }

    private static List<String> unshare(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare"));
        if (!OwnMount.isRoot()) command.add("-Ur");
        command.addAll(List.of(options));
        List<String> probe = new ArrayList<>(command);
        probe.add("true");
        assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, String.join(" ", command) + " is not permitted");
        return command;
    }

    @Test
    @Tag("F67")
    void f67OtherPidAndIpcNamespacesLiveAndDieLikeAnybody() throws Exception {
        String uri = stage.uri("");
        ChildJvm here = member(List.of());
        ChildJvm there = member(unshare("-p", "-f", "--ipc", "--kill-child", "--mount-proc"));
        for (ChildJvm one : List.of(here, there)) {
            one.ask("open " + uri, "ok");
            one.ask("subscribe", "ok");
        }
        there.ask("publish 5 100", "ok");
        assertThat(here.ask("receive 5")).isEqualTo("ok 5");
        here.ask("publish 5 100", "ok");
        assertThat(there.ask("receive 10")).isEqualTo("ok 10");
        there.ask("claim 100", "ok");
        assertThat(here.ask("publish 1 10"))
                .as("it lives, whatever its pid is here")
                .startsWith("failed QueueFullException: ")
                .contains(" is held by publisher pid ");
        there.kill();
        Patience.until(
                "its lock is taken over", here, () -> here.ask("publish 1 10").startsWith("ok"));
        assertThat(here.ask("subscribers")).isEqualTo("ok 1");
        ChildJvm again = member(unshare("-p", "-f", "--ipc", "--kill-child", "--mount-proc"));
        again.ask("open " + uri, "ok");
        here.ask("claim 100", "ok");
        assertThat(again.ask("publish 1 10")).startsWith("failed QueueFullException: ");
        here.kill();
        Patience.until(
                "the other way round", again, () -> again.ask("publish 1 10").startsWith("ok"));
    }

    @Test
    @Tag("F68")
    void f68EachMountOfShmHasItsOwnQueuesAndSaysWhichItIs() throws IOException {
        try (World one = World.withShm("size=8m");
                World two = World.withShm("size=8m")) {
            ChildJvm here = stage.member(Member.command().through(one.launcher()));
            ChildJvm there = stage.member(Member.command().through(two.launcher()));
            here.ask("open shm:same?capacity=64k", "ok");
            String missing = there.ask("find shm:same");
            assertThat(missing)
                    .matches("failed QueueNotFoundException: No queue 'same' in /dev/shm \\(device \\d+:\\d+\\)\\."
                            + " Another container\\? Share /dev/shm or use --ipc\\.");
            here.ask("close", "ok");
            here.ask("remove shm:same", "ok");
            assertThat(here.ask("find shm:same"))
                    .as("another device")
                    .startsWith("failed QueueNotFoundException: ")
                    .isNotEqualTo(missing);
            here.ask("open shm:same?capacity=64k", "ok");
            there.ask("open shm:same?capacity=64k", "ok");
            here.ask("publish 3 10", "ok");
            assertThat(there.ask("newest")).isEqualTo("ok 0");
        }
    }

    @Test
    @Tag("F69")
    void f69AGroupSharesAQueueWhateverTheUmask(@TempDir Path copies) throws Exception {
        Somebody.needed();
        Somebody somebody = new Somebody(65534, copies);

        String name = stage.name();
        ChildJvm root = member(List.of());
        root.ask("open shm:" + name + "?mode=rw-rw----&group=" + group(65534), "ok");
        root.ask("subscribe", "ok");
        ChildJvm other = stage.member(somebody.command(Member.class)
                .through(List.of("sh", "-c", "umask 077; exec \"$@\"", "sh"))
                .through(somebody.launcher()));
        assertThat(other.ask("open shm:" + name)).isEqualTo("ok");
        assertThat(other.ask("subscribe")).isEqualTo("ok");
        assertThat(modes(name, id(name))).hasSize(3).allMatch("rw-rw----"::equals);
        other.ask("publish 3 10", "ok");
        assertThat(root.ask("receive 3")).isEqualTo("ok 3");
        other.tell("receive 4"); // three at once, and one that wakes it through a semaphore of its own
        Patience.pause(50);
        root.ask("publish 1 10", "ok");
        assertThat(other.line()).isEqualTo("ok 4");

        String shut = stage.name();
        root.ask("open shm:" + shut, "ok");
        assertThat(other.ask("open shm:" + shut))
                .startsWith("failed QueueAccessDeniedException: '" + shut + "' belongs to root, mode 0600;");
        String theirs = stage.name();
        other.ask("open shm:" + theirs + "?mode=rw-rw-rw-", "ok");
        other.ask("subscribe", "ok");
        root.ask("open shm:" + theirs + "?owner=65534", "ok");
        root.ask("subscribe", "ok");
        assertThat(modes(theirs, id(theirs))).hasSize(3).allMatch("rw-rw-rw-"::equals);
        root.ask("publish 1 10", "ok");
        assertThat(other.ask("receive 1")).isEqualTo("ok 1");
    }

    private static String group(int gid) throws IOException {
        return Files.readAllLines(Path.of("/etc/group")).stream()
                .filter(line -> line.split(":")[2].equals("" + gid))
                .map(line -> line.split(":")[0])
                .findFirst()
                .orElseThrow();
    }

    private static UUID id(String name) throws IOException {
        var header = java.nio.ByteBuffer.wrap(Files.readAllBytes(Path.of("/dev/shm/belfry." + name)))
                .order(java.nio.ByteOrder.LITTLE_ENDIAN);
        return new UUID(header.getLong(40), header.getLong(48));
    }

    private static List<String> modes(String name, UUID id) throws IOException {
        List<String> modes = new ArrayList<>();
        for (String file : Stage.left(name, id))
            modes.add(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of("/dev/shm", file))));
        return modes;
    }

    @Test
    @Tag("F69")
    void f69AUserNamespaceOfTheSameUserWorks() throws Exception {
        ChildJvm here = member(List.of());
        ChildJvm there = member(unshare("--user", "--map-root-user"));
        String uri = stage.uri("");
        there.ask("open " + uri, "ok");
        there.ask("subscribe", "ok");
        here.ask("open " + uri, "ok");
        here.ask("subscribe", "ok");
        here.ask("publish 2 10", "ok");
        there.ask("publish 2 10", "ok");
        assertThat(here.ask("receive 4")).isEqualTo("ok 4");
        assertThat(there.ask("receive 4")).isEqualTo("ok 4");
    }
}
