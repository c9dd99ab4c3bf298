package dev.belfry.shm.posix;

/**
 * One method for each C function, same name, same order of arguments, no logic: here a test counts, refuses or stops
 * calls.
 *
 * <p>Pointers are {@code long} addresses. A function that fails returns -1 (or what its line says) and leaves the
 * reason in {@link #errno()}, which must be read at once: the next call through this interface in the same thread
 * replaces it. JNA silently cuts strings at a NUL, so names are checked before they come here.
 */
public interface LibC {
    int open(String path, int flags, int mode);

    int shm_open(String name, int oflag, int mode);

    int shm_unlink(String name);

    int close(int fd);

    /** {@code arg} is a number or the address of a struct. */
    int fcntl(int fd, int cmd, long arg);

    int statx(int dirfd, String path, int flags, int mask, long buf);

    /** Returns the error number itself, 0 on success; errno is not set. */
    int posix_fallocate(int fd, long offset, long length);

    int linkat(int olddirfd, String oldpath, int newdirfd, String newpath, int flags);

    int unlink(String path);

    int rename(String oldpath, String newpath);

    int mkdir(String path, int mode);

    int rmdir(String path);

    long pread(int fd, long buf, long count, long offset);

    long pwrite(int fd, long buf, long count, long offset);

    int fdatasync(int fd);

    int fsync(int fd);

    int fchmod(int fd, int mode);

    int fchown(int fd, int uid, int gid);

    /** MAP_FAILED is -1. */
    long mmap(long addr, long length, int prot, int flags, int fd, long offset);

    int munmap(long addr, long length);

    long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6);

    /** SEM_FAILED is 0. */
    long sem_open(String name, int oflag, int mode, int value);

    int sem_close(long sem);

    int sem_unlink(String name);

    int sem_post(long sem);

    int sem_trywait(long sem);

    /** glibc 2.30 and later; where it is missing: -1 and ENOSYS. */
    int sem_clockwait(long sem, int clock, long abstime);

    /** As sem_clockwait with CLOCK_REALTIME, everywhere. */
    int sem_timedwait(long sem, long abstime);

    int fstatfs(int fd, long buf);

    int clock_gettime(int clock, long timespec);

    int getpid();

    int getpagesize();

    int geteuid();

    int getgid();

    /** Returns the error number itself, 0 on success; a name that does not exist is 0 with a null result, or ENOENT. */
    int getgrnam_r(String name, long group, long buffer, long size, long result);

    /** The same, for users. */
    int getpwnam_r(String name, long passwd, long buffer, long size, long result);

    /** The same, by number. */
    int getpwuid_r(int uid, long passwd, long buffer, long size, long result);

    /** Why this thread's last call through this interface failed; meaningless if it did not. */
    int errno();
}
