package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files and names on a disk: all of each write, each error once, and names that appear and go. */
@Timeout(60)
class DiskFileTest {
    @TempDir
    Path files;

    private String path(String name) {
        return files.resolve(name).toString();
    }

    private static ByteBuffer bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.allocateDirect(length).put(bytes).flip();
    }

    @Test
    void shouldReadBackWhatWasWrittenWhereItWasWritten() throws Exception {
        try (DiskFile file = DiskFile.create(C, path("a"), path("a"))) {
            ByteBuffer written = bytes(10_000, 1);
            file.write(written.duplicate().position(100), 7000);
            file.syncData();
            assertThat(Files.size(files.resolve("a"))).isEqualTo(16_900);
            ByteBuffer read = ByteBuffer.allocateDirect(20_000);
            assertThat(file.read(read, 0)).isEqualTo(16_900);
            assertThat(read.flip().slice(7000, 9900)).isEqualTo(written.slice(100, 9900));
            assertThat(file.read(ByteBuffer.allocateDirect(8), 16_900)).isZero();
        }
        try (DiskFile again = DiskFile.open(C, path("a"), path("a"), false)) {
            assertThat(again.status().size()).isEqualTo(16_900);
            assertThatThrownBy(() -> again.write(bytes(8, 1), 0)).hasMessageContaining("EBADF");
        }
        assertThat(DiskFile.open(C, path("none"), path("none"), true)).isNull();
        assertThatThrownBy(() -> DiskFile.create(C, path("a"), path("a"))).hasMessageContaining("EEXIST");
    }

    /** The real library, which takes at most three bytes at a time, and is interrupted before each of them. */
    private static LibC inPieces() {
        boolean[] interrupted = {false};
        return (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, args) -> {
                    boolean moves = method.getName().equals("pwrite")
                            || method.getName().equals("pread");
                    if (method.getName().equals("errno") && interrupted[0]) return Errno.EINTR;
                    if (moves) {
                        interrupted[0] = !interrupted[0];
                        if (interrupted[0]) return -1L;
                        args[2] = Math.min(3, (long) args[2]);
                    }
                    try {
                        return method.invoke(C, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void shouldGoOnWhereTheKernelTookAPart() {
        LibC pieces = inPieces();
        try (DiskFile file = DiskFile.create(pieces, path("a"), path("a"))) {
            ByteBuffer written = bytes(5000, 2);
            file.write(written.duplicate(), 9);
            ByteBuffer read = ByteBuffer.allocateDirect(5000);
            assertThat(file.read(read, 9)).isEqualTo(5000);
            assertThat(read.flip()).isEqualTo(written);
        }
    }

    @Test
    void shouldSayWhichCallFailed() {
        for (String call : List.of("pwrite", "pread", "fdatasync", "fsync", "rename", "linkat", "mkdir", "rmdir")) {
            FaultyLibC faulty = new FaultyLibC();
            LibC c = faulty.failing((function, k) -> function.equals(call) ? Errno.EIO : 0);
            assertThatThrownBy(() -> allOf(c, call))
                    .isInstanceOfSatisfying(PosixException.class, e -> {
                        assertThat(e.call).isEqualTo(call);
                        assertThat(e.errno).isEqualTo(Errno.EIO);
                    })
                    .hasMessageContaining(files.toString());
        }
    }

    private void allOf(LibC c, String sub) {
        Directory.make(c, path(sub), 0700);
        try (Directory directory = Directory.open(c, path(sub));
                DiskFile file = DiskFile.create(c, directory.in("a"), directory.in("a"))) {
            file.write(bytes(8, 3), 0);
            file.read(ByteBuffer.allocateDirect(8), 0);
            file.syncData();
            directory.link("a", "b");
            directory.rename("b", "c");
            directory.sync();
            directory.unlink("a");
            directory.unlink("c");
            Directory.remove(c, path(sub));
        }
    }

    @Test
    void shouldGiveAndTakeNames() throws Exception {
        assertThat(Directory.make(C, path("d"), 0700)).isTrue();
        assertThat(Directory.make(C, path("d"), 0700)).isFalse();
        assertThat(Directory.open(C, path("none"))).isNull();
        try (Directory directory = Directory.open(C, path("d"))) {
            DiskFile.create(C, directory.in("a"), directory.in("a")).close();
            assertThat(directory.link("a", "b")).isTrue();
            assertThat(directory.link("a", "b")).isFalse();
            assertThat(directory.unlink("a")).isTrue();
            assertThat(directory.unlink("a")).isFalse();
            DiskFile.create(C, directory.in("c"), directory.in("c")).close();
            directory.rename("b", "c");
            directory.sync();
            assertThat(Directory.remove(C, path("d"))).isFalse();
            assertThat(directory.names()).containsExactly("c");
            for (int i = 0; i < 2000; i++) directory.link("c", "a-name-that-is-not-short-" + i);
            assertThat(directory.names()).hasSize(2001).contains("a-name-that-is-not-short-1999");
            directory.names().forEach(directory::unlink);
        }
        assertThat(Directory.remove(C, path("d"))).isTrue();
        assertThat(Directory.remove(C, path("d"))).isFalse();
    }

    @Test
    void shouldTakePathsAsLongAsTheKernelDoes() {
        List<String> made = new ArrayList<>();
        String deep = files.toString();
        while (deep.length() < 3700) {
            deep += "/" + "d".repeat(200);
            Directory.make(C, deep, 0700);
            made.add(0, deep);
        }
        try (Directory directory = Directory.open(C, deep)) {
            DiskFile.create(C, directory.in("first"), directory.in("first")).close();
            assertThat(directory.link("first", "other")).isTrue();
            directory.rename("other", "third");
            assertThat(directory.unlink("third")).isTrue();
            assertThat(directory.unlink("first")).isTrue();
        }
        assertThat(made).allMatch(path -> Directory.remove(C, path));
        String tooLong = deep + "/" + "d".repeat(400);
        assertThatThrownBy(() -> Directory.open(C, tooLong)).hasMessageContaining("ENAMETOOLONG");
    }

    @Test
    void shouldShareALockAndKeepOthersFromHavingItAlone() {
        try (DiskFile first = DiskFile.create(C, path("a"), path("a"));
                DiskFile second = DiskFile.open(C, path("a"), path("a"), true)) {
            ByteRangeLock one = new ByteRangeLock(first);
            ByteRangeLock two = new ByteRangeLock(second);
            assertThat(one.tryLock(8)).isTrue();
            assertThat(two.tryLockShared(8)).isFalse();
            assertThat(one.tryLockShared(8)).isTrue();
            assertThat(two.tryLockShared(8)).isTrue();
            assertThat(two.tryLock(8)).isFalse();
            one.unlock(8);
            assertThat(two.tryLock(8)).isTrue();
        }
    }

    @Test
    void shouldTellTheKindOfItsFileSystem() {
        try (Directory memory = Directory.open(C, SharedMemory.DIRECTORY)) {
            assertThat(FileSystem.of(memory).kind()).isEqualTo(Linux.TMPFS_MAGIC);
        }
    }
}
