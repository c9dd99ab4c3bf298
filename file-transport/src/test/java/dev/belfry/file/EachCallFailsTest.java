package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One call to the kernel fails, each in its turn: instead of it, after it was done, or with a part of what was to be
 * read or written. Whatever was durable before is there afterwards, also after a power loss; what fails names its file.
 */
@Timeout(120)
class EachCallFailsTest {
    private static final int SEGMENT = 4096;
    private static final int BODY = 900;
    private static final int SIZE = (int) RecordHeader.size(8 + BODY, RecordHeader.pad(true));
    private static final long MOST = 256 << 10;
    private static final UUID LOG = new UUID(1, 2);

    /** Those that may fail at any time; a close, a lock of a byte and errno itself do not. */
    private static final Set<String> CALLS = Set.of(
            "open",
            "pread",
            "pwrite",
            "fdatasync",
            "fsync",
            "linkat",
            "rename",
            "unlink",
            "statx",
            "syscall",
            "fstatfs");

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
    private int durable;
    private int tried;
    private boolean created;

    /** Its {@code at}-th call fails. */
    private LibC failing(LibC disk, How mode, int at) {
        boolean[] errs = {false};
        return (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, a) -> {
                    String name = method.getName();
                    try {
                        if (name.equals("errno")) return errs[0] ? mode.errno : method.invoke(disk, a);
                        errs[0] = false;
                        if (!CALLS.contains(name) || calls++ != at) return method.invoke(disk, a);
                        failed = name;
                        if (mode == How.A_PART) return part(disk, name, method, a);
                        if (mode.afterwards) method.invoke(disk, a);
                        errs[0] = true;
                        return method.getReturnType() == int.class ? (Object) (-1) : (Object) (-1L);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    private static Object part(LibC disk, String name, java.lang.reflect.Method method, Object[] a) throws Throwable {
        if (name.matches("pread|pwrite") && (long) a[2] > 8) a[2] = (long) a[2] / 2;
        return method.invoke(disk, a);
    }

    private static LogDirectory open(LibC c) {
        return LogDirectory.open(c, Directory.open(c, Disk.DIRECTORY));
    }

    private void publish(LogDirectory files, QueueFiles queue, int count) {
        int from = durable;
        queue.makeReady((long) (from + count) * SIZE + 8);
        ByteBuffer records = ByteBuffer.allocateDirect(count * SIZE).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            records.putLong(i * SIZE, RecordHeader.data(8 + BODY, 0, from + i + 1));
            records.putLong((i + 1) * SIZE - 8, RecordTrailer.of(from + i + 1, false));
        }
        new SealedRecords(LOG, MOST, (long) from * SIZE, from + 1).seal(records);
        tried = from + count;
        try (LogFiles.Span span = queue.span((long) from * SIZE, (long) tried * SIZE, begin -> 0)) {
            span.write(records.flip(), (long) from * SIZE);
            span.sync();
        }
        durable = tried;
    }

    private static Places places(int kept, int bound) {
        Named reader = new Named("reader", SlowSubscriber.GATE_PUBLISHER, AckMode.CLIENT, at(kept), 1, 0);
        return new Places(at(kept), at(bound), List.of(reader));
    }

    private static At at(int messages) {
        return new At((long) messages * SIZE, messages + 1);
    }

    /** All that a queue does with its directory. */
    private void live(LibC c) {
        Origin origin = new Origin(LOG, 64 << 10, MOST, 0600, true, 8, false, true, SEGMENT);
        try (Directory directory = Directory.open(c, Disk.DIRECTORY)) {
            LogDirectory.create(c, directory, origin, -1);
            created = true;
        }
        LogDirectory files = open(c);
        files.locks.tryLock(LogDirectory.USE);
        Restored.of(files, 1024);
        QueueFiles queue = new QueueFiles(files);
        publish(files, queue, 3);
        queue.keep(() -> places(1, 3), true);
        publish(files, queue, 6); // over two segments
        queue.keep(() -> places(6, 9), true);
        publish(files, queue, 2);
        queue.closesCleanly(() -> (long) durable * SIZE);
        queue.close();
    }

    private void check(Disk disk, String what) {
        if (!created && !disk.names().contains(LogDirectory.QUEUE)) {
            assertThat(durable).as(what).isZero();
            return;
        }
        LogDirectory files = open(disk.libC());
        if (files == null) {
            assertThat(durable).as(what).isZero();
            return;
        }
        assertThat(files.locks.tryLock(LogDirectory.USE)).isTrue();
        Restored restored = Restored.of(files, 1024);
        assertThat((int) restored.end.position() - 1).as(what).isBetween(durable, tried);
        for (Named each : restored.named())
            assertThat(each.acknowledged().offset())
                    .as(what)
                    .isGreaterThanOrEqualTo(restored.start().offset());
        assertThat(disk.names()).as(what).noneMatch(name -> name.startsWith(TemporaryFile.PREFIX));
        files.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepWhatWasDurable(How mode) {
        int failures = 0;
        for (int at = 0; ; at++) {
            Disk disk = new Disk(new Random(at));
            calls = durable = tried = 0;
            failed = null;
            created = false;
            String what = mode + " at call " + at;
            try {
                live(failing(disk.libC(), mode, at));
            } catch (PosixException | DamagedFileException | QueueFullException told) {
                failures++;
                assertThat(told.getMessage()).as(what).contains(Disk.DIRECTORY);
            }
            if (failed == null) break;
            what += ", " + failed;
            disk.allEnd();
            check(disk.afterPowerLoss(new Random(at)), what + ", and a power loss");
            check(disk, what);
        }
        boolean mayFail = mode.errno != 0 && mode != How.EINTR_ONCE;
        assertThat(calls).isGreaterThan(100);
        if (mayFail) assertThat(failures).isGreaterThan(50);
        if (mode == How.A_PART || mode == How.EINTR_ONCE) assertThat(durable).isEqualTo(11);
    }
}
