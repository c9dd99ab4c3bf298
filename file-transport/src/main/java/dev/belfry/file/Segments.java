package dev.belfry.file;

import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * The files of the log on their fixed grid: {@code log.} and the offset of the first byte. All have the same size
 * from the beginning on, and read as zeros. Where publishers wait for the disk they are written as zeros: those sync
 * faster than storage that was only allocated, at each commit. Where nobody waits, writing the zeros would take longer
 * than the messages, so their storage is allocated: a full disk is still met before a commit.
 */
final class Segments {
    static final String PREFIX = "log.";
    static final long DEFAULT_SIZE = 64L << 20;

    private static final int STEP = 4 << 20;
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    final long size;
    private final Directory directory;
    private final ByteRangeLock locks;
    private final int mode;
    private final FileStatus owner;
    private final boolean writable;
    private final Predicate<DiskFile> allocates; // false: not done, write zeros
    private long ready; // up to here this process knows the names to be on the disk

    Segments(Directory directory, ByteRangeLock locks, Origin origin, FileStatus owner, boolean writable) {
        this.directory = directory;
        this.locks = locks;
        this.size = origin.segmentSize();
        this.mode = origin.mode(owner);
        this.owner = owner;
        this.writable = writable;
        this.allocates = origin.syncAlways() ? file -> false : file -> file.allocate(size);
    }

    String name(long index) {
        return PREFIX + String.format("%016x", index * size);
    }

    String path(long index) {
        return directory.in(name(index));
    }

    /** Index of each segment that is there. Names that do not fit the grid are no segments. */
    TreeMap<Long, String> present() {
        TreeMap<Long, String> present = new TreeMap<>();
        for (String name : directory.names()) {
            long offset = offset(name);
            if (offset >= 0 && offset % size == 0) present.put(offset / size, name);
        }
        return present;
    }

    private static long offset(String name) {
        if (!name.startsWith(PREFIX) || name.length() != PREFIX.length() + 16) return -1;
        try {
            return Long.parseLong(name, PREFIX.length(), name.length(), 16);
        } catch (NumberFormatException other) {
            return -1;
        }
    }

    /** Null if it is not there. */
    DiskFile open(long index) {
        DiskFile file = directory.open(name(index), writable);
        if (file == null || file.status().size() == size) return file;
        long found = file.status().size();
        file.close();
        throw new DamagedFileException(path(index) + " has " + found + " bytes, a segment has " + size);
    }

    /** Opening has synced the directory: all segments before this offset are there to stay, and none after it is. */
    synchronized void noteReady(long upTo) {
        ready = upTo;
    }

    /** Makes segments until the log may go up to that offset; returns up to where it may go. */
    synchronized long makeReady(long upTo) {
        if (ready >= upTo) return ready;
        TreeMap<Long, String> present = present();
        long found = present.isEmpty() ? ready : (present.lastKey() + 1) * size;
        if (found > ready) {
            directory.sync(); // the process that made them may have been killed before its sync
            ready = found;
        }
        while (ready < upTo) {
            makeOrAwait(ready / size);
            directory.sync();
            ready += size;
        }
        return ready;
    }

    /** Bytes of the segments, if there were all up to this offset. */
    synchronized long sizeUpTo(long upTo) {
        if (ready >= upTo) return 0;
        TreeMap<Long, String> present = present();
        long first = present.isEmpty() ? ready / size : present.firstKey();
        return ((upTo + size - 1) / size - first) * size;
    }

    /** One process makes it. If that does not come to an end, because it is stopped, this one makes it, too. */
    private void makeOrAwait(long index) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!isThere(index)) {
            boolean alone = locks.tryLock(LogDirectory.MAKING);
            if (!alone && deadline - System.nanoTime() > 0) {
                LockSupport.parkNanos(SLICE_NANOS);
                continue;
            }
            try {
                TemporaryFile.link(directory, name(index), this::fill);
            } finally {
                if (alone) locks.unlock(LogDirectory.MAKING);
            }
        }
    }

    private boolean isThere(long index) {
        DiskFile file = open(index);
        if (file != null) file.close();
        return file != null;
    }

    /** Not to the last byte of a disk, again and again: others need it, too, and so does what copies on each write. */
    private void fill(DiskFile file) {
        if (FileSystem.of(directory).freeBytes() < 2 * size)
            throw PosixException.of("pwrite", file.path() + ", where two segments would not fit", Errno.ENOSPC);
        file.setAccess(mode, owner);
        if (allocates.test(file)) file.syncData();
        else zeros(file, 0);
    }

    /** Zeros from there to the segment's end. Synced piece by piece: commits of others wait for less. */
    void zeros(DiskFile file, long from) {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(STEP, size));
        for (long at = from; at < size; ) {
            int now = (int) Math.min(zeros.capacity(), size - at);
            file.write(zeros.clear().limit(now), at);
            file.syncData();
            at += now;
        }
    }

    /** Puts a file in place of this segment, whole and synced; {@code filler} writes what is before the zeros. */
    void replace(long index, ToLongFunction<DiskFile> filler) {
        TemporaryFile.replace(directory, name(index), file -> {
            file.setAccess(mode, owner);
            zeros(file, filler.applyAsLong(file));
            file.syncData();
        });
    }

    /** Removes segments that lie wholly before this offset, but not the last: what comes next is named by it. */
    void removeBelow(long offset) {
        TreeMap<Long, String> present = present();
        if (present.isEmpty()) return;
        present.headMap(Math.min(offset / size, present.lastKey())).values().forEach(directory::unlink);
    }

    /**
     * Reads as much of the log as the buffer takes.
     *
     * @return false if a segment is not there; what was before it has been read
     */
    boolean read(ByteBuffer into, long offset) {
        int end = into.limit();
        while (into.position() < end) {
            long inside = offset % size;
            into.limit((int) Math.min(end, into.position() + size - inside));
            int wanted = into.remaining();
            try (DiskFile file = open(offset / size)) {
                if (file == null || file.read(into, inside) < wanted) {
                    into.limit(end);
                    return false;
                }
            }
            into.limit(end);
            offset += wanted;
        }
        return true;
    }
}
