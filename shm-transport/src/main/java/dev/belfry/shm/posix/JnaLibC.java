package dev.belfry.shm.posix;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The C library of this process, through JNA's direct mapping.
 *
 * <p>{@code open}, {@code fcntl}, {@code syscall} and {@code sem_open} are variadic in C and declared here with all
 * their arguments: the same registers on x86-64 and aarch64 Linux. Symbols that an older C library keeps elsewhere or
 * lacks are bound by classes of their own, because one missing symbol fails a whole {@code Native.register}.
 */
final class JnaLibC implements LibC {
    /**
     * Binds the functions.
     *
     * @throws LinkageError if JNA cannot be loaded, or the C library lacks a function
     */
    JnaLibC() {
        Native.register(JnaLibC.class, NativeLibrary.getProcess());
        bind(SharedMemoryNames.class, "rt");
        bind(Semaphores.class, "pthread");
    }

    /**
     * Binds {@code type} to what the process has loaded, else to a library that held these functions before glibc 2.34.
     */
    private static void bind(Class<?> type, String olderHome) {
        try {
            Native.register(type, NativeLibrary.getProcess());
        } catch (UnsatisfiedLinkError notInTheProcess) {
            try {
                Native.register(type, NativeLibrary.getInstance(olderHome));
            } catch (UnsatisfiedLinkError notThereEither) {
                notInTheProcess.addSuppressed(notThereEither);
                throw notInTheProcess;
            }
        }
    }

    @Override
    public native int open(String path, int flags, int mode);

    @Override
    public int shm_open(String name, int oflag, int mode) {
        return SharedMemoryNames.shm_open(name, oflag, mode);
    }

    @Override
    public int shm_unlink(String name) {
        return SharedMemoryNames.shm_unlink(name);
    }

    @Override
    public native int close(int fd);

    @Override
    public native int fcntl(int fd, int cmd, long arg);

    @Override
    public native int statx(int dirfd, String path, int flags, int mask, long buf);

    @Override
    public native int posix_fallocate(int fd, long offset, long length);

    @Override
    public native int linkat(int olddirfd, String oldpath, int newdirfd, String newpath, int flags);

    @Override
    public native int unlink(String path);

    @Override
    public native int rename(String oldpath, String newpath);

    @Override
    public native int mkdir(String path, int mode);

    @Override
    public native int rmdir(String path);

    @Override
    public native long pread(int fd, long buf, long count, long offset);

    @Override
    public native long pwrite(int fd, long buf, long count, long offset);

    @Override
    public native int fdatasync(int fd);

    @Override
    public native int fsync(int fd);

    @Override
    public native int fchmod(int fd, int mode);

    @Override
    public native int fchown(int fd, int uid, int gid);

    @Override
    public native long mmap(long addr, long length, int prot, int flags, int fd, long offset);

    @Override
    public native int munmap(long addr, long length);

    @Override
    public native long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6);

    @Override
    public long sem_open(String name, int oflag, int mode, int value) {
        return Semaphores.sem_open(name, oflag, mode, value);
    }

    @Override
    public int sem_close(long sem) {
        return Semaphores.sem_close(sem);
    }

    @Override
    public int sem_unlink(String name) {
        return Semaphores.sem_unlink(name);
    }

    @Override
    public int sem_post(long sem) {
        return Semaphores.sem_post(sem);
    }

    @Override
    public int sem_trywait(long sem) {
        return Semaphores.sem_trywait(sem);
    }

    @Override
    public int sem_clockwait(long sem, int clock, long abstime) {
        if (ClockWait.BOUND) return ClockWait.sem_clockwait(sem, clock, abstime);
        Native.setLastError(Errno.ENOSYS);
        return -1;
    }

    @Override
    public int sem_timedwait(long sem, long abstime) {
        return Semaphores.sem_timedwait(sem, abstime);
    }

    @Override
    public native int fstatfs(int fd, long buf);

    @Override
    public native int clock_gettime(int clock, long timespec);

    @Override
    public native int getpid();

    @Override
    public native int getpagesize();

    @Override
    public native int geteuid();

    @Override
    public native int getgid();

    @Override
    public native int getgrnam_r(String name, long group, long buffer, long size, long result);

    @Override
    public native int getpwnam_r(String name, long passwd, long buffer, long size, long result);

    @Override
    public native int getpwuid_r(int uid, long passwd, long buffer, long size, long result);

    @Override
    public int errno() {
        return Native.getLastError();
    }

    /** In librt before glibc 2.34. */
    private static final class SharedMemoryNames {
        static native int shm_open(String name, int oflag, int mode);

        static native int shm_unlink(String name);
    }

    /** In libpthread before glibc 2.34. */
    private static final class Semaphores {
        static native long sem_open(String name, int oflag, int mode, int value);

        static native int sem_close(long sem);

        static native int sem_unlink(String name);

        static native int sem_post(long sem);

        static native int sem_trywait(long sem);

        static native int sem_timedwait(long sem, long abstime);
    }

    /** Since glibc 2.30; not in musl. */
    private static final class ClockWait {
        static final boolean BOUND = bound();

        private static boolean bound() {
            try {
                bind(ClockWait.class, "pthread");
                return true;
            } catch (UnsatisfiedLinkError missing) {
                return false; // NamedSemaphore works without
            }
        }

        static native int sem_clockwait(long sem, int clock, long abstime);
    }
}
