package dev.belfry.shm.posix;

import dev.belfry.shm.memory.Foreign;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The C library of this process, through {@code java.lang.foreign}, whose objects are only held here: what is asked
 * of them is asked by {@link Foreign}.
 *
 * <p>All functions are called as one of seven longs that returns a long: on x86-64 and aarch64 Linux each argument,
 * number or address, is in a register of its own or on the stack. A function reads those that it has, and of its
 * result only the bits count that it has. So there is one handle, as each costs some milliseconds of a start.
 * Variadic functions take their arguments in the same places.
 */
final class ForeignLibC implements LibC {
    /** In a thread's memory: errno of its last call, where the linker puts it; its own address; and its strings. */
    private static final int ERRNO = 0;

    private static final int ADDRESS = 8;
    private static final int PATH = 16;
    private static final int SIZE = PATH + 1024;

    /**
     * A buffer, and the segment of it that the linker asks for. Only objects of the JDK's classes,
     * as in {@link Scratch}.
     */
    private static final ThreadLocal<Object[]> OF_THREAD = ThreadLocal.withInitial(() -> memory(SIZE));

    private static final Object LINKER = Foreign.call(null, Foreign.method("Linker", "nativeLinker"));
    private static final Object LIBRARY = Foreign.call(LINKER, Foreign.method("Linker", "defaultLookup"));
    private static final MethodHandle CALL = handle();

    private static final Object OPEN = find("open");
    private static final Object SHM_OPEN = find("shm_open", "librt.so.1");
    private static final Object SHM_UNLINK = find("shm_unlink", "librt.so.1");
    private static final Object CLOSE = find("close");
    private static final Object FCNTL = find("fcntl");
    private static final Object STATX = find("statx");
    private static final Object POSIX_FALLOCATE = find("posix_fallocate");
    private static final Object LINKAT = find("linkat");
    private static final Object UNLINK = find("unlink");
    private static final Object RENAME = find("rename");
    private static final Object MKDIR = find("mkdir");
    private static final Object RMDIR = find("rmdir");
    private static final Object PREAD = find("pread");
    private static final Object PWRITE = find("pwrite");
    private static final Object FDATASYNC = find("fdatasync");
    private static final Object FSYNC = find("fsync");
    private static final Object FCHMOD = find("fchmod");
    private static final Object FCHOWN = find("fchown");
    private static final Object MMAP = find("mmap");
    private static final Object MUNMAP = find("munmap");
    private static final Object SYSCALL = find("syscall");
    private static final Object SEM_OPEN = find("sem_open", "libpthread.so.0");
    private static final Object SEM_CLOSE = find("sem_close", "libpthread.so.0");
    private static final Object SEM_UNLINK = find("sem_unlink", "libpthread.so.0");
    private static final Object SEM_POST = find("sem_post", "libpthread.so.0");
    private static final Object SEM_TRYWAIT = find("sem_trywait", "libpthread.so.0");
    private static final Object SEM_CLOCKWAIT = findIfThere("sem_clockwait", "libpthread.so.0");
    private static final Object SEM_TIMEDWAIT = find("sem_timedwait", "libpthread.so.0");
    private static final Object FSTATFS = find("fstatfs");
    private static final Object CLOCK_GETTIME = find("clock_gettime");
    private static final Object GETPID = find("getpid");
    private static final Object GETPAGESIZE = find("getpagesize");
    private static final Object GETEUID = find("geteuid");
    private static final Object GETGID = find("getgid");
    private static final Object GETGRNAM_R = find("getgrnam_r");
    private static final Object GETPWNAM_R = find("getpwnam_r");
    private static final Object GETPWUID_R = find("getpwuid_r");

    ForeignLibC() {}

    /** A handle that takes a function and a segment, both as objects, and seven longs. */
    private static MethodHandle handle() {
        Class<?> layout = Foreign.type("MemoryLayout");
        Object number = Foreign.constant("ValueLayout", "JAVA_LONG");
        Object numbers = Array.newInstance(layout, 7);
        Arrays.fill((Object[]) numbers, number);
        Object shape = Foreign.call(
                null, Foreign.method("FunctionDescriptor", "of", layout, numbers.getClass()), number, numbers);
        Class<?> option = Foreign.type("Linker$Option");
        Object options = Array.newInstance(option, 1);
        Array.set(
                options,
                0,
                Foreign.call(null, Foreign.method("Linker$Option", "captureCallState", String[].class), (Object)
                        new String[] {"errno"}));
        MethodHandle call = (MethodHandle) Foreign.call(
                LINKER,
                Foreign.method("Linker", "downcallHandle", Foreign.type("FunctionDescriptor"), options.getClass()),
                shape,
                options);
        MethodType type = call.type();
        return call.asType(type.changeParameterType(0, Object.class).changeParameterType(1, Object.class));
    }

    private static Object find(String function) {
        Object found = lookUp(LIBRARY, function);
        if (found == null) throw missing(function);
        return found;
    }

    /** {@code olderHome}: the library that held it before glibc 2.34. */
    private static Object find(String function, String olderHome) {
        Object found = findIfThere(function, olderHome);
        if (found == null) throw missing(function);
        return found;
    }

    private static Object findIfThere(String function, String olderHome) {
        Object found = lookUp(LIBRARY, function);
        if (found != null) return found;
        try {
            return lookUp(library(olderHome), function);
        } catch (IllegalArgumentException noSuchLibrary) {
            return null;
        }
    }

    private static Object library(String name) {
        Object kept = Foreign.call(null, Foreign.method("Arena", "global"));
        Class<?> arena = Foreign.type("Arena");
        return Foreign.call(null, Foreign.method("SymbolLookup", "libraryLookup", String.class, arena), name, kept);
    }

    /** Null if it is not there. */
    private static Object lookUp(Object library, String function) {
        Object found = Foreign.call(library, Foreign.method("SymbolLookup", "find", String.class), function);
        return ((Optional<?>) found).orElse(null);
    }

    private static UnsatisfiedLinkError missing(String function) {
        return new UnsatisfiedLinkError("Error looking up function '" + function + "'");
    }

    private static long call(Object function) {
        return call(function, 0, 0, 0, 0, 0, 0, 0);
    }

    private static long call(Object function, long a) {
        return call(function, a, 0, 0, 0, 0, 0, 0);
    }

    private static long call(Object function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0, 0);
    }

    private static long call(Object function, long a, long b, long c) {
        return call(function, a, b, c, 0, 0, 0, 0);
    }

    private static long call(Object function, long a, long b, long c, long d) {
        return call(function, a, b, c, d, 0, 0, 0);
    }

    private static long call(Object function, long a, long b, long c, long d, long e) {
        return call(function, a, b, c, d, e, 0, 0);
    }

    private static long call(Object function, long a, long b, long c, long d, long e, long f) {
        return call(function, a, b, c, d, e, f, 0);
    }

    private static long call(Object function, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) CALL.invokeExact(function, OF_THREAD.get()[1], a, b, c, d, e, f, g);
        } catch (Throwable late) {
            throw Foreign.unchecked(late); // of an access before it, to memory that is gone
        }
    }

    private static Object[] memory(int size) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        buffer.putLong(ADDRESS, Scratch.addressOf(buffer));
        return new Object[] {
            buffer, Foreign.call(null, Foreign.method("MemorySegment", "ofBuffer", Buffer.class), buffer)
        };
    }

    private static ByteBuffer ofThread() {
        return (ByteBuffer) OF_THREAD.get()[0];
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** Before any string is copied to the thread's memory: it may be replaced by a larger one. */
    private static void requireRoom(int size) {
        if (ofThread().capacity() < size) OF_THREAD.set(memory(size));
    }

    /** The address of the name, copied to the thread's memory. */
    private static long text(String name) {
        byte[] bytes = bytes(name);
        requireRoom(PATH + bytes.length + 1);
        return text(bytes, PATH);
    }

    private static long text(byte[] bytes, int at) {
        ByteBuffer memory = ofThread().put(at, bytes).put(at + bytes.length, (byte) 0);
        return memory.getLong(ADDRESS) + at;
    }

    @Override
    public int open(String path, int flags, int mode) {
        return (int) call(OPEN, text(path), flags, mode);
    }

    @Override
    public int shm_open(String name, int oflag, int mode) {
        return (int) call(SHM_OPEN, text(name), oflag, mode);
    }

    @Override
    public int shm_unlink(String name) {
        return (int) call(SHM_UNLINK, text(name));
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
        return (int) call(STATX, dirfd, text(path), flags, mask, buf);
    }

    @Override
    public int posix_fallocate(int fd, long offset, long length) {
        return (int) call(POSIX_FALLOCATE, fd, offset, length);
    }

    @Override
    public int linkat(int olddirfd, String oldpath, int newdirfd, String newpath, int flags) {
        byte[] first = bytes(oldpath);
        byte[] second = bytes(newpath);
        int at = PATH + first.length + 1;
        requireRoom(at + second.length + 1);
        return (int) call(LINKAT, olddirfd, text(first, PATH), newdirfd, text(second, at), flags);
    }

    @Override
    public int unlink(String path) {
        return (int) call(UNLINK, text(path));
    }

    @Override
    public int rename(String oldpath, String newpath) {
        byte[] first = bytes(oldpath);
        byte[] second = bytes(newpath);
        int at = PATH + first.length + 1;
        requireRoom(at + second.length + 1);
        return (int) call(RENAME, text(first, PATH), text(second, at));
    }

    @Override
    public int mkdir(String path, int mode) {
        return (int) call(MKDIR, text(path), mode);
    }

    @Override
    public int rmdir(String path) {
        return (int) call(RMDIR, text(path));
    }

    @Override
    public long pread(int fd, long buf, long count, long offset) {
        return call(PREAD, fd, buf, count, offset);
    }

    @Override
    public long pwrite(int fd, long buf, long count, long offset) {
        return call(PWRITE, fd, buf, count, offset);
    }

    @Override
    public int fdatasync(int fd) {
        return (int) call(FDATASYNC, fd);
    }

    @Override
    public int fsync(int fd) {
        return (int) call(FSYNC, fd);
    }

    @Override
    public int fchmod(int fd, int mode) {
        return (int) call(FCHMOD, fd, mode);
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
        return call(SEM_OPEN, text(name), oflag, mode, value);
    }

    @Override
    public int sem_close(long sem) {
        return (int) call(SEM_CLOSE, sem);
    }

    @Override
    public int sem_unlink(String name) {
        return (int) call(SEM_UNLINK, text(name));
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
            ofThread().putInt(ERRNO, Errno.ENOSYS);
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
        return (int) call(GETGRNAM_R, text(name), group, buffer, size, result);
    }

    @Override
    public int getpwnam_r(String name, long passwd, long buffer, long size, long result) {
        return (int) call(GETPWNAM_R, text(name), passwd, buffer, size, result);
    }

    @Override
    public int getpwuid_r(int uid, long passwd, long buffer, long size, long result) {
        return (int) call(GETPWUID_R, uid, passwd, buffer, size, result);
    }

    @Override
    public int errno() {
        return ofThread().getInt(ERRNO);
    }
}
