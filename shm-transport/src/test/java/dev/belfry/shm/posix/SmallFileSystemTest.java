package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A /dev/shm of 16 MiB and few inodes in a mount namespace of a child: space that really runs out. */
@Timeout(60)
@WaitsForOthers
@Slow
class SmallFileSystemTest {
    @Test
    @Tag("F18")
    void shouldLeaveAFullFileSystemAsItWas() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=16m none /dev/shm", "", Fills.class))
                .containsExactly(
                        "total 16777216",
                        "posix_fallocate(unnamed object in /dev/shm, 33554432 bytes from 4096) failed:"
                                + " ENOSPC (28) No space left on device",
                        "size 4096, free as before true",
                        "grows once there is room true",
                        "exit 0");
    }

    /** A transport that grew its files by ftruncate would be told that all went well. */
    @Test
    @Tag("T9")
    void shouldNoticeWhenSpaceIsNotReserved() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=16m none /dev/shm", "-Dtruncates=true", Fills.class))
                .doesNotContain("size 4096, free as before true")
                .noneMatch(line -> line.contains("ENOSPC"));
    }

    /** The C library; or one whose posix_fallocate only sets the length. */
    private static LibC reserving() {
        if (!Boolean.getBoolean("truncates")) return C;
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(),
                new Class<?>[] {LibC.class},
                (p, method, args) -> method.getName().equals("posix_fallocate")
                        ? Kernel.call("ftruncate", args[0], (Long) args[1] + (Long) args[2])
                        : method.invoke(C, args));
    }

    static final class Fills {
        public static void main(String[] args) {
            try (SharedMemory object = SharedMemory.createUnnamed(reserving(), 0600, -1)) {
                object.allocate(0, 4096);
                System.out.println("total " + FileSystem.of(object).totalBytes());
                long free = FileSystem.of(object).freeBytes();
                try {
                    object.allocate(4096, 32 << 20);
                } catch (PosixException e) {
                    System.out.println(e.getMessage());
                }
                System.out.println("size " + object.status().size() + ", free as before "
                        + (FileSystem.of(object).freeBytes() == free));
                SharedMemory filler = Kernel.unnamed(free - (1 << 20));
                try {
                    object.allocate(4096, 2 << 20);
                } catch (PosixException e) {
                    filler.close();
                    object.allocate(4096, 2 << 20);
                    System.out.println(
                            "grows once there is room " + (object.status().size() == 4096 + (2 << 20)));
                }
            }
        }
    }

    @Test
    @Tag("F20")
    void shouldSaySoWhenThereIsNoInodeForASemaphore() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=16m,nr_inodes=2 none /dev/shm", "", NoInode.class))
                .containsExactly(
                        "sem_open(/belfry.few, O_CREAT|O_EXCL) failed: ENOSPC (28) No space left on device",
                        "left []",
                        "exit 0");
    }

    static final class NoInode {
        public static void main(String[] args) {
            SharedMemory inode = Kernel.unnamed(4096); // the other one is the directory's
            try {
                NamedSemaphore.create(C, "/belfry.few", 0600, -1);
            } catch (PosixException e) {
                System.out.println(e.getMessage());
            }
            inode.close();
            System.out.println("left " + NamedSemaphore.list(""));
        }
    }

    @Test
    void shouldHaveNoLimitWhereTheMountHasNone() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=0 none /dev/shm", "", NoLimit.class))
                .containsExactly("true true", "exit 0");
    }

    static final class NoLimit {
        public static void main(String[] args) {
            try (SharedMemory object = Kernel.unnamed(4096)) {
                System.out.println((FileSystem.of(object).freeBytes() == Long.MAX_VALUE) + " "
                        + (FileSystem.of(object).totalBytes() == Long.MAX_VALUE));
            }
        }
    }

    @Test
    @Tag("F25")
    void shouldTakeAFileSizeLimitForAnError() throws Exception {
        assertThat(inNamespace("ulimit -f 2048", "", Limited.class)) // blocks of 512 bytes
                .containsExactly(
                        "posix_fallocate(unnamed object in /dev/shm, 8388608 bytes from 4096) failed:"
                                + " EFBIG (27) File too large",
                        "size 4096",
                        "exit 0");
    }

    static final class Limited {
        public static void main(String[] args) {
            try (SharedMemory object = Kernel.unnamed(4096)) {
                try {
                    object.allocate(4096, 8 << 20);
                } catch (PosixException e) {
                    System.out.println(e.getMessage());
                }
                System.out.println("size " + object.status().size());
            }
        }
    }

    @Test
    @Tag("F21")
    @Tag("F64")
    @Tag("F70")
    void shouldSayWhatIsWrongWithTheMachine() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=16m,ro none /dev/shm", "", Asks.class)
                        .get(0))
                .contains("open(/dev/shm, O_TMPFILE) failed: EROFS (30)");
        assertThat(inNamespace("mount -t ramfs none /dev/shm", "", Asks.class).get(0))
                .contains("/dev/shm");
        assertThat(inNamespace(
                                "mount -t tmpfs -o noexec none /mnt",
                                "-Dbelfry.memory=chronicle -Djna.tmpdir=/mnt",
                                Asks.class)
                        .get(0))
                .contains("JNA cannot load")
                .contains("-Djna.tmpdir=DIRECTORY");
        assertThat(inNamespace("true", "", Asks.class)).containsExactly("null", "exit 0");
    }

    /** Looking at queues, deleting them and using those that exist needs no space. */
    @Test
    void shouldNotTakeAFullFileSystemForAMachineThatCannot() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=4k,nr_inodes=1 none /dev/shm", "", Asks.class))
                .containsExactly("null", "exit 0");
        assertThat(inNamespace(
                        "mount -t tmpfs -o size=64k none /dev/shm && ! cat /dev/zero 2> /dev/null > /dev/shm/all",
                        "",
                        Asks.class))
                .containsExactly("null", "exit 0");
    }

    static final class Asks {
        public static void main(String[] args) {
            System.out.println(SelfTest.unavailableReason());
        }
    }

    private static List<String> inNamespace(String preparation, String flags, Class<?> main) throws Exception {
        String unshare = isRoot() ? "-m" : "-Urm";
        Kernel.assumePermitted("unshare", unshare, "sh", "-c", preparation);
        List<String> options = flags.isEmpty() ? List.of() : List.of(flags.split(" "));
        try (ChildJvm child = Isolated.command(main)
                .flags(options)
                .through(List.of("unshare", unshare, "sh", "-c", preparation + " && exec \"$@\"", "sh"))
                .start()) {
            List<String> lines = child.rest();
            assertThat(lines).as(child::report).last().isEqualTo("exit 0");
            return lines;
        }
    }

    private static boolean isRoot() {
        return C.geteuid() == 0;
    }
}
