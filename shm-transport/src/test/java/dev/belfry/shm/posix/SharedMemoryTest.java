package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SharedMemoryTest {
    private final String name = Kernel.freshName();
    private long descriptors;

    @BeforeEach
    void count() {
        descriptors = Kernel.descriptors();
    }

    @AfterEach
    void shouldLeaveNothing() throws Exception {
        Files.deleteIfExists(Kernel.file(name));
        assertThat(Kernel.names()).isEmpty();
        assertThat(Kernel.descriptors()).isEqualTo(descriptors);
    }

    @Test
    void shouldAppearWithItsNameOnlyWhenLinked() {
        try (SharedMemory object = Kernel.unnamed(8192)) {
            assertThat(object.status().links()).isZero();
            assertThat(SharedMemory.open(C, name)).isNull();
            assertThat(SharedMemory.status(C, name)).isNull();

            assertThat(object.link(name)).isTrue();

            try (SharedMemory opened = SharedMemory.open(C, name)) {
                assertThat(opened.status()).isEqualTo(object.status());
                assertThat(opened.status()).isEqualTo(SharedMemory.status(C, name));
                assertThat(opened.status().links()).isOne();
                assertThat(opened.status().size()).isEqualTo(8192);
                assertThat(opened.status().regular()).isTrue();
            }
            assertThat(SharedMemory.unlink(C, name)).isTrue();
            assertThat(SharedMemory.unlink(C, name)).isFalse();
            assertThat(object.status().links())
                    .as("R13: how a removed name is noticed")
                    .isZero();
        }
    }

    @Test
    void shouldReportALostRaceForTheNameAsAValue() {
        try (SharedMemory first = Kernel.unnamed(0);
                SharedMemory second = Kernel.unnamed(0)) {
            assertThat(first.link(name)).isTrue();
            assertThat(second.link(name)).isFalse();
            assertThat(SharedMemory.status(C, name).sameFile(first.status())).isTrue();
            assertThat(SharedMemory.status(C, name).sameFile(second.status())).isFalse();
        }
    }

    @Test
    void shouldHaveExactlyTheModeAskedForWhateverTheUmask() {
        int old = Kernel.call("umask", 0077);
        try (SharedMemory object = SharedMemory.createUnnamed(C, 0660, C.getgid())) {
            assertThat(object.status().mode()).isEqualTo(0660);
            assertThat(object.status().gid()).isEqualTo(C.getgid());
            assertThat(object.status().uid()).isEqualTo(C.geteuid());
        } finally {
            Kernel.call("umask", old);
        }
    }

    @Test
    void shouldReopenTheSameObjectEvenWhenItsNameIsSomebodyElses() {
        try (SharedMemory first = Kernel.unnamed(4096);
                SharedMemory stranger = Kernel.unnamed(0)) {
            first.link(name);
            SharedMemory.unlink(C, name);
            stranger.link(name);
            try (SharedMemory second = first.reopen()) {
                assertThat(second.status()).isEqualTo(first.status());
            }
        }
    }

    @Test
    void shouldRefuseTheReopenedFileWhenItIsAnotherOne() {
        try (SharedMemory stranger = Kernel.unnamed(0)) {
            stranger.link(name);
            LibC swapped = (LibC) java.lang.reflect.Proxy.newProxyInstance(
                    LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                        if (method.getName().equals("open")
                                && args[0].toString().startsWith("/proc/")) {
                            args[0] = Kernel.file(name).toString();
                        }
                        return method.invoke(C, args);
                    });
            try (SharedMemory object = SharedMemory.createUnnamed(swapped, 0600, -1)) {
                assertThatThrownBy(object::reopen)
                        .isInstanceOf(PosixException.class)
                        .hasMessageContaining("another file");
            }
        }
    }

    @Test
    void shouldNotFollowASymbolicLink() throws Exception {
        Files.createSymbolicLink(Kernel.file(name), Path.of("/etc/passwd"));
        assertThatThrownBy(() -> SharedMemory.open(C, name))
                .hasMessage("shm_open(" + name + ") failed: ELOOP (40) Too many levels of symbolic links");
        assertThat(SharedMemory.status(C, name).regular()).isFalse();
    }

    @Test
    void shouldNotBlockOnAFifoAndSayThatItIsNotRegular() {
        assertThat(Kernel.call("mkfifo", Kernel.file(name).toString(), 0600)).isZero();
        try (SharedMemory fifo = SharedMemory.open(C, name)) {
            assertThat(fifo.status().regular()).isFalse();
        }
    }

    @Test
    void shouldNotOpenADirectory() throws Exception {
        Files.createDirectory(Kernel.file(name));
        assertThatThrownBy(() -> SharedMemory.open(C, name)).isInstanceOfSatisfying(PosixException.class, e -> {
            assertThat(e.errno).as("glibc makes EINVAL of EISDIR").isIn(Errno.EINVAL, Errno.EISDIR);
            assertThat(e.call).isEqualTo("shm_open");
        });
        assertThatThrownBy(() -> SharedMemory.unlink(C, name)).isInstanceOf(PosixException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/.",
                "/..",
                "/.hidden",
                "a/b",
                "/a/b",
                "//a",
                "rel\0evil",
                "/rel\0evil",
                "ä",
                "a b",
                "a\n"
            })
    void shouldRefuseOddNamesInJava(String odd) {
        assertThatIllegalArgumentException().isThrownBy(() -> SharedMemory.open(C, odd));
        assertThatIllegalArgumentException().isThrownBy(() -> SharedMemory.unlink(C, odd));
        assertThatIllegalArgumentException().isThrownBy(() -> SharedMemory.status(C, odd));
        assertThatIllegalArgumentException().isThrownBy(() -> NamedSemaphore.open(C, odd, null));
        assertThatIllegalArgumentException().isThrownBy(() -> NamedSemaphore.create(C, odd, 0600, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> NamedSemaphore.unlink(C, odd));
        try (SharedMemory object = Kernel.unnamed(0)) {
            assertThatIllegalArgumentException().isThrownBy(() -> object.link(odd));
        }
    }

    @Test
    void shouldShowAnOddNameReadably() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SharedMemory.open(C, "rel\0evil"))
                .withMessage("a name consists of A-Z a-z 0-9 . _ - only: \"rel\\u0000evil\"");
    }

    @Test
    void shouldKnowTheLongestNames() {
        assertThat(SharedMemory.status(C, "/" + "x".repeat(255))).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> SharedMemory.status(C, "/" + "x".repeat(256)));
        assertThat(NamedSemaphore.open(C, "/" + "x".repeat(251), null)).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> NamedSemaphore.open(C, "/" + "x".repeat(252), null));
    }

    @Test
    void shouldAllocateInOneCallAndInStepsOnlyWhenInterrupted() {
        for (boolean interrupted : new boolean[] {false, true}) {
            List<Long> steps = new java.util.ArrayList<>();
            LibC counting = (LibC) java.lang.reflect.Proxy.newProxyInstance(
                    LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                        if (method.getName().equals("posix_fallocate")) {
                            steps.add((Long) args[2]);
                            if (interrupted && steps.size() == 1) return Errno.EINTR;
                        }
                        return method.invoke(C, args);
                    });
            try (SharedMemory object = SharedMemory.createUnnamed(counting, 0600, -1)) {
                long all = (9 << 20) + 1;
                object.allocate(4096, all);
                assertThat(object.status().size()).isEqualTo(4096 + all);
                if (interrupted) assertThat(steps).containsExactly(all, 4L << 20, 4L << 20, (1L << 20) + 1);
                else assertThat(steps).containsExactly(all);
            }
        }
    }

    @Test
    void shouldHalveTheStepWhenInterrupted() {
        AtomicInteger interrupts = new AtomicInteger(3);
        FaultyLibC faults = new FaultyLibC();
        LibC c = faults.failing((function, k) ->
                function.equals("posix_fallocate") && interrupts.getAndDecrement() > 0 ? Errno.EINTR : 0);
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            object.allocate(0, 2 << 20);
            assertThat(object.status().size()).isEqualTo(2 << 20);
            assertThat(faults.calls.stream().filter("posix_fallocate"::equals)).hasSize(3 + 2);
        }
    }

    @Test
    void shouldGiveUpWhenInterruptedForEver() {
        LibC c = new FaultyLibC().failing((function, k) -> function.equals("posix_fallocate") ? Errno.EINTR : 0);
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            assertThatThrownBy(() -> object.allocate(0, 4096)).hasMessageContaining("EINTR (4)");
        }
    }

    @Test
    void shouldNeverCutWhenAllocationFails() {
        AtomicInteger calls = new AtomicInteger();
        LibC c = new FaultyLibC()
                .failing((function, k) ->
                        function.equals("posix_fallocate") && calls.incrementAndGet() == 2 ? Errno.ENOSPC : 0);
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            object.allocate(0, 4 << 20);
            Mapping mapping = object.map(0, 4 << 20, true);
            mapping.buffer.putLong((4 << 20) - 8, 42);
            assertThatThrownBy(() -> object.allocate(4096, 8 << 20)).hasMessageContaining("ENOSPC");
            assertThat(mapping.buffer.getLong((4 << 20) - 8)).isEqualTo(42);
            mapping.coverWithZeroPages();
        }
    }

    @Test
    void shouldRefuseToAllocateNothing() {
        try (SharedMemory object = Kernel.unnamed(0)) {
            assertThatThrownBy(() -> object.allocate(0, 0)).hasMessageContaining("EINVAL (22)");
            assertThatThrownBy(() -> object.allocate(0, -1)).hasMessageContaining("EINVAL (22)");
            assertThatThrownBy(() -> object.allocate(-4096, 4096)).hasMessageContaining("EINVAL (22)");
        }
    }

    @Test
    void shouldNotLeadIntoAChildThatIsExecuted() {
        try (SharedMemory object = Kernel.unnamed(0)) {
            object.link(name);
            try (SharedMemory opened = SharedMemory.open(C, name);
                    SharedMemory reopened = object.reopen()) {
                for (SharedMemory each : List.of(object, opened, reopened)) {
                    assertThat(C.fcntl(each.enter(), F_GETFD, 0)).isEqualTo(FD_CLOEXEC);
                    each.exit();
                }
            }
        }
    }

    private static final int F_GETFD = 1;
    private static final int FD_CLOEXEC = 1;

    @Test
    void shouldKnowItsFileSystem() {
        try (SharedMemory object = Kernel.unnamed(0)) {
            assertThat(FileSystem.of(object).onTmpfs()).isTrue();
            assertThat(FileSystem.of(object).totalBytes())
                    .isGreaterThanOrEqualTo(FileSystem.of(object).freeBytes())
                    .isPositive();
        }
    }

    @Test
    @SuppressWarnings("try")
    void shouldCloseItsDescriptorOnceWhenClosedTwice() {
        SharedMemory object = Kernel.unnamed(0);
        object.close();
        try (SharedMemory another = Kernel.unnamed(0)) { // has the number that object had
            object.close();
            assertThat(another.status().links()).isZero();
        }
        assertThatThrownBy(object::status).isInstanceOf(PosixException.class).hasMessageContaining("closed");
        assertThatThrownBy(object::reopen).isInstanceOf(PosixException.class);
        assertThatThrownBy(() -> object.map(0, 4096, true)).isInstanceOf(PosixException.class);
    }

    @Test
    void shouldKeepTheDescriptorUntilTheLastCallInsideIsOut() {
        SharedMemory object = Kernel.unnamed(0);
        object.enter();
        object.close();
        assertThat(Kernel.descriptors()).isEqualTo(descriptors + 1);
        object.exit();
        assertThat(Kernel.descriptors()).isEqualTo(descriptors);
    }

    @Test
    void shouldNameTheFileWhenAccessIsRefused() {
        LibC c = new FaultyLibC().failing((function, k) -> function.equals("shm_open") ? Errno.EACCES : 0);
        assertThatThrownBy(() -> SharedMemory.open(c, "/belfry.orders"))
                .hasMessage("shm_open(/belfry.orders) failed: EACCES (13) Permission denied");
    }
}
