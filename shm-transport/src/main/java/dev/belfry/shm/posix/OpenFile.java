package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** One open file description: locks belong to it. A call after {@link #close} is a PosixException. */
public abstract class OpenFile implements AutoCloseable {
    final LibC c;
    private final int fd;
    private final UseCount uses = new UseCount();
    volatile String label;

    OpenFile(LibC c, int fd, String label) {
        this.c = c;
        this.fd = fd;
        this.label = label;
    }

    /** {@code statx(fd, "", AT_EMPTY_PATH)}: of the file that is open here, whatever happened to its name. */
    public FileStatus status() {
        return inside(mine -> statx(c, mine, "", AT_EMPTY_PATH, label));
    }

    /**
     * If a file was cut short while it was read, the JVM may still have to throw an InternalError.
     * Until then JNA fails in odd ways to convert a string.
     */
    static void sayFaultsNow(LibC c) {
        c.getpid();
    }

    static FileStatus statx(LibC c, int directory, String path, int flags, String label) {
        ByteBuffer scratch = Scratch.get();
        long buffer = Scratch.address(scratch);
        sayFaultsNow(c);
        if (c.statx(directory, path, flags, STATX_BASIC_STATS, buffer) == -1) {
            if (c.errno() == Errno.ENOENT && !path.isEmpty()) return null;
            throw PosixException.of("statx", label, c.errno());
        }
        int mode = scratch.getShort(Scratch.STRUCT + STX_MODE);
        return new FileStatus(
                (mode & S_IFMT) == S_IFREG,
                scratch.getLong(Scratch.STRUCT + STX_SIZE),
                mode & 07777,
                scratch.getInt(Scratch.STRUCT + STX_UID),
                scratch.getInt(Scratch.STRUCT + STX_GID),
                scratch.getInt(Scratch.STRUCT + STX_NLINK),
                (long) scratch.getInt(Scratch.STRUCT + STX_DEV_MAJOR) << 32
                        | Integer.toUnsignedLong(scratch.getInt(Scratch.STRUCT + STX_DEV_MINOR)),
                scratch.getLong(Scratch.STRUCT + STX_INO));
    }

    /**
     * {@code fchown(fd, -1, gid); fchmod(fd, mode)}: in this order, so that at no moment another group has access. The
     * umask took bits from the mode that the object was created with; here it does not.
     */
    public void setAccess(int mode, int gid) {
        int mine = enter();
        try {
            if (gid != -1 && c.fchown(mine, -1, gid) == -1) {
                throw PosixException.of("fchown", label + ", group " + gid, c.errno());
            }
            if (c.fchmod(mine, mode) == -1) {
                throw PosixException.of("fchmod", label + ", 0" + Integer.toOctalString(mode), c.errno());
            }
        } finally {
            exit();
        }
    }

    /**
     * The same, with the group of {@code as}, or if that may not be given, without rights of a group alone. By root
     * {@code fchown(fd, uid, -1)} first: it is its owner's, too.
     */
    public void setAccess(int mode, FileStatus as) {
        inside(mine -> c.fchown(mine, as.uid(), -1));
        boolean isGiven = Groups.mayGive(c, as.gid());
        try {
            setAccess(isGiven ? mode : FileStatus.ungrouped(mode), isGiven ? as.gid() : -1);
        } catch (PosixException notGiven) { // as in mayGive, if that could not be asked, or on another file system
            if (notGiven.errno != Errno.EPERM && notGiven.errno != Errno.EINVAL) throw notGiven;
            setAccess(FileStatus.ungrouped(mode), -1);
        }
    }

    /**
     * {@code close(fd)}, once, by the last call inside. Maps stay. Never repeated on EINTR: Linux
     * has freed the number by then. Locks of this description are dropped, unless a map was made
     * from it (it keeps the description until munmap) or a child was forked: unlock first.
     */
    @Override
    public void close() {
        if (uses.close()) c.close(fd);
    }

    /** A name of what is open under this descriptor, whatever happened to its own. */
    static String pathOf(int fd) {
        return "/proc/self/fd/" + fd;
    }

    String label() {
        return label;
    }

    /** The descriptor, safe until {@link #exit}. */
    int enter() {
        if (uses.enter()) return fd;
        throw PosixException.refused("use", label, "it is closed");
    }

    void exit() {
        if (uses.exit()) c.close(fd);
    }

    /** With the descriptor, which is safe until the call returns. */
    <T> T inside(IntFunction<T> call) {
        int mine = enter();
        try {
            return call.apply(mine);
        } finally {
            exit();
        }
    }

    /** {@code call}: of what brings this file to the disk. */
    void sync(String name, IntUnaryOperator call) {
        inside(mine -> {
            if (Retry.onInterrupt(c, () -> call.applyAsInt(mine)) != -1) return null;
            throw PosixException.of(name, label, c.errno());
        });
    }

    /** As {@link #enter}, but -1 once it is closed. */
    int enterUnlessClosed() {
        return uses.enter() ? fd : -1;
    }
}
