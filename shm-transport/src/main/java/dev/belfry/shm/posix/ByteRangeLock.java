package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Linux.*;

import java.nio.ByteBuffer;

/**
 * Locks on single bytes of an object, which need not exist, owned by one open file description. The
 * kernel drops them when the description is closed, however its process died.
 *
 * <p>OFD locks, not the classic ones: those vanish as soon as the process closes <em>any</em>
 * descriptor of the file. Their rules:
 * <ul>
 * <li>the owner's own description always sees its bytes as free: probe through another one, which
 * locks nothing;
 * <li>locking again succeeds and one unlock frees it: nothing is counted, threads of one process
 * must agree among themselves;
 * <li>neighbouring bytes locked through one description <em>become one lock</em> of two bytes,
 * which {@link #probe} takes for a foreign one: keep a gap;
 * <li>a map made from the description, and a child forked without exec, keep the lock after close:
 * unlock first;
 * <li>a lock on byte 2^63 - 1 reads as one "to the end of the file", so as a foreign one: do not
 * use that byte;
 * <li>a probe walks the list of all locks of the object: cheap with a thousand, not with twenty
 * thousand.
 * </ul>
 */
public final class ByteRangeLock {
    public enum Holder {
        /** No other description: free, or held through the description that asked. */
        NOBODY,
        /** Another description holds exactly this byte. */
        SOMEBODY,
        /**
         * Another lock covers the byte among others, as {@code FileChannel.lock()} does. Treat it
         * as held; nothing more is known.
         */
        FOREIGN
    }

    private final OpenFile description;
    private final LibC c;

    public ByteRangeLock(OpenFile description) {
        this.description = description;
        this.c = description.c;
    }

    /**
     * {@code fcntl(fd, F_OFD_SETLK, {F_WRLCK, SEEK_SET, at, 1, 0})}; false if another description
     * holds the byte. Never waits.
     */
    public boolean tryLock(long at) {
        return tryLock(at, F_WRLCK, "F_OFD_SETLK, F_WRLCK");
    }

    /**
     * {@code fcntl(fd, F_OFD_SETLK, {F_RDLCK, SEEK_SET, at, 1, 0})}; false if another description
     * holds the byte alone. Held alone through this one, it becomes shared in one step.
     */
    public boolean tryLockShared(long at) {
        return tryLock(at, F_RDLCK, "F_OFD_SETLK, F_RDLCK");
    }

    private boolean tryLock(long at, short type, String command) {
        return description.inside(fd -> {
            if (fcntl(fd, F_OFD_SETLK, type, at, 1, Scratch.get())) return true;
            int errno = c.errno();
            if (errno == Errno.EAGAIN || errno == Errno.EACCES) return false;
            throw failed(command, at, errno);
        });
    }

    /**
     * {@code fcntl(fd, F_OFD_SETLK, {F_UNLCK, SEEK_SET, at, 1, 0})}. Does nothing if the byte was
     * not locked, or went with its description.
     */
    public void unlock(long at) {
        int fd = description.enterUnlessClosed();
        if (fd == -1) return;
        try {
            if (!fcntl(fd, F_OFD_SETLK, F_UNLCK, at, 1, Scratch.get()))
                throw failed("F_OFD_SETLK, F_UNLCK", at, c.errno());
        } finally {
            description.exit();
        }
    }

    /** {@code fcntl(fd, F_OFD_GETLK, {F_WRLCK, SEEK_SET, at, 1, 0})}: whether another description holds the byte. */
    public Holder probe(long at) {
        ByteBuffer flock = probed(at, 1);
        if (flock.getShort(Scratch.STRUCT + FLOCK_TYPE) == F_UNLCK) return Holder.NOBODY;
        boolean exact =
                flock.getLong(Scratch.STRUCT + FLOCK_START) == at && flock.getLong(Scratch.STRUCT + FLOCK_LEN) == 1;
        return exact ? Holder.SOMEBODY : Holder.FOREIGN;
    }

    /** Whether any other description holds any of these bytes. */
    public boolean isAnyHeld(long from, long length) {
        return probed(from, length).getShort(Scratch.STRUCT + FLOCK_TYPE) != F_UNLCK;
    }

    private ByteBuffer probed(long from, long length) {
        return description.inside(fd -> {
            ByteBuffer flock = Scratch.get();
            if (!fcntl(fd, F_OFD_GETLK, F_WRLCK, from, length, flock)) throw failed("F_OFD_GETLK", from, c.errno());
            return flock;
        });
    }

    /**
     * The struct's l_pid must be 0, else EINVAL; and F_OFD_GETLK overwrites it all, so it is filled again each time.
     */
    private boolean fcntl(int fd, int command, short type, long at, long length, ByteBuffer flock) {
        for (int i = 0; ; i++) {
            flock.putShort(Scratch.STRUCT + FLOCK_TYPE, type);
            flock.putShort(Scratch.STRUCT + FLOCK_WHENCE, SEEK_SET);
            flock.putLong(Scratch.STRUCT + FLOCK_START, at);
            flock.putLong(Scratch.STRUCT + FLOCK_LEN, length);
            flock.putInt(Scratch.STRUCT + FLOCK_PID, 0);
            if (c.fcntl(fd, command, Scratch.address(flock)) != -1) return true;
            if (c.errno() != Errno.EINTR || i == Retry.LIMIT) return false;
        }
    }

    private PosixException failed(String command, long at, int errno) {
        return PosixException.of("fcntl", description.label() + ", " + command + ", byte " + at, errno);
    }
}
