package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Pointer;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@WaitsForOthers
class NamedSemaphoreTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private final String name = Kernel.freshName();
    private final Path file = Kernel.semaphoreFile(name);

    @AfterEach
    void shouldLeaveNothing() throws IOException {
        Files.deleteIfExists(file);
        assertThat(Kernel.names()).isEmpty();
        assertThat(Kernel.descriptors()).isZero();
    }

    @Test
    void shouldGiveWhatWasPosted() {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1)) {
            assertThat(semaphore.name).isEqualTo(name);
            assertThat(semaphore.tryAwait()).isFalse();
            semaphore.post();
            semaphore.post();
            assertThat(semaphore.tryAwait()).isTrue();
            assertThat(semaphore.await(0)).isTrue();
            assertThat(semaphore.await(0)).isFalse();
        }
    }

    @Test
    void shouldBeOneSemaphoreForAllWhoOpenIt() {
        try (NamedSemaphore created = NamedSemaphore.create(C, name, 0600, -1)) {
            try (NamedSemaphore opened = NamedSemaphore.open(C, name, null)) {
                assertThat(opened.address).as("counted by the C library").isEqualTo(created.address);
                opened.post();
            }
            assertThat(created.tryAwait()).isTrue();
        }
        assertThat(NamedSemaphore.unlink(C, name)).isTrue();
        assertThat(NamedSemaphore.unlink(C, name)).isFalse();
        assertThat(NamedSemaphore.open(C, name, null)).isNull();
    }

    @Test
    void shouldRefuseToCreateWhatIsThere() {
        try (NamedSemaphore first = NamedSemaphore.create(C, name, 0600, -1)) {
            assertThatThrownBy(() -> NamedSemaphore.create(C, name, 0600, -1))
                    .hasMessage("sem_open(" + name + ", O_CREAT|O_EXCL) failed: EEXIST (17) File exists");
            first.post();
            assertThat(first.tryAwait()).isTrue();
            assertThat(NamedSemaphore.list(Kernel.prefix())).containsExactly(name.substring(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"077,660", "0,600", "077,600", "022,666"})
    void shouldHaveExactlyTheModeAskedForWhateverTheUmask(String umask, String mode) {
        int old = Kernel.call("umask", Integer.parseInt(umask, 8));
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, Integer.parseInt(mode, 8), C.getgid())) {
            FileStatus status = SharedMemory.status(C, "/sem." + semaphore.name.substring(1));
            assertThat(Integer.toOctalString(status.mode())).isEqualTo(mode);
            assertThat(status.gid()).isEqualTo(C.getgid());
        } finally {
            Kernel.call("umask", old);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 31, 33, 4096})
    void shouldRefuseAFileOfAnotherSize(int size) throws IOException {
        Files.write(file, new byte[size]);
        assertThatThrownBy(() -> NamedSemaphore.open(C, name, null))
                .hasMessage("sem_open(" + name + ") refused: " + file + " has " + size + " bytes, a semaphore has 32");
    }

    @Test
    void shouldRefuseASymbolicLink() throws IOException {
        Files.createSymbolicLink(file, Path.of("/etc/passwd"));
        assertThatThrownBy(() -> NamedSemaphore.open(C, name, null))
                .hasMessageContaining("refused: " + file + " is not a regular file");
    }

    @Test
    void shouldRefuseAFifoWithoutBlocking() {
        assertThat(Kernel.call("mkfifo", file.toString(), 0600)).isZero();
        assertThatThrownBy(() -> NamedSemaphore.open(C, name, null)).hasMessageContaining("is not a regular file");
    }

    @Test
    void shouldRefuseADirectory() throws IOException {
        Files.createDirectory(file);
        assertThatThrownBy(() -> NamedSemaphore.open(C, name, null))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno).isZero())
                .hasMessageContaining("is not a regular file");
    }

    @Test
    void shouldRefuseThirtyTwoBytesOfGarbage() throws IOException {
        byte[] garbage = new byte[32];
        java.util.Arrays.fill(garbage, (byte) 0xa5);
        Files.write(file, garbage);
        assertThatThrownBy(() -> NamedSemaphore.open(C, name, null)).hasMessageContaining("damaged");
    }

    @Test
    void shouldTrustOnlyOwnersWhoMayWriteTheObjectAnyway() throws IOException {
        assumeTrue(C.geteuid() == 0, "needs root to give a file away");
        NamedSemaphore.create(C, name, 0660, -1).close();
        Files.setAttribute(file, "unix:uid", 12345);
        Files.setAttribute(file, "unix:gid", 777);
        assertThatThrownBy(() -> NamedSemaphore.open(C, name, null)).hasMessageContaining("belongs to uid 12345");
        assertThat(opens(like(0600, 12345, 0))).isTrue();
        assertThat(opens(like(0600, 54321, 777))).isFalse();
        assertThat(opens(like(0660, 54321, 777))).isTrue();
        assertThat(opens(like(0660, 54321, 778))).isFalse();
        assertThat(opens(like(0666, 54321, 778))).isTrue();
    }

    private boolean opens(FileStatus like) {
        try (NamedSemaphore semaphore = NamedSemaphore.open(C, name, like)) {
            return semaphore != null;
        } catch (PosixException refused) {
            return false;
        }
    }

    private static FileStatus like(int mode, int uid, int gid) {
        return new FileStatus(true, 4096, mode, uid, gid, 1, 1, 1);
    }

    @Test
    void shouldNeverGiveTheFileOfANameThatChangesHands() throws IOException {
        NamedSemaphore.create(C, name, 0600, -1).close();
        AtomicInteger swaps = new AtomicInteger(2);
        LibC swapping = (LibC) java.lang.reflect.Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("sem_open") && swaps.getAndDecrement() > 0) {
                        byte[] content = Files.readAllBytes(file);
                        Files.write(file.resolveSibling("sem." + name.substring(1) + "x"), content);
                        Files.move(
                                file.resolveSibling("sem." + name.substring(1) + "x"),
                                file,
                                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    }
                    return method.invoke(C, args);
                });
        try (NamedSemaphore semaphore = NamedSemaphore.open(swapping, name, null)) {
            assertThat(semaphore.tryAwait()).isFalse();
            assertThat(swaps.get()).as("asked until it stood still").isEqualTo(-1);
        }
    }

    @Test
    @Tag("F27")
    void shouldTakeAnOverflowForSuccess() {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1)) {
            new Pointer(semaphore.address).setInt(0, Integer.MAX_VALUE);
            semaphore.post();
            assertThat(semaphore.tryAwait()).isTrue();
        }
    }

    @Test
    void shouldWaitItsTimeAndNotLonger() {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1)) {
            long start = System.nanoTime();
            assertThat(semaphore.await(30_000_000)).isFalse();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
            assertThat(semaphore.await(-5)).isFalse();
        }
    }

    @Test
    void shouldBeWokenByAnotherProcess() throws Exception {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1);
                ChildJvm child = Isolated.command(Posts.class, name).start()) {
            assertThat(semaphore.await(LONG)).isTrue();
            assertThat(child.rest()).as(child::report).containsExactly("exit 0");
        }
    }

    static final class Posts {
        public static void main(String[] args) {
            try (NamedSemaphore semaphore = NamedSemaphore.open(C, args[0], null)) {
                semaphore.post();
            }
        }
    }

    @Test
    void shouldReturnFalseWhenASignalComes() throws Exception {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1);
                Signals signals = new Signals()) {
            CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
                signals.aimAtThisThread();
                return semaphore.await(LONG);
            });
            signals.untilDone(waiting);
            assertThat(waiting.get()).isFalse();
        }
    }

    @Test
    void shouldFallBackToTheWallClockWhereTheOtherIsMissing() {
        LibC old = new FaultyLibC().failing((function, k) -> function.equals("sem_clockwait") ? Errno.ENOSYS : 0);
        try (NamedSemaphore semaphore = NamedSemaphore.create(old, name, 0600, -1)) {
            long start = System.nanoTime();
            assertThat(semaphore.await(TimeUnit.DAYS.toNanos(1)))
                    .as("a slice, or the test never ends")
                    .isFalse();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(80_000_000L);
            semaphore.post();
            assertThat(semaphore.await(LONG)).isTrue();
        }
    }

    @Test
    @SuppressWarnings("try")
    void shouldBeHarmlessOnceClosed() {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1)) {
            semaphore.close();
            semaphore.close();
            semaphore.post();
            assertThatThrownBy(semaphore::tryAwait)
                    .isInstanceOf(PosixException.class)
                    .hasMessageContaining(name);
            assertThatThrownBy(() -> semaphore.await(1)).isInstanceOf(PosixException.class);
        }
    }

    @Test
    void shouldStayOpenUntilTheThreadsInsideAreOut() throws Exception {
        for (int i = 0; i < 300; i++) {
            NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1);
            CompletableFuture<Void> waiter = CompletableFuture.runAsync(() -> {
                try {
                    while (!semaphore.await(1_000_000)) Thread.onSpinWait();
                } catch (PosixException closed) {
                    // as it should
                }
            });
            CompletableFuture<Void> poster = CompletableFuture.runAsync(() -> {
                for (int k = 0; k < 100; k++) semaphore.post();
            });
            semaphore.close();
            waiter.get();
            poster.get();
            NamedSemaphore.unlink(C, name);
        }
    }

    @Test
    void shouldListNamesByPrefix() {
        String other = Kernel.freshName();
        try (NamedSemaphore first = NamedSemaphore.create(C, name, 0600, -1);
                NamedSemaphore second = NamedSemaphore.create(C, other.substring(1), 0600, -1)) {
            assertThat(NamedSemaphore.list(Kernel.prefix()))
                    .containsExactlyInAnyOrder(first.name.substring(1), second.name);
            assertThat(NamedSemaphore.list("/" + Kernel.prefix())).hasSize(2);
            assertThat(NamedSemaphore.list("nonesuch")).isEmpty();
            NamedSemaphore.list(Kernel.prefix()).forEach(n -> NamedSemaphore.unlink(C, n));
        }
    }

    /** R6: unguarded, each of these is a SIGBUS that ends the process. */
    @ParameterizedTest
    @ValueSource(strings = {"-XX:+TieredCompilation", "-Xint", "-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation"})
    @Tag("F36")
    void shouldSurviveThatTheFileIsCutShort(String mode) throws Exception {
        try (ChildJvm child =
                Isolated.command(Truncates.class, name).flags(List.of(mode)).start()) {
            assertThat(child.rest())
                    .as(child::report)
                    .containsExactly("post InternalError", "tryAwait InternalError", "await InternalError", "exit 0");
        }
    }

    static final class Truncates {
        public static void main(String[] args) throws IOException {
            try (NamedSemaphore semaphore = NamedSemaphore.create(C, args[0], 0600, -1)) {
                for (int i = 0; i < 30_000; i++) {
                    semaphore.post();
                    semaphore.tryAwait();
                    semaphore.post();
                    semaphore.await(0);
                }
                try (FileChannel file = FileChannel.open(Kernel.semaphoreFile(args[0]), StandardOpenOption.WRITE)) {
                    file.truncate(0);
                }
                attempt("post", semaphore::post);
                attempt("tryAwait", semaphore::tryAwait);
                attempt("await", () -> semaphore.await(0));
            } finally {
                NamedSemaphore.unlink(C, args[0]);
            }
        }

        private static void attempt(String what, Runnable call) {
            try {
                call.run();
                System.out.println(what + " nothing");
            } catch (Throwable t) {
                System.out.println(what + " " + t.getClass().getSimpleName());
            }
        }
    }

    /** glibc calls abort() when the word that says "shared" makes no futex operation. */
    @Test
    @Tag("F37")
    void shouldNotHandAScribbledSemaphoreToTheCLibrary() {
        try (NamedSemaphore semaphore = NamedSemaphore.create(C, name, 0600, -1)) {
            new Pointer(semaphore.address).setInt(8, 0x5a5a);
            assertThatThrownBy(semaphore::post)
                    .isInstanceOf(PosixException.class)
                    .hasMessageContaining("damaged");
            assertThatThrownBy(() -> semaphore.await(LONG)).isInstanceOf(PosixException.class);
        }
    }
}
