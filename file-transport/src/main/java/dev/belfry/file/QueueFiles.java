package dev.belfry.file;

import dev.belfry.api.QueueFullException;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Units;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The files of a directory, as its live part asks for them. */
final class QueueFiles implements LogFiles {
    private final LogDirectory files;
    final OpenSegments open;

    QueueFiles(LogDirectory files) {
        this.files = files;
        this.open = new OpenSegments(files.segments);
    }

    @Override
    public Span span(long from, long to, Opened opened) {
        return open.span(from, to, opened);
    }

    @Override
    public long makeReady(long upTo) {
        try {
            return files.segments.makeReady(upTo);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOSPC && e.errno() != Errno.EDQUOT) throw e;
            throw new QueueFullException(
                    "'file:" + directory() + "' cannot grow: room for two segments of "
                            + Units.size(files.segments.size) + " is needed, and its disk has "
                            + Units.size(FileSystem.of(files.directory).freeBytes())
                            + " free. Make room on it; readers go on meanwhile, and remove what all have acknowledged.",
                    e);
        }
    }

    @Override
    public long fileSize() {
        return files.segments.size;
    }

    @Override
    public boolean keep(Supplier<Places> places, boolean now) {
        return files.keep(
                () -> {
                    Places next = places.get();
                    if (next != null)
                        open.forgetBelow(
                                Math.min(next.kept().offset(), next.bound().offset()));
                    return next;
                },
                now);
    }

    @Override
    public void closesCleanly(LongSupplier syncedUpTo) {
        files.closesCleanly(syncedUpTo);
    }

    @Override
    public boolean isRemoved() {
        return files.status().links() == 0;
    }

    @Override
    public String directory() {
        return files.path();
    }

    @Override
    public void close() {
        open.forgetAll();
        files.close();
    }
}
