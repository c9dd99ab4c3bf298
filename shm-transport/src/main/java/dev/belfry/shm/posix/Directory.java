package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A directory on a disk: names appear, change and go here, and stay so after a power loss once it is synced. They are
 * found from the open descriptor, by {@code /proc/self/fd/N/name}: another directory may have the path by now.
 */
public final class Directory extends OpenFile {
    private static final int LISTED_AT_ONCE = 32 << 10;

    private Directory(LibC c, int fd, String path) {
        super(c, fd, path);
    }

    /** {@code open(path, O_RDONLY|O_DIRECTORY|O_CLOEXEC)}; null if there is no such name. */
    public static Directory open(LibC c, String path) {
        int fd = Retry.onInterrupt(c, () -> c.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
        if (fd != -1) return new Directory(c, fd, path);
        if (c.errno() == Errno.ENOENT) return null;
        throw PosixException.of("open", path, c.errno());
    }

    /** {@code statx(AT_FDCWD, path)}: of what has that path in this process's sight; null if nothing has. */
    public static FileStatus status(LibC c, String path) {
        return statx(c, AT_FDCWD, path, 0, path);
    }

    /** {@code mkdir(path, mode)}; false if the name is taken. */
    public static boolean make(LibC c, String path, int mode) {
        if (c.mkdir(path, mode) == 0) return true;
        if (c.errno() == Errno.EEXIST) return false;
        throw PosixException.of("mkdir", path, c.errno());
    }

    /** {@code rmdir(path)}; false if there is none, it is not empty, is a mount, or the path is a link to it. */
    public static boolean remove(LibC c, String path) {
        if (c.rmdir(path) == 0) return true;
        switch (c.errno()) {
            case Errno.ENOENT, Errno.ENOTEMPTY, Errno.EEXIST, Errno.ENOTDIR, Errno.EBUSY:
                return false;
            default:
        }
        throw PosixException.of("rmdir", path, c.errno());
    }

    /** {@code statx}: of the file of that name; null if there is none. */
    public FileStatus status(String name) {
        return here(path -> statx(c, AT_FDCWD, path + name, 0, in(name)));
    }

    private <T> T here(Function<String, T> call) {
        return inside(mine -> call.apply(pathOf(mine) + "/"));
    }

    /** Opens the file of that name, as {@link DiskFile} does it. */
    public DiskFile open(String name, boolean writable) {
        return here(path -> DiskFile.open(c, path + name, in(name), writable));
    }

    /** Creates a file of that name, which must not exist. */
    public DiskFile create(String name) {
        return here(path -> DiskFile.create(c, path + name, in(name)));
    }

    /** {@code linkat(from, to)}; false if that name is taken. */
    public boolean link(String from, String to) {
        if (here(path -> c.linkat(AT_FDCWD, path + from, AT_FDCWD, path + to, 0)) == 0) return true;
        if (c.errno() == Errno.EEXIST) return false;
        throw PosixException.of("linkat", in(from) + ", " + in(to), c.errno());
    }

    /** {@code rename(from, to)}: {@code to} is replaced if there is one. */
    public void rename(String from, String to) {
        if (here(path -> c.rename(path + from, path + to)) == -1)
            throw PosixException.of("rename", in(from) + ", " + in(to), c.errno());
    }

    /** {@code unlink(name)}; false if there is no such name. */
    public boolean unlink(String name) {
        if (here(path -> c.unlink(path + name)) == 0) return true;
        if (c.errno() == Errno.ENOENT) return false;
        throw PosixException.of("unlink", in(name), c.errno());
    }

    /** {@code fsync(fd)}: the names as they are now outlive a power loss. */
    public void sync() {
        sync("fsync", c::fsync);
    }

    /** {@code getdents64(fd, ...)} on its own description, from the beginning: all names but . and .., in order. */
    public Set<String> names() {
        Set<String> names = new TreeSet<>();
        int listing =
                here(path -> Retry.onInterrupt(c, () -> c.open(path + ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)));
        if (listing == -1) throw PosixException.of("open", label, c.errno());
        try {
            ByteBuffer entries = ByteBuffer.allocateDirect(LISTED_AT_ONCE).order(ByteOrder.nativeOrder());
            long address = Scratch.addressOf(entries);
            for (; ; ) {
                int n = (int) c.syscall(SYS_getdents64, listing, address, LISTED_AT_ONCE, 0, 0, 0);
                if (n == -1) throw PosixException.of("getdents64", label, c.errno());
                if (n == 0) break;
                for (int at = 0; at < n; at += Short.toUnsignedInt(entries.getShort(at + D_RECLEN)))
                    names.add(name(entries, at + D_NAME));
            }
            Reference.reachabilityFence(entries);
        } finally {
            c.close(listing);
        }
        names.remove(".");
        names.remove("..");
        return names;
    }

    private static String name(ByteBuffer entries, int at) {
        int length = 0;
        while (entries.get(at + length) != 0) length++;
        byte[] bytes = new byte[length];
        entries.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The path of that name, for people. */
    public String in(String name) {
        return label + "/" + name;
    }
}
