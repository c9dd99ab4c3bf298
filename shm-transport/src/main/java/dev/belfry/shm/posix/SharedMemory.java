package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

/**
 * One open file description of a shared object: locks belong to it, and maps are made from it.
 *
 * <p>Two descriptions of one object in one process are two owners of locks. The code that opens one closes it. A call
 * after {@link #close} is a PosixException; a call that is inside keeps the descriptor until it returns.
 */
public final class SharedMemory extends OpenFile {
    /** Where glibc and musl keep shared memory and named semaphores. */
    public static final String DIRECTORY = "/dev/shm";

    /** O_CLOEXEC from the start: a descriptor that a child inherits keeps a dead owner's lock. */
    private static final int OPEN = O_RDWR | O_CLOEXEC | O_NONBLOCK;

    private static final long ALLOCATION_STEP = 4 << 20;
    private static final long SMALLEST_STEP = 4096;

    private SharedMemory(LibC c, int fd, String label) {
        super(c, fd, label);
    }

    /**
     * {@code open("/dev/shm", O_TMPFILE|O_RDWR|O_CLOEXEC, 0600); fchown(fd, -1, gid); fchmod(fd, mode)}: an object
     * without a name. No other process sees it before {@link #link}, and it is gone if this process dies before that.
     *
     * @param gid its group, or -1 to leave what the kernel gives it
     */
    public static SharedMemory createUnnamed(LibC c, int mode, int gid) {
        int fd = Retry.onInterrupt(c, () -> c.open(DIRECTORY, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (fd == -1) throw PosixException.of("open", DIRECTORY + ", O_TMPFILE", c.errno());
        SharedMemory created = new SharedMemory(c, fd, "unnamed object in " + DIRECTORY);
        try {
            created.setAccess(mode, gid);
            return created;
        } catch (Throwable failed) {
            created.close();
            throw failed;
        }
    }

    /**
     * {@code shm_open(name, O_RDWR|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC)}. Opens a FIFO as well, so check {@link #status}
     * first. Null if there is no such name. A symbolic link is ELOOP, a directory (glibc) EINVAL.
     */
    public static SharedMemory open(LibC c, String name) {
        String checked = Names.sharedMemory(name);
        try {
            sayFaultsNow(c);
        } catch (InternalError late) {
            // of another object, which was closed since
        }
        int fd = Retry.onInterrupt(c, () -> c.shm_open(checked, OPEN | O_NOFOLLOW, 0));
        if (fd != -1) return new SharedMemory(c, fd, checked);
        if (c.errno() == Errno.ENOENT) return null;
        throw PosixException.of("shm_open", checked, c.errno());
    }

    /**
     * {@code open("/proc/self/fd/N", O_RDWR|O_CLOEXEC|O_NONBLOCK)}: another description of the same
     * object. Not by its name, which may belong to another object by now.
     */
    public SharedMemory reopen() {
        return inside(mine -> {
            String path = pathOf(mine);
            sayFaultsNow(c);
            int fd = Retry.onInterrupt(c, () -> c.open(path, OPEN, 0));
            if (fd == -1) throw PosixException.of("open", path + " of " + label, c.errno());
            SharedMemory second = new SharedMemory(c, fd, label);
            try {
                if (!second.status().sameFile(status())) {
                    throw PosixException.refused("open", path + " of " + label, "it is another file");
                }
                return second;
            } catch (Throwable failed) {
                second.close();
                throw failed;
            }
        });
    }

    /**
     * {@code linkat(AT_FDCWD, "/proc/self/fd/N", AT_FDCWD, "/dev/shm/NAME", AT_SYMLINK_FOLLOW)};
     * false if the name is taken.
     */
    public boolean link(String name) {
        String checked = Names.sharedMemory(name);
        return inside(mine -> {
            String path = pathOf(mine);
            if (c.linkat(AT_FDCWD, path, AT_FDCWD, DIRECTORY + checked, AT_SYMLINK_FOLLOW) == -1) {
                if (c.errno() == Errno.EEXIST) return false;
                throw PosixException.of("linkat", path + ", " + DIRECTORY + checked, c.errno());
            }
            label = checked;
            return true;
        });
    }

    /** {@code shm_unlink(name)}; false if there is no such name. */
    public static boolean unlink(LibC c, String name) {
        String checked = Names.sharedMemory(name);
        if (c.shm_unlink(checked) == 0) return true;
        if (c.errno() == Errno.ENOENT) return false;
        throw PosixException.of("shm_unlink", checked, c.errno());
    }

    /**
     * {@code statx(AT_FDCWD, "/dev/shm/NAME", AT_SYMLINK_NOFOLLOW)}: of the object that has that
     * name now, of a link itself; null if there is none.
     */
    public static FileStatus status(LibC c, String name) {
        String path = DIRECTORY + Names.sharedMemory(name);
        return statx(c, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, path);
    }

    /** {@code getpagesize()}: a mapping begins at a multiple of it, and is one. */
    public static int pageSize(LibC c) {
        return c.getpagesize();
    }

    /**
     * {@code posix_fallocate(fd, offset, length)}: grows the object and makes sure that its bytes have memory behind
     * them. The error is returned, errno is not set.
     *
     * <p>Never ftruncate. Upwards it "succeeds" on a full tmpfs, and a process that touches the page gets SIGBUS.
     * Downwards it would take memory away from others, if this thread had been stuck here until another one grew the
     * object. One call for all leaves nothing if the tmpfs is full. Old kernels answer a signal with EINTR and start
     * over at the next call. Only then it continues in steps of at most 4 MiB, smaller the more often that happens. If
     * it fails then, the next growth finds the storage.
     */
    public void allocate(long offset, long length) {
        int mine = enter();
        try {
            int error = c.posix_fallocate(mine, offset, length);
            if (error == Errno.EINTR) error = allocateInSteps(mine, offset, length);
            if (error != 0)
                throw PosixException.of("posix_fallocate", label + ", " + length + " bytes from " + offset, error);
        } finally {
            exit();
        }
    }

    private int allocateInSteps(int mine, long offset, long length) {
        long step = ALLOCATION_STEP;
        int interrupts = 0;
        for (long done = 0; done < length; ) {
            long now = Math.min(step, length - done);
            int error = c.posix_fallocate(mine, offset + done, now);
            if (error == 0) {
                done += now;
                interrupts = 0;
            } else if (error == Errno.EINTR && interrupts++ < Retry.LIMIT) {
                step = Math.max(step / 2, SMALLEST_STEP);
            } else {
                return error;
            }
        }
        return 0;
    }

    /**
     * {@code mmap(0, length, PROT_READ[|PROT_WRITE], MAP_SHARED, fd, offset)}. It may reach beyond
     * the object's end: those pages are usable as soon as the object has grown, and SIGBUS before.
     */
    public Mapping map(long offset, long length, boolean writable) {
        return inside(mine -> {
            long address = mmap(0, length, protection(writable), MAP_SHARED, mine, offset);
            return Mapping.of(c, address, length, writable);
        });
    }

    /**
     * {@code mmap(0, 2 * length, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0)}, then {@code mmap(a,
     * length, prot, MAP_SHARED|MAP_FIXED, fd, offset)} at both halves: the same bytes twice in a row, so that a record
     * that begins before the end continues after it. Offset and length are whole pages.
     */
    public Mapping mapTwice(long offset, long length, boolean writable) {
        return inside(mine -> {
            long both = Math.multiplyExact(2, length);
            long address = mmap(0, both, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            try {
                int fixed = MAP_SHARED | MAP_FIXED;
                mmap(address, length, protection(writable), fixed, mine, offset);
                mmap(address + length, length, protection(writable), fixed, mine, offset);
            } catch (Throwable failed) {
                c.munmap(address, both);
                throw failed;
            }
            return Mapping.of(c, address, both, writable);
        });
    }

    private static int protection(boolean writable) {
        return writable ? PROT_READ | PROT_WRITE : PROT_READ;
    }

    private long mmap(long address, long length, int protection, int flags, int descriptor, long offset) {
        long mapped = c.mmap(address, length, protection, flags, descriptor, offset);
        if (mapped != MAP_FAILED) return mapped;
        int errno = c.errno();
        throw PosixException.of("mmap", label + ", " + length + " bytes from " + offset, errno);
    }
}
