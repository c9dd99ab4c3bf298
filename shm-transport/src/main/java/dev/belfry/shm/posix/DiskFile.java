package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * A regular file on a disk, read and written at places that the caller names. Never through a FileChannel: an
 * interrupt closes that.
 *
 * <p>A descriptor is told of a write that failed only by its own next {@link #syncData}, and only once. One that is
 * opened after another was told is told nothing.
 */
public final class DiskFile extends OpenFile {
    private DiskFile(LibC c, int fd, String path) {
        super(c, fd, path);
    }

    /** {@code open(path, O_RDWR|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC)}; null if there is no such name. */
    static DiskFile open(LibC c, String path, String label, boolean writable) {
        int flags = (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        int fd = Retry.onInterrupt(c, () -> c.open(path, flags, 0));
        if (fd != -1) return new DiskFile(c, fd, label);
        if (c.errno() == Errno.ENOENT) return null;
        throw PosixException.of("open", label, c.errno());
    }

    /** {@code open(path, O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600)}: a name that nothing has yet. */
    static DiskFile create(LibC c, String path, String label) {
        int fd = Retry.onInterrupt(c, () -> c.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (fd == -1) throw PosixException.of("open", label + ", O_CREAT|O_EXCL", c.errno());
        return new DiskFile(c, fd, label);
    }

    /** The name that it was opened by. */
    public String path() {
        return label;
    }

    /**
     * {@code pwrite(fd, ...)}, until all that remains of {@code direct} is written: the kernel may take a part only.
     * The position of the buffer stays.
     */
    public void write(ByteBuffer direct, long offset) {
        int begin = direct.position();
        try {
            transfer("pwrite", LibC::pwrite, direct, offset);
            if (direct.hasRemaining())
                throw PosixException.refused(
                        "pwrite", label, "nothing was written at " + (offset + direct.position() - begin));
        } finally {
            direct.position(begin);
        }
    }

    /**
     * {@code pread(fd, ...)}, until {@code direct} is full or the file ends. Advances its position over all that was
     * read, also before an error.
     *
     * @return how many bytes there were
     */
    public int read(ByteBuffer direct, long offset) {
        int begin = direct.position();
        transfer("pread", LibC::pread, direct, offset);
        return direct.position() - begin;
    }

    private interface Transfer {
        long at(LibC c, int fd, long buf, long count, long offset);
    }

    /** Ends early where the kernel transfers nothing. Advances the position of the buffer. */
    private void transfer(String name, Transfer call, ByteBuffer direct, long offset) {
        int mine = enter();
        try {
            long address = Scratch.addressOf(direct);
            long begin = offset - direct.position();
            for (int interrupts = 0; direct.hasRemaining(); ) {
                int at = direct.position();
                long n = call.at(c, mine, address + at, direct.remaining(), begin + at);
                if (n == 0) break;
                if (n > 0) {
                    direct.position(at + (int) n);
                    interrupts = 0;
                } else if (c.errno() != Errno.EINTR || interrupts++ == Retry.LIMIT) {
                    throw PosixException.of(name, label + ", at " + (begin + at), c.errno());
                }
            }
        } finally {
            exit();
            Reference.reachabilityFence(direct);
        }
    }

    /**
     * {@code posix_fallocate(fd, 0, length)}: storage for all of it, which reads as zeros. The error is returned, errno
     * is not set. False: this file system has no such call.
     */
    public boolean allocate(long length) {
        return inside(mine -> {
            int error = c.posix_fallocate(mine, 0, length);
            for (int i = 0; error == Errno.EINTR && i < Retry.LIMIT; i++) error = c.posix_fallocate(mine, 0, length);
            if (error == Errno.EOPNOTSUPP || error == Errno.EINVAL) return false;
            if (error != 0) throw PosixException.of("posix_fallocate", label + ", " + length + " bytes", error);
            return true;
        });
    }

    /** {@code fdatasync(fd)}. After an error it is unknown what of earlier writes is on the disk: write them again. */
    public void syncData() {
        sync("fdatasync", c::fdatasync);
    }
}
