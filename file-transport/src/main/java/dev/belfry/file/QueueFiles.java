package dev.belfry.file;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.QueueFullException;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The files of a directory, as its live part asks for them. */
final class QueueFiles implements LogFiles {
    private final LogDirectory files;
    final OpenSegments open;
    private volatile Keep keep; // as it was when the queue was opened; null: that could not be read yet

    QueueFiles(LogDirectory files) {
        this.files = files;
        this.open = new OpenSegments(files.segments);
        this.keep = files.history.wholeOrNull();
    }

    @Override
    public Span span(long from, long to, Opened opened) {
        return translated(() -> open.span(from, to, opened));
    }

    /** Damage leaves this module in its users' words alone. */
    private <T> T translated(Supplier<T> step) {
        try {
            return step.get();
        } catch (DamagedFileException damaged) {
            throw Failures.of(damaged, "file:" + directory());
        }
    }

    @Override
    public long makeReady(long upTo) {
        requireSize(upTo);
        try {
            return translated(() -> files.segments.makeReady(upTo));
        } catch (PosixException e) {
            if (!isFull(e)) throw e;
            throw new QueueFullException(
                    "'file:" + directory() + "' cannot grow: room for two segments of "
                            + Units.size(files.segments.size) + " is needed, and its disk has " + free()
                            + " free. Make room on it"
                            + orKeepLess("; readers go on meanwhile, and remove what all have acknowledged."),
                    e);
        }
    }

    private void requireSize(long upTo) {
        long most = files.origin.maxSize();
        if (!files.origin.hasHistory() || files.segments.sizeUpTo(upTo) <= most) return;
        throw new QueueFullException(
                "'file:" + directory() + "' has its maxSize of " + Units.size(most) + orKeepLess("."), null);
    }

    private String orKeepLess(String otherwise) {
        return keepsAll() ? ". It keeps all that was read, too: 'belfry keep' changes that." : otherwise;
    }

    private static boolean isFull(PosixException e) {
        return e.errno == Errno.ENOSPC || e.errno == Errno.EDQUOT;
    }

    private String free() {
        FileSystem disk = FileSystem.of(files.directory);
        return disk.freeFiles() == 0 ? "no inode" : Units.size(disk.freeBytes());
    }

    /**
     * Reads the log, as {@link LogFiles#read}. A sector that the disk refuses, or a file that was cut, is damage for
     * those who read there, as a missing file is.
     */
    @Override
    public Read read(ByteBuffer into, long offset) {
        long begin = offset - into.position();
        try {
            return read(into, offset, into.remaining());
        } catch (PosixException e) {
            if (e.errno != Errno.EIO) throw e;
        }
        try {
            while (into.hasRemaining()) { // it may have refused all of a read because of one sector
                long at = begin + into.position();
                Read read = read(into, at, (int) (SECTOR - at % SECTOR));
                if (read != Read.WHOLE) return read;
            }
            return Read.WHOLE;
        } catch (PosixException e) {
            if (e.errno != Errno.EIO) throw e;
            return Read.REFUSED;
        }
    }

    private Read read(ByteBuffer into, long offset, int most) {
        int end = into.limit();
        try {
            into.limit(Math.min(end, into.position() + most));
            return files.segments.read(into, offset) ? Read.WHOLE : Read.MISSING;
        } catch (DamagedFileException cut) {
            return Read.MISSING;
        } finally {
            into.limit(end);
        }
    }

    @Override
    public boolean keepsAll() {
        return files.history.keepOrAll().isAll();
    }

    @Override
    public boolean keepsByAge() {
        Keep known = keep;
        return known != null && known.millis() != 0 && !known.isAll();
    }

    @Override
    public long keptFrom(long floor, long end, boolean givesWay) {
        if (keep == null) keep = files.history.wholeOrNull();
        return files.history.keptFrom(floor, end, givesWay);
    }

    @Override
    public long notBefore(long millis, long floor, long end) {
        return files.history.notBefore(millis, floor, end);
    }

    @Override
    public long fileSize() {
        return files.segments.size;
    }

    @Override
    public boolean storePlaces(Supplier<Places> places, boolean now) {
        try {
            return translated(() -> files.storePlaces(() -> forgetting(places.get()), now));
        } catch (PosixException e) {
            if (!isFull(e)) throw e;
            throw new InsufficientResourcesException(
                    "'file:" + directory() + "': " + e.getMessage() + ". It has " + free()
                            + " free. Make room on its disk, and try again.",
                    e);
        }
    }

    private Places forgetting(Places next) {
        if (next != null)
            open.forgetBelow(Math.min(next.kept().offset(), next.bound().offset()));
        return next;
    }

    @Override
    public void closesCleanly(LongSupplier syncedUpTo) {
        translated(() -> {
            files.closesCleanly(syncedUpTo);
            return null;
        });
    }

    @Override
    public void raise(long feature) {
        translated(() -> {
            files.raise(feature);
            return null;
        });
    }

    @Override
    public boolean isRemoved() {
        return files.isRemoved();
    }

    @Override
    public String directory() {
        return files.path();
    }

    @Override
    public String path(long offset) {
        return files.segments.path(offset / files.segments.size);
    }

    @Override
    public void close() {
        open.forgetBelow(Long.MAX_VALUE);
        files.close();
    }
}
