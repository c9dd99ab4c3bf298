package dev.belfry.shm.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.posix.MemoryGroup.Left;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over a planted tree of files; {@code SmallWorldTest} of tests/processes has a real group. */
class MemoryGroupTest {
    private static final Left UNLIMITED = new Left(null, Long.MAX_VALUE, Long.MAX_VALUE);

    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Path groupOfVersion2(String group, String max, long current, long inactive) throws IOException {
        String directory = "sys/fs/cgroup" + group;
        file(directory + "/memory.max", max + "\n");
        file(directory + "/memory.current", current + "\n");
        file(directory + "/memory.stat", "anon 5\nfile 99999\ninactive_file " + inactive + "\nactive_file 77\n");
        return root.resolve(directory);
    }

    private Path groupOfVersion1(String group, long limit, long usage, long inactive) throws IOException {
        String directory = "sys/fs/cgroup/memory" + group;
        file(directory + "/memory.limit_in_bytes", limit + "\n");
        file(directory + "/memory.usage_in_bytes", usage + "\n");
        file(directory + "/memory.stat", "inactive_file 1\ntotal_inactive_file " + inactive + "\n");
        return root.resolve(directory);
    }

    private Left left() {
        return new MemoryGroup(root).left();
    }

    @Test
    void shouldTakeTheLeastThatOwnAndParentGroupsLeave() throws IOException {
        file("proc/self/cgroup", "0::/kubepods/pod/container\n");
        groupOfVersion2("/kubepods/pod/container", "1000", 300, 50);
        assertThat(left().bytes()).as("its own").isEqualTo(750);
        Path pod = groupOfVersion2("/kubepods/pod", "2000", 1800, 30);
        assertThat(left()).as("a parent's").isEqualTo(new Left(pod, 2000, 230));
        groupOfVersion2("/kubepods", "max", 90_000, 0);
        assertThat(left().group()).as("one without a limit").isEqualTo(pod);
        Path mount = groupOfVersion2("", "9000", 9500, 100);
        assertThat(left()).as("beyond its limit").isEqualTo(new Left(mount, 9000, 0));
    }

    @Test
    void shouldReadTheFirstVersionWhileTheSecondHasOtherControllers() throws IOException {
        file("proc/self/cgroup", "9:name=systemd:/a\n4:memory:/a/b\n3:cpuset:/\n0::/\n");
        Path own = groupOfVersion1("/a/b", 1000, 300, 50);
        groupOfVersion1("/a", 9223372036854771712L, 4000, 0);
        groupOfVersion1("", 9223372036854771712L, 8000, 0);
        assertThat(left()).isEqualTo(new Left(own, 1000, 750));
    }

    @Test
    void shouldFindTheGroupOfAContainerAtTheMount() throws IOException {
        Path mount = groupOfVersion1("", 1000, 300, 0);
        for (String outside : new String[] {"/docker/4711", "/../4711", "/"}) {
            file("proc/self/cgroup", "4:memory:" + outside + "\n");
            assertThat(left()).as(outside).isEqualTo(new Left(mount, 1000, 700));
        }
    }

    @Test
    void shouldSeeNoLimitInWhatItCannotRead() throws IOException {
        assertThat(left()).as("no proc").isEqualTo(UNLIMITED);
        for (String odd : new String[] {"", "\n", ":", "0::", "x", "4:memory:/gone\n0::/gone\n"}) {
            file("proc/self/cgroup", odd);
            assertThat(left()).as(odd).isEqualTo(UNLIMITED);
        }
        file("proc/self/cgroup", "0::/\n");
        groupOfVersion2("", "many", 300, 0);
        assertThat(left()).as("a limit that is no number").isEqualTo(UNLIMITED);
        groupOfVersion2("", "1000", 300, 0);
        Files.delete(root.resolve("sys/fs/cgroup/memory.stat"));
        assertThat(left().bytes()).as("no memory.stat").isEqualTo(700);
        Files.delete(root.resolve("sys/fs/cgroup/memory.current"));
        assertThat(left()).as("no usage").isEqualTo(UNLIMITED);
    }

    @Test
    void shouldReadForAThreadThatIsInterrupted() throws IOException {
        file("proc/self/cgroup", "0::/\n");
        groupOfVersion2("", "1000", 300, 0);
        Thread.currentThread().interrupt();
        try {
            assertThat(left().bytes()).isEqualTo(700);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void shouldReadThisMachine() {
        assertThat(new MemoryGroup(Path.of("/")).left().bytes()).isPositive();
    }
}
