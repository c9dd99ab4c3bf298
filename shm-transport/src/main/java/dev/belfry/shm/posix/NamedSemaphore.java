package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import dev.belfry.shm.memory.RealMemory;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A POSIX named semaphore: a file {@code /dev/shm/sem.NAME} of 32 bytes, mapped by the C library.
 *
 * <p>The C library trusts that file blindly, so this class does not. {@code sem_open} accepts an empty file, whose
 * first post is SIGBUS; so the file is checked before and after. A file that is cut short later, or whose "shared" word
 * is damaged (glibc then calls abort), kills as well. So each call first reads that word through a buffer, for which
 * SIGBUS is an InternalError. That leaves nanoseconds before a post, but the whole of a wait: a user who may write the
 * file is trusted not to cut it.
 *
 * <p>{@link #close} may be called at any time in any thread: the last call inside frees the semaphore.
 */
public final class NamedSemaphore implements AutoCloseable {
    private static final long FALLBACK_SLICE = 100_000_000;
    private static final int MOST_WAITERS = 1 << 16;

    private final LibC c;
    public final String name;
    public final long address; // of the sem_t, until the close; two opens of one name in one process have the same
    private final ByteBuffer bytes;
    private final UseCount uses = new UseCount();

    private NamedSemaphore(LibC c, String name, long address) {
        this.c = c;
        this.name = name;
        this.address = address;
        this.bytes = RealMemory.MEMORY.view(address, SIZEOF_SEM_T);
    }

    /**
     * {@code sem_open(name, O_CREAT|O_EXCL, 0600, 0)}, then fchown and fchmod of its file, because
     * the umask would change the mode. A name that is taken is EEXIST.
     *
     * @param gid its group, or -1 to leave what the kernel gives it
     */
    public static NamedSemaphore create(LibC c, String name, int mode, int gid) {
        String checked = Names.semaphore(name);
        long sem = SEM_FAILED;
        for (int i = 0; i < Retry.LIMIT && sem == SEM_FAILED; i++) {
            sem = c.sem_open(checked, O_CREAT | O_EXCL, 0600, 0);
            if (sem == SEM_FAILED && c.errno() != Errno.EINTR) break;
        }
        if (sem == SEM_FAILED) throw PosixException.of("sem_open", checked + ", O_CREAT|O_EXCL", c.errno());
        try (SharedMemory file = SharedMemory.open(c, file(checked))) {
            if (file == null) throw PosixException.refused("sem_open", checked, "its file went as soon as it was made");
            FileStatus status = file.status();
            refuseUnlessSemaphore(checked, status);
            refuseUnlessOwner(checked, status, status.uid() == c.geteuid());
            file.setAccess(mode, gid);
            return new NamedSemaphore(c, name, sem);
        } catch (Throwable failed) {
            c.sem_close(sem);
            c.sem_unlink(checked);
            throw failed;
        }
    }

    /**
     * {@code sem_open(name, 0)}; null if there is no such name.
     *
     * @param like the object that it serves: a user who may write that one may own this semaphore.
     * Null: this user and root only
     */
    public static NamedSemaphore open(LibC c, String name, FileStatus like) {
        String checked = Names.semaphore(name);
        for (int i = 0; i < Retry.LIMIT; i++) {
            FileStatus before = SharedMemory.status(c, file(checked));
            if (before == null) return null;
            refuseUnlessSemaphore(checked, before);
            refuseUnlessOwner(checked, before, trusted(c, before, like));
            long sem = c.sem_open(checked, 0, 0, 0);
            if (sem == SEM_FAILED) {
                int errno = c.errno();
                if (errno == Errno.ENOENT) return null;
                if (errno == Errno.EINTR) continue;
                throw PosixException.of("sem_open", checked, errno);
            }
            try {
                FileStatus after = SharedMemory.status(c, file(checked));
                if (after != null && after.sameFile(before)) {
                    refuseUnlessSemaphore(checked, after);
                    NamedSemaphore opened = new NamedSemaphore(c, name, sem);
                    opened.guard("sem_open");
                    return opened;
                }
            } catch (Throwable failed) {
                c.sem_close(sem);
                throw failed;
            }
            c.sem_close(sem); // the name changed hands meanwhile: which file is open now?
        }
        throw PosixException.refused("sem_open", checked, "the name keeps changing hands");
    }

    /** {@code sem_unlink(name)}; false if there is no such name. A process that has it open continues with it. */
    public static boolean unlink(LibC c, String name) {
        String checked = Names.semaphore(name);
        if (c.sem_unlink(checked) == 0) return true;
        if (c.errno() == Errno.ENOENT) return false;
        throw PosixException.of("sem_unlink", checked, c.errno());
    }

    /**
     * {@code readdir("/dev/shm")}: the names of all semaphores that begin with {@code prefix},
     * without slash and "sem.", sorted.
     */
    public static List<String> list(String prefix) {
        String bare = prefix.startsWith("/") ? prefix.substring(1) : prefix;
        String[] files = new File(SharedMemory.DIRECTORY).list((directory, file) -> file.startsWith("sem." + bare));
        List<String> names = new ArrayList<>();
        for (String file : files == null ? new String[0] : files) names.add(file.substring("sem.".length()));
        Collections.sort(names);
        return names;
    }

    /**
     * {@code open; fcntl(fd, F_SETLEASE, F_WRLCK); sem_unlink(name)}: removes a semaphore that no process of this
     * machine has open or mapped, of any user and namespace. The kernel grants a lease for writing only then. A
     * subscriber has its semaphore mapped from before it gets its name until it leaves or dies. False: a process has
     * it, it is gone, it is no semaphore, or this user may not ask.
     *
     * @param unlink false: only check
     */
    public static boolean removeUnused(LibC c, String name, boolean unlink) {
        String checked = Names.semaphore(name);
        try (SharedMemory file = SharedMemory.open(c, file(checked))) {
            if (file == null || !file.status().regular() || file.status().size() != SIZEOF_SEM_T) return false;
            int fd = file.enter();
            try {
                c.fcntl(fd, F_SETSIG, SIGURG); // an open in between sends us a signal: not one that kills
                if (c.fcntl(fd, F_SETLEASE, F_WRLCK) == -1) return false;
                // A subscriber that leaves removes its name first: it may have gone since the open.
                boolean removed = unlink ? unlink(c, checked) : file.status().links() > 0;
                c.fcntl(fd, F_SETLEASE, F_UNLCK);
                return removed;
            } finally {
                file.exit();
            }
        } catch (PosixException notPermitted) {
            return false;
        }
    }

    /**
     * Whether its file cannot be one that the C library wrote: in the words before and after the
     * "shared" one, too. It is read, not mapped. False: it cannot be read.
     */
    public static boolean isDamaged(String name) {
        byte[] content;
        try (InputStream file = new FileInputStream(SharedMemory.DIRECTORY + "/sem." + name)) {
            content = file.readNBytes(SIZEOF_SEM_T);
        } catch (IOException gone) {
            return false;
        }
        if (content.length < SIZEOF_SEM_T) return true;
        ByteBuffer words = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
        int waiters = words.getInt(SEM_WAITERS);
        boolean other =
                words.getInt(0) < 0 || waiters < 0 || waiters > MOST_WAITERS || isNoFlag(words.getInt(SEM_PRIVATE));
        for (int at = SEM_PRIVATE + Integer.BYTES; at < SIZEOF_SEM_T; at++) other |= content[at] != 0;
        return other;
    }

    /** Whether the "shared" word has neither of its values. */
    private static boolean isNoFlag(int shared) {
        return (shared & ~0x80) != 0;
    }

    /** {@code sem_trywait(sem)}: takes one if there is one. */
    public boolean tryAwait() {
        enter();
        try {
            guard("sem_trywait");
            if (c.sem_trywait(address) == 0) return true;
            int errno = c.errno();
            if (errno == Errno.EAGAIN || errno == Errno.EINTR) return false;
            throw PosixException.of("sem_trywait", name, errno);
        } finally {
            exit();
        }
    }

    /**
     * {@code sem_clockwait(sem, CLOCK_MONOTONIC, now + nanos)}: true if it took one, false if the
     * time is over or a signal came. Where the C library lacks it, {@code sem_timedwait} for at
     * most 100 ms, because the wall clock may be set.
     */
    public boolean await(long nanos) {
        enter();
        try {
            guard("sem_clockwait");
            long most = Math.max(nanos, 0);
            ByteBuffer scratch = Scratch.get();
            if (c.sem_clockwait(address, CLOCK_MONOTONIC, deadline(scratch, CLOCK_MONOTONIC, most)) == 0) return true;
            int errno = c.errno();
            if (errno == Errno.ENOSYS) {
                long slice = deadline(scratch, CLOCK_REALTIME, Math.min(most, FALLBACK_SLICE));
                if (c.sem_timedwait(address, slice) == 0) return true;
                errno = c.errno();
            }
            if (errno == Errno.ETIMEDOUT || errno == Errno.EINTR) return false;
            throw PosixException.of("sem_clockwait", name, errno);
        } finally {
            exit();
        }
    }

    /** The address of a timespec that far from now. */
    private long deadline(ByteBuffer scratch, int clock, long nanos) {
        if (c.clock_gettime(clock, Scratch.address(scratch)) == -1) {
            throw PosixException.of("clock_gettime", "clock " + clock, c.errno());
        }
        long seconds = scratch.getLong(Scratch.STRUCT + TV_SEC) + nanos / 1_000_000_000;
        return Scratch.timespec(scratch, seconds, scratch.getLong(Scratch.STRUCT + TV_NSEC) + nanos % 1_000_000_000);
    }

    /**
     * {@code sem_post(sem)}. At its largest value it already wakes every sleeper: EOVERFLOW is success. After {@link
     * #close} it does nothing: the message is already published, and the sleeper checks again by itself.
     */
    public void post() {
        if (!uses.enter()) return;
        try {
            guard("sem_post");
            if (c.sem_post(address) == 0) return;
            int errno = c.errno();
            if (errno != Errno.EOVERFLOW) throw PosixException.of("sem_post", name, errno);
        } finally {
            exit();
        }
    }

    /** {@code sem_close(sem)}, once, by the last call inside: earlier it would be a SIGSEGV. */
    @Override
    public void close() {
        if (uses.close()) c.sem_close(address);
    }

    /**
     * Reads the semaphore before the C library does. The page of a truncated file is SIGBUS. In C that ends the
     * process; here it is an InternalError that the JVM throws late, and meanwhile the read gives some stale number. It
     * is thrown when a call through JNA returns, at the latest, so there is one before the value is trusted. {@code
     * errno()} would not do: it is no such call, and JDK 17 throws nothing there.
     */
    private void guard(String call) {
        int shared = bytes.getInt(SEM_PRIVATE);
        c.getpid();
        if (isNoFlag(shared)) throw PosixException.refused(call, name, "its content is damaged");
    }

    private void enter() {
        if (!uses.enter()) throw PosixException.refused("use", "semaphore " + name, "it is closed");
    }

    private void exit() {
        if (uses.exit()) c.sem_close(address);
    }

    private static String file(String checkedName) {
        return "/sem." + checkedName.substring(1);
    }

    private static void refuseUnlessSemaphore(String name, FileStatus status) {
        String path = SharedMemory.DIRECTORY + file(name);
        if (!status.regular()) {
            throw PosixException.refused("sem_open", name, path + " is not a regular file");
        }
        if (status.size() != SIZEOF_SEM_T) {
            String sizes = " has " + status.size() + " bytes, a semaphore has " + SIZEOF_SEM_T;
            throw PosixException.refused("sem_open", name, path + sizes);
        }
    }

    private static void refuseUnlessOwner(String name, FileStatus status, boolean trusted) {
        if (trusted) return;
        String path = SharedMemory.DIRECTORY + file(name);
        throw PosixException.refused(
                "sem_open",
                name,
                path + " belongs to uid " + status.uid() + ", a user that this process does not trust");
    }

    /**
     * Its owner can cut the file short, which kills a process that posts. So only owners are
     * trusted that could do harm anyway.
     */
    private static boolean trusted(LibC c, FileStatus status, FileStatus like) {
        int owner = status.uid();
        if (owner == 0 || owner == c.geteuid()) return true;
        if (like == null) return false;
        boolean group = (like.mode() & 0020) != 0 && status.gid() == like.gid();
        boolean everybody = (like.mode() & 0002) != 0;
        return owner == like.uid() || group || everybody;
    }
}
