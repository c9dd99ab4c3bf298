package dev.belfry.shm.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The C library of this process, through {@code java.lang.foreign}. Created by its name: a JVM older than 22 does not
 * find it.
 *
 * <p>All functions are called as one of seven longs that returns a long: on x86-64 and aarch64 Linux each argument,
 * number or address, is in a register of its own or on the stack. A function reads those that it has, and of its
 * result only the bits count that it has. So there is one handle, as each costs some milliseconds of a start.
 * Variadic functions take their arguments in the same places.
 */
final class ForeignLibC implements LibC {
    /** In a thread's memory: errno of its last call, where the linker puts it, and two strings. */
    private static final int ERRNO = 0;

    private static final int PATH = 16;
    private static final int OTHER_PATH = PATH + 512;
    private static final int SIZE = OTHER_PATH + 512;

    /** Of classes of the JDK alone, as in {@link Scratch}. */
    private static final ThreadLocal<MemorySegment> OF_THREAD = ThreadLocal.withInitial(() -> memory(SIZE));

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL = handle();

    private static final MemorySegment OPEN = find("open");
    private static final MemorySegment SHM_OPEN = find("shm_open", "librt.so.1");
    private static final MemorySegment SHM_UNLINK = find("shm_unlink", "librt.so.1");
    private static final MemorySegment CLOSE = find("close");
    private static final MemorySegment FCNTL = find("fcntl");
    private static final MemorySegment STATX = find("statx");
    private static final MemorySegment POSIX_FALLOCATE = find("posix_fallocate");
    private static final MemorySegment LINKAT = find("linkat");
    private static final MemorySegment UNLINK = find("unlink");
    private static final MemorySegment FCHMOD = find("fchmod");
    private static final MemorySegment CHMOD = find("chmod");
    private static final MemorySegment FCHOWN = find("fchown");
    private static final MemorySegment MMAP = find("mmap");
    private static final MemorySegment MUNMAP = find("munmap");
    private static final MemorySegment SYSCALL = find("syscall");
    private static final MemorySegment SEM_OPEN = find("sem_open", "libpthread.so.0");
    private static final MemorySegment SEM_CLOSE = find("sem_close", "libpthread.so.0");
    private static final MemorySegment SEM_UNLINK = find("sem_unlink", "libpthread.so.0");
    private static final MemorySegment SEM_POST = find("sem_post", "libpthread.so.0");
    private static final MemorySegment SEM_TRYWAIT = find("sem_trywait", "libpthread.so.0");
    private static final MemorySegment SEM_CLOCKWAIT = findIfThere("sem_clockwait", "libpthread.so.0");
    private static final MemorySegment SEM_TIMEDWAIT = find("sem_timedwait", "libpthread.so.0");
    private static final MemorySegment FSTATFS = find("fstatfs");
    private static final MemorySegment CLOCK_GETTIME = find("clock_gettime");
    private static final MemorySegment GETPID = find("getpid");
    private static final MemorySegment GETPAGESIZE = find("getpagesize");
    private static final MemorySegment GETEUID = find("geteuid");
    private static final MemorySegment GETGID = find("getgid");
    private static final MemorySegment GETGRNAM_R = find("getgrnam_r");
    private static final MemorySegment GETPWNAM_R = find("getpwnam_r");
    private static final MemorySegment GETPWUID_R = find("getpwuid_r");

    ForeignLibC() {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle() {
        return LINKER.downcallHandle(
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.captureCallState("errno"));
    }

    private static MemorySegment find(String function) {
        return LINKER.defaultLookup().find(function).orElseThrow(() -> missing(function));
    }

    /** {@code olderHome}: the library that held it before glibc 2.34. */
    private static MemorySegment find(String function, String olderHome) {
        MemorySegment found = findIfThere(function, olderHome);
        if (found == null) throw missing(function);
        return found;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment findIfThere(String function, String olderHome) {
        try {
            return LINKER.defaultLookup()
                    .find(function)
                    .or(() -> SymbolLookup.libraryLookup(olderHome, Arena.global())
                            .find(function))
                    .orElse(null);
        } catch (IllegalArgumentException noSuchLibrary) {
            return null;
        }
    }

    private static UnsatisfiedLinkError missing(String function) {
        return new UnsatisfiedLinkError("Error looking up function '" + function + "'");
    }

    private static long call(MemorySegment function) {
        return call(function, 0, 0, 0, 0, 0, 0, 0);
    }

    private static long call(MemorySegment function, long a) {
        return call(function, a, 0, 0, 0, 0, 0, 0);
    }

    private static long call(MemorySegment function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0, 0);
    }

    private static long call(MemorySegment function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0, 0);
    }

    private static long call(MemorySegment function, long a, long b, long c, long d) {
        return call(function, a, b, c, d, 0, 0, 0);
    }

    private static long call(MemorySegment function, long a, long b, long c, long d, long e) {
        return call(function, a, b, c, d, e, 0, 0);
    }

    private static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
        return call(function, a, b, c, d, e, f, 0);
    }

    private static long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) CALL.invokeExact(function, OF_THREAD.get(), a, b, c, d, e, f, g);
        } catch (RuntimeException | Error late) {
            throw late; // an access before it, to memory that is gone
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static MemorySegment memory(int size) {
        return MemorySegment.ofBuffer(ByteBuffer.allocateDirect(size));
    }

    /** The address of the name, copied to the thread's memory at {@code at}; for a long one that memory is enlarged. */
    private static long text(String name, int at) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int end = at + bytes.length;
        if (bytes.length >= OTHER_PATH - PATH && OF_THREAD.get().byteSize() <= end) OF_THREAD.set(memory(end + 1));
        MemorySegment memory = OF_THREAD.get();
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at, bytes.length);
        memory.set(JAVA_BYTE, end, (byte) 0);
        return memory.address() + at;
    }

    @Override
    public int open(String path, int flags, int mode) {
        return (int) call(OPEN, text(path, PATH), flags, mode);
    }

    @Override
    public int shm_open(String name, int oflag, int mode) {
        return (int) call(SHM_OPEN, text(name, PATH), oflag, mode);
    }

    @Override
    public int shm_unlink(String name) {
        return (int) call(SHM_UNLINK, text(name, PATH));
    }

    @Override
    public int close(int fd) {
        return (int) call(CLOSE, fd);
    }

    @Override
    public int fcntl(int fd, int cmd, long arg) {
        return (int) call(FCNTL, fd, cmd, arg);
    }

    @Override
    public int statx(int dirfd, String path, int flags, int mask, long buf) {
        return (int) call(STATX, dirfd, text(path, PATH), flags, mask, buf);
    }

    @Override
    public int posix_fallocate(int fd, long offset, long length) {
        return (int) call(POSIX_FALLOCATE, fd, offset, length);
    }

    @Override
    public int linkat(int olddirfd, String oldpath, int newdirfd, String newpath, int flags) {
        return (int) call(LINKAT, olddirfd, text(oldpath, PATH), newdirfd, text(newpath, OTHER_PATH), flags);
    }

    @Override
    public int unlink(String path) {
        return (int) call(UNLINK, text(path, PATH));
    }

    @Override
    public int fchmod(int fd, int mode) {
        return (int) call(FCHMOD, fd, mode);
    }

    @Override
    public int chmod(String path, int mode) {
        return (int) call(CHMOD, text(path, PATH), mode);
    }

    @Override
    public int fchown(int fd, int uid, int gid) {
        return (int) call(FCHOWN, fd, uid, gid);
    }

    @Override
    public long mmap(long addr, long length, int prot, int flags, int fd, long offset) {
        return call(MMAP, addr, length, prot, flags, fd, offset);
    }

    @Override
    public int munmap(long addr, long length) {
        return (int) call(MUNMAP, addr, length);
    }

    @Override
    public long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
        return call(SYSCALL, number, a1, a2, a3, a4, a5, a6);
    }

    @Override
    public long sem_open(String name, int oflag, int mode, int value) {
        return call(SEM_OPEN, text(name, PATH), oflag, mode, value);
    }

    @Override
    public int sem_close(long sem) {
        return (int) call(SEM_CLOSE, sem);
    }

    @Override
    public int sem_unlink(String name) {
        return (int) call(SEM_UNLINK, text(name, PATH));
    }

    @Override
    public int sem_post(long sem) {
        return (int) call(SEM_POST, sem);
    }

    @Override
    public int sem_trywait(long sem) {
        return (int) call(SEM_TRYWAIT, sem);
    }

    @Override
    public int sem_clockwait(long sem, int clock, long abstime) {
        if (SEM_CLOCKWAIT == null) {
            OF_THREAD.get().set(JAVA_INT, ERRNO, Errno.ENOSYS);
            return -1;
        }
        return (int) call(SEM_CLOCKWAIT, sem, clock, abstime);
    }

    @Override
    public int sem_timedwait(long sem, long abstime) {
        return (int) call(SEM_TIMEDWAIT, sem, abstime);
    }

    @Override
    public int fstatfs(int fd, long buf) {
        return (int) call(FSTATFS, fd, buf);
    }

    @Override
    public int clock_gettime(int clock, long timespec) {
        return (int) call(CLOCK_GETTIME, clock, timespec);
    }

    @Override
    public int getpid() {
        return (int) call(GETPID);
    }

    @Override
    public int getpagesize() {
        return (int) call(GETPAGESIZE);
    }

    @Override
    public int geteuid() {
        return (int) call(GETEUID);
    }

    @Override
    public int getgid() {
        return (int) call(GETGID);
    }

    @Override
    public int getgrnam_r(String name, long group, long buffer, long size, long result) {
        return (int) call(GETGRNAM_R, text(name, PATH), group, buffer, size, result);
    }

    @Override
    public int getpwnam_r(String name, long passwd, long buffer, long size, long result) {
        return (int) call(GETPWNAM_R, text(name, PATH), passwd, buffer, size, result);
    }

    @Override
    public int getpwuid_r(int uid, long passwd, long buffer, long size, long result) {
        return (int) call(GETPWUID_R, uid, passwd, buffer, size, result);
    }

    @Override
    public int errno() {
        return OF_THREAD.get().get(JAVA_INT, ERRNO);
    }
}
