package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each call of each function fails once, in turn: what it had done so far is undone, whatever the error. */
@Timeout(60)
@Tag("T8")
@Tag("F23")
class FailingCallsTest {
    private interface Operation {
        void run(LibC c);
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENOMEM, Errno.ENOSPC, Errno.EIO})
    void shouldUndoTheStepsOfCreation(int errno) {
        List<String> failed = eachCallFailing(
                errno, c -> SharedMemory.createUnnamed(c, 0660, c.getgid()).close());
        assertThat(failed).containsExactly("open", "fchown", "fchmod");
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENOMEM})
    void shouldUndoTheStepsOfReopening(int errno) {
        List<String> failed = eachCallFailing(errno, c -> {
            try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
                object.reopen().close();
            }
        });
        assertThat(failed).containsExactly("open", "fchmod", "open", "statx", "statx");
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENOMEM, Errno.ENOSPC, Errno.EFBIG})
    void shouldUndoTheStepsOfAWholeObject(int errno) {
        String name = Kernel.freshName();
        List<String> failed = eachCallFailing(errno, c -> {
            try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
                object.allocate(0, 5 << 20);
                cover(c, object.map(0, 4096, true));
                cover(c, object.mapTwice(4096, 4096, false));
                object.link(name);
                try (SharedMemory second = SharedMemory.open(c, name)) {
                    FileSystem.of(second).freeBytes();
                }
            } finally {
                SharedMemory.unlink(c, name);
            }
        });
        assertThat(failed)
                .containsExactly(
                        "open",
                        "fchmod",
                        "posix_fallocate",
                        "mmap",
                        "mmap",
                        "mmap",
                        "mmap",
                        "linkat",
                        "shm_open",
                        "fstatfs");
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EPERM, Errno.EINVAL})
    void shouldGiveNoRightsToAGroupThatTheKernelRefuses(int errno) {
        LibC c = new FaultyLibC().failing((function, k) -> function.equals("fchown") ? errno : 0);
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            object.setAccess(0664, object.status());
            assertThat(object.status().mode()).isEqualTo(0644);
        }
    }

    /** The cover is the real library's: here we fail what builds a mapping, not what ends it. */
    private static void cover(LibC c, Mapping mapping) {
        C.mmap(mapping.address, mapping.length, Linux.PROT_READ, COVER, -1, 0);
    }

    private static final int COVER = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_FIXED;

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENOMEM, Errno.ENOSPC, Errno.EACCES})
    void shouldUndoTheStepsOfASemaphore(int errno) {
        String name = Kernel.freshName();
        List<String> failed = eachCallFailing(errno, c -> {
            try (NamedSemaphore created = NamedSemaphore.create(c, name, 0660, c.getgid());
                    NamedSemaphore opened = NamedSemaphore.open(c, name, null)) {
                created.post();
                if (!opened.await(0)) throw new AssertionError("posted, but not there");
            } finally {
                NamedSemaphore.unlink(c, name);
            }
        });
        assertThat(failed)
                .containsExactly(
                        "sem_open",
                        "shm_open",
                        "statx",
                        "fchown",
                        "fchmod",
                        "statx",
                        "sem_open",
                        "statx",
                        "sem_post",
                        "clock_gettime",
                        "sem_clockwait");
    }

    @Test
    void shouldLeaveALockAsItWasWhenAskingFails() {
        eachCallFailing(Errno.ENOLCK, c -> {
            try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1);
                    SharedMemory second = object.reopen()) {
                ByteRangeLock lock = new ByteRangeLock(object);
                lock.tryLock(9);
                new ByteRangeLock(second).probe(9);
                lock.unlock(9);
            }
        });
    }

    @Test
    @Tag("F50")
    void shouldGoOnWhenASignalInterruptsACall() {
        String name = Kernel.freshName();
        FaultyLibC faults = new FaultyLibC();
        LibC c = faults.failing((function, k) ->
                INTERRUPTIBLE.contains(function) && Collections.frequency(faults.calls, function) % 2 == 0
                        ? Errno.EINTR
                        : 0);
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            object.allocate(0, 4096);
            object.link(name);
            FileSystem.of(object).freeBytes();
            NamedSemaphore.create(c, name, 0600, -1).close();
            NamedSemaphore.open(c, name, null).close();
            try (SharedMemory second = SharedMemory.open(c, name);
                    SharedMemory third = second.reopen()) {
                assertThat(new ByteRangeLock(second).tryLock(1)).isTrue();
                assertThat(new ByteRangeLock(third).probe(1)).isEqualTo(ByteRangeLock.Holder.SOMEBODY);
            }
        } finally {
            SharedMemory.unlink(C, name);
            NamedSemaphore.unlink(C, name);
        }
    }

    private static final List<String> INTERRUPTIBLE =
            List.of("open", "shm_open", "fcntl", "posix_fallocate", "fstatfs", "sem_open");

    /** Runs the operation with its call 0 failing, then 1 …, until it runs through; gives the functions that failed. */
    private static List<String> eachCallFailing(int errno, Operation operation) {
        List<String> failed = new ArrayList<>();
        for (int k = 0; ; k++) {
            int failing = k;
            FaultyLibC faults = new FaultyLibC();
            long descriptors = Kernel.descriptors();
            long maps = Kernel.sharedMaps();
            String message = null;
            try {
                operation.run(faults.failing(call -> call == failing ? errno : 0));
            } catch (PosixException e) {
                assertThat(e.errno).isEqualTo(errno);
                message = e.getMessage();
            }
            String after = "call " + k + " of " + faults.calls;
            assertThat(Kernel.descriptors()).as(after).isEqualTo(descriptors);
            assertThat(Kernel.sharedMaps()).as(after).isEqualTo(maps);
            assertThat(Kernel.names()).as(after).isEmpty();
            if (faults.calls.size() <= k) return failed;
            assertThat(message)
                    .as(after)
                    .contains(Errno.name(errno) + " (" + errno + ")")
                    .contains("failed: ");
            failed.add(faults.calls.get(k));
        }
    }
}
