package dev.belfry.file;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Copies a directory while processes use it, into one that is a queue once it has its name: with the same log, so that
 * it is refused while the original is open, and with an id of its own.
 *
 * <pre>
 *   KEEPING       so that nobody removes a file of the log
 *   places        before the log: all up to their bound is copied then
 *   full files    linked, or opened: what nobody writes any more may go meanwhile
 *   KEEPING goes
 *   the last two  copied, the newest first: so no record is there without those before it
 * </pre>
 *
 * The companion of a domain is copied after it, and its files stay from before that.
 */
final class Backup {
    private static final int PIECE = 4 << 20;
    private static final int PATIENCE_SECONDS = 10;
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final String UNFINISHED = ".part";
    private static final String INSIDE = "/" + LogDirectory.OVERFLOW;

    private final LogDirectory from;
    private final String uri;
    private final Path to;
    private final QueueInspector.Progress told;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private long all;
    private long done;

    Backup(LogDirectory from, String uri, Path to, QueueInspector.Progress told) {
        this.from = from;
        this.uri = uri;
        this.to = to.toAbsolutePath().normalize();
        this.told = told;
    }

    /** For people: the things that it has made. */
    Map<String, Object> run() {
        Path part = to.resolveSibling(to.getFileName() + UNFINISHED);
        if (Files.exists(to))
            throw new IllegalArgumentException("'" + to + "' exists: choose a directory that does not, or remove it.");
        if (to.startsWith(from.path()))
            throw new IllegalArgumentException("'" + to + "' lies in the queue's own directory: choose another place.");
        if (from.life() == null) throw Errors.incompatible("'" + uri + "' has no log yet: there is nothing to copy.");
        if (!Files.isDirectory(to.getParent()))
            throw new IllegalArgumentException(
                    "'" + to.getParent() + "' is not there: make it, or choose another place.");
        try {
            if (!Directory.make(from.c, part.toString(), 0700)) throw alreadyThere(part);
            return finished(part);
        } catch (PosixException e) {
            throw Failures.of(e, e.getMessage().contains(part.toString()) ? "file:" + to : uri);
        }
    }

    private Map<String, Object> finished(Path part) {
        try {
            Map<String, Object> made = withPages(part);
            if (from.isRemoved()) throw removed();
            Files.move(part, to);
            try (Directory parent = Directory.open(from.c, to.getParent().toString())) {
                parent.sync();
            }
            return made;
        } catch (IOException refused) {
            throw new InsufficientResourcesException("'" + uri + "' was not copied to " + to + ": " + refused, refused);
        } finally {
            remove(part);
        }
    }

    /**
     * The chunks of a page are there before the domain's log tells of it: so the companion is copied later. They go
     * once the log tells that they are not needed: so no file of the companion goes from before the log is copied.
     */
    private Map<String, Object> withPages(Path part) throws IOException {
        try (LogDirectory companion = companion()) {
            Backup pages = companion == null ? null : new Backup(companion, uri + INSIDE, Path.of(to + INSIDE), told);
            if (pages != null) pages.lock();
            Map<String, Object> made = into(part);
            if (pages != null) pages.intoDomain(part).forEach((what, more) -> made.merge(what, more, Backup::sum));
            else if (hasPages())
                throw Errors.incompatible("'" + uri + "' was not copied to " + to
                        + ": it has paged out its first messages" + " meanwhile. Try again.");
            return made;
        }
    }

    private static Object sum(Object one, Object more) {
        if (one instanceof Integer) return (int) one + (int) more;
        return one instanceof Long ? (Object) ((long) one + (long) more) : one;
    }

    private Map<String, Object> intoDomain(Path domain) throws IOException {
        Path part = domain.resolve(LogDirectory.OVERFLOW);
        Directory.make(from.c, part.toString(), 0700);
        Map<String, Object> made = into(part);
        try (Directory directory = Directory.open(from.c, domain.toString())) {
            directory.sync();
        }
        return made;
    }

    /** Opens it, or is null if nothing was ever paged out. */
    private LogDirectory companion() {
        if (!from.hasOverflow()) return null;
        Directory inside = Directory.open(from.c, from.path() + INSIDE);
        LogDirectory files = inside == null ? null : LogDirectory.open(from.c, inside);
        if (files != null && files.life() != null) return files;
        if (files != null) files.close();
        else if (inside != null) inside.close();
        return null;
    }

    private boolean hasPages() {
        try (LogDirectory companion = companion()) {
            return companion != null;
        }
    }

    private RuntimeException alreadyThere(Path part) {
        try (Directory there = Directory.open(from.c, part.toString());
                LogDirectory left = LogDirectory.open(from.c, there)) {
            if (left != null && !left.locks.tryLock(LogDirectory.USE))
                return Errors.stepInProgress("file:" + to, "another backup");
            return new IllegalArgumentException("'" + part
                    + "' exists, and no backup writes it: one that was ended may have left it, not whole. 'rm -r "
                    + ShellWords.of(part.toString()) + "' removes it; or choose another directory.");
        }
    }

    private void remove(Path part) {
        try (Directory left = Directory.open(from.c, part.toString())) {
            if (left == null) return; // it has its name
            remove(part.resolve(LogDirectory.OVERFLOW));
            left.names().forEach(left::unlink);
            Directory.remove(from.c, part.toString());
        }
    }

    private Map<String, Object> into(Path part) throws IOException {
        TreeMap<Long, DiskFile> copied = new TreeMap<>();
        try (Directory made = Directory.open(from.c, part.toString());
                LogDirectory copy = begun(made)) {
            int linked = 0;
            boolean isUnseen = Unseen.of(from) != null; // which takes a while
            lock();
            try {
                Places places = from.placesNow();
                copy.createPlaces(places);
                copy.write(from.life().copied(), true);
                from.history.copyTo(copy.history);
                if (from.missing(isUnseen || Door.hasPart(from)) != null) throw removed();
                for (long index : from.segments.present().keySet()) {
                    // The last two may still be written: by a leader, or again by the next opening.
                    boolean isFull =
                            (index + 2) * from.segments.size <= places.bound().offset();
                    if (isFull && links(copy, index)) {
                        linked++;
                        continue;
                    }
                    DiskFile file = from.segments.open(index);
                    if (file == null) throw removed();
                    copied.put(index, file);
                }
            } finally {
                if (!from.isReadOnly) from.locks.unlock(LogDirectory.KEEPING);
            }
            all = copied.size() * from.segments.size;
            requireRoom(made);
            for (Map.Entry<Long, DiskFile> each : copied.descendingMap().entrySet())
                TemporaryFile.link(
                        made, copy.segments.name(each.getKey()), file -> copy(each.getValue(), file, copy.status()));
            made.setAccess(from.directory.status().mode(), from.directory.status());
            made.sync();
            Map<String, Object> what = new LinkedHashMap<>();
            what.put("uri", "file:" + to);
            what.put("files", copied.size() + linked);
            what.put("linked", linked);
            what.put("copiedBytes", all);
            return what;
        } finally {
            for (DiskFile each : copied.values()) each.close();
        }
    }

    /** Nobody else opens it. */
    private LogDirectory begun(Directory made) {
        LogDirectory.create(from.c, made, from.origin);
        try (DiskFile queue = made.open(LogDirectory.QUEUE, true)) {
            queue.setAccess(from.status().mode(), from.status());
        }
        LogDirectory copy = LogDirectory.open(from.c, made);
        copy.locks.tryLock(LogDirectory.USE);
        return copy;
    }

    private RuntimeException removed() {
        return Errors.incompatible(
                "'" + uri + "' was not copied to " + to + ": files of it are missing, or were removed"
                        + " meanwhile. 'belfry doctor " + from.path() + "' tells which.");
    }

    private void lock() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!from.isReadOnly && !from.locks.tryLock(LogDirectory.KEEPING)) {
            if (System.nanoTime() - deadline > 0)
                throw Errors.stepInProgress(uri, "another process, which keeps its places or copies it,");
            LockSupport.parkNanos(SLICE_NANOS);
        }
    }

    /** False: it lies on another file system, or that has no links. */
    private boolean links(LogDirectory copy, long index) {
        try {
            Files.createLink(Path.of(copy.segments.path(index)), Path.of(from.segments.path(index)));
            return true;
        } catch (IOException | UnsupportedOperationException copied) {
            return false;
        }
    }

    private void requireRoom(Directory made) {
        long free = FileSystem.of(made).freeBytes();
        if (free >= all) return;
        throw new InsufficientResourcesException(
                "'" + uri + "' was not copied to " + to + ": that takes " + Units.size(all) + ", and its disk has "
                        + Units.size(free) + " free. Make room on it, or choose a directory on the queue's own disk,"
                        + " which takes two files of its log.",
                null);
    }

    private void copy(DiskFile source, DiskFile file, FileStatus as) {
        file.setAccess(as.mode(), as);
        for (long at = 0; at < from.segments.size; at += PIECE) {
            piece.clear().limit((int) Math.min(PIECE, from.segments.size - at));
            source.read(piece, at);
            file.write(piece.flip(), at);
            file.syncData();
            done += piece.limit();
            told.at(uri, done, all);
        }
    }
}
