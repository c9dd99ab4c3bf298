package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real ext4 at the instant of a power loss: it lies in a file of another one, which is frozen while that file is
 * copied. Publishers run until then, and what had returned to them is in the copy. Where this user may not mount, it is
 * skipped.
 */
@WaitsForOthers
@Slow
@OneJdk
@Timeout(3600)
class FrozenImageTest {
    private static final int PUBLISHERS = 3;

    private final Random random = new Random();
    private final Small small = new Small("");

    @TempDir
    Path temporary;

    @BeforeEach
    void create() throws Exception {
        assumeTrue(OwnMount.isRoot(), "only root may mount a file system that lies in a file");
        Files.createDirectories(small.directory);
    }

    @AfterEach
    void remove() throws Exception {
        small.close();
    }

    private static void run(OwnMount in, String script) {
        List<String> command = new ArrayList<>(in.launcher());
        command.addAll(List.of("sh", "-ec", script + "\necho done"));
        try (ChildJvm shell = ChildJvm.startMerged(script, command)) {
            assertThat(shell.rest()).as(script).endsWith("done", "exit 0");
        }
    }

    private static ChildJvm start(OwnMount in, Class<?> main, String... arguments) {
        return JavaCommand.of(main, arguments).through(in.launcher()).start();
    }

    /** Returns what had returned before the copy was made. {@code settings}: more of the queue's URI. */
    private Map<String, Long> publishAndCopy(String settings) throws Exception {
        Path base = Files.createDirectories(temporary.resolve("base"));
        Path outer = base.resolve("outer");
        List<ChildJvm> all = new ArrayList<>();
        Map<String, Long> returned = new HashMap<>();
        try (OwnMount world = OwnMount.of(base, "size=400m")) { // all is in memory: no other work on the disk delays it
            run(world, "mount -t tmpfs -o size=200m none /dev/shm");
            run(
                    world,
                    "mkdir " + outer + " && truncate -s 160M " + outer + ".image && mkfs.ext4 -q " + outer + ".image");
            run(world, "mount -o loop " + outer + ".image " + outer);
            run(world, "truncate -s 64M " + outer + "/image && mkfs.ext4 -q " + outer + "/image");
            run(world, "mount -o loop " + outer + "/image " + small.directory);
            run(world, "rmdir " + small.directory + "/lost+found");
            try (ChildJvm first = start(world, KilledPublishersTest.Reading.class, small.name, settings)) {
                first.expect("opened");
                first.awaitEnd();
                for (int i = 0; i < PUBLISHERS; i++)
                    all.add(start(world, KilledPublishersTest.Publishing.class, "" + i, small.name, settings));
                for (ChildJvm each : all) note(each.line(), returned);
                Thread.sleep(random.nextInt(500)); // at any instant
                StringBuilder kill = new StringBuilder("kill -9");
                for (ChildJvm each : all) kill.append(' ').append(each.pid());
                // Until the outer one goes on no sync returns: so all that they say has returned before the copy.
                String copy = "cp --sparse=always " + outer + "/image " + temporary.resolve("copy");
                run(
                        world,
                        "fsfreeze -f " + outer + "; " + copy + " && " + kill + " || failed=1; fsfreeze -u " + outer
                                + "; test -z \"$failed\""); // it says that it is done when nothing is frozen any more
                for (ChildJvm each : all) for (String line : each.rest()) note(line, returned);
            } finally {
                all.forEach(ChildJvm::close);
            }
        }
        return returned;
    }

    private static void note(String line, Map<String, Long> returned) {
        String[] words = line.split(" ");
        if (words.length == 3 && words[0].equals("returned")) returned.put(words[2], Long.parseLong(words[1]));
    }

    private Map<String, Long> readCopy() {
        Map<String, Long> found = new HashMap<>();
        try (OwnMount world = OwnMount.ofShm("size=200m")) {
            run(world, "mount -o loop " + temporary.resolve("copy") + " " + small.directory);
            try (ChildJvm reader = start(world, KilledPublishersTest.Reading.class, small.name)) {
                reader.expect("opened");
                reader.awaitEnd();
                for (String line : reader.rest()) {
                    String[] words = line.split(" ");
                    if (!words[0].equals("read")) continue;
                    assertThat(found.put(words[2], Long.parseLong(words[1])))
                            .as(line)
                            .isNull();
                }
            }
        }
        return found;
    }

    private void lose(String settings) throws Exception {
        Map<String, Long> returned = publishAndCopy(settings);
        assertThat(returned).hasSizeGreaterThan(PUBLISHERS);
        assertThat(readCopy()).containsAllEntriesOf(returned);
    }

    @Test
    void shouldHaveEachMessageWhosePublishHadReturned() throws Exception {
        for (int i = 0; i < Depth.pick(1, 2, 200); i++) lose("");
    }

    /** It would see one that is only written. */
    @Test
    void shouldMissWhatIsNotSynced() {
        assertThatThrownBy(() -> lose("&sync=os&flush=1h"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("but could not find");
    }
}
