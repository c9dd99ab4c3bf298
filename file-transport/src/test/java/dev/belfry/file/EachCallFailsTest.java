package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One call to the kernel fails, each in its turn: instead of it, after it was done, or with a part of what was to be
 * read or written. Whatever was durable before is there afterwards, also after a power loss; what fails names its file.
 */
@Timeout(120)
class EachCallFailsTest {
    /** Those that may fail at any time; a close, a lock of a byte and errno itself do not. */
    private static final Set<String> CALLS = Set.of(
            "open",
            "pread",
            "pwrite",
            "posix_fallocate",
            "fdatasync",
            "fsync",
            "linkat",
            "rename",
            "unlink",
            "statx",
            "syscall",
            "fstatfs");

    /** Those of them that a signal may interrupt. */
    private static final Set<String> INTERRUPTED =
            Set.of("open", "pread", "pwrite", "posix_fallocate", "fdatasync", "fsync", "fstatfs");

    enum How {
        EIO_INSTEAD(Errno.EIO, false),
        EIO_AFTERWARDS(Errno.EIO, true),
        ENOSPC_INSTEAD(Errno.ENOSPC, false),
        EINTR_ONCE(Errno.EINTR, false),
        A_PART(0, false);

        final int errno;
        final boolean afterwards;

        How(int errno, boolean afterwards) {
            this.errno = errno;
            this.afterwards = afterwards;
        }
    }

    private int calls;
    private String failed; // the call

    /** Its {@code at}-th call fails. */
    private LibC failing(LibC disk, How mode, int at) {
        boolean[] errs = {false};
        return (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, a) -> {
                    String name = method.getName();
                    try {
                        if (name.equals("errno")) return errs[0] ? mode.errno : method.invoke(disk, a);
                        errs[0] = false;
                        Set<String> failing = mode == How.EINTR_ONCE ? INTERRUPTED : CALLS;
                        if (!failing.contains(name) || calls++ != at) return method.invoke(disk, a);
                        failed = name;
                        if (mode == How.A_PART) return part(disk, name, method, a);
                        if (mode.afterwards) method.invoke(disk, a);
                        if (name.equals("posix_fallocate")) return mode.errno; // and sets no errno
                        errs[0] = true;
                        return method.getReturnType() == int.class ? (Object) (-1) : (Object) (-1L);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    private static Object part(LibC disk, String name, Method method, Object[] a) throws Throwable {
        if (name.matches("pread|pwrite") && (long) a[2] > 8) a[2] = (long) a[2] / 2;
        return method.invoke(disk, a);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepWhatWasDurable(How mode) {
        keeps(mode, true);
        keeps(mode, false);
    }

    private void keeps(How mode, boolean publishersWait) {
        int failures = 0;
        for (int at = 0; ; at++) {
            Disk disk = new Disk(new Random(at));
            ShortLife life = new ShortLife(publishersWait);
            calls = 0;
            failed = null;
            String what = mode + " at call " + at;
            try {
                life.live(failing(disk.libC(), mode, at));
            } catch (PosixException | DamagedFileException | InsufficientResourcesException | QueueFullException told) {
                failures++;
                assertThat(told.getMessage()).as(what).contains(Disk.DIRECTORY);
            }
            if (failed == null) break;
            if (mode == How.A_PART || mode == How.EINTR_ONCE)
                assertThat(life.durable).isEqualTo(ShortLife.MESSAGES);
            what += ", " + failed;
            disk.allEnd();
            life.check(disk.afterPowerLoss(new Random(at)), what + ", and a power loss");
            life.check(disk, what);
        }
        boolean mayFail = mode.errno != 0 && mode != How.EINTR_ONCE;
        assertThat(calls).isGreaterThan(90);
        if (mayFail) assertThat(failures).isGreaterThan(50);
    }
}
