package dev.belfry.file;

import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.QueueReport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Is the directory of one queue, as one handle has it open; its package lists the files.
 *
 * The locks are bytes of {@code queue}, held through its open file description. {@link #OPENING} is held by a process
 * that searches for the live part or makes one. {@link #USE} is shared by each that has the queue open, and held alone
 * by one that recovers the log. So two groups of processes that do not see each other's shared memory never both write.
 */
final class LogDirectory implements AutoCloseable {
    static final String QUEUE = "queue";

    /** The directory of a queue in that of a domain, which has what the domain's ring cannot hold. */
    static final String OVERFLOW = "overflow";

    /** So begins its name once the domain is deleted, until its files are. */
    static final String SET_ASIDE = "overflow.removed-";

    static final long OPENING = 0;
    static final long USE = 16;
    static final long KEEPING = 32;
    static final long MAKING = 48;

    /** Where in {@code queue} an opener says how far it is. Never synced: only those that wait for it read that. */
    private static final int PROGRESS = 4096;

    final LibC c;
    final Directory directory;
    final Origin origin;
    final Segments segments;
    final History history;
    final ByteRangeLock locks;
    final boolean isReadOnly; // its file system is
    private final DiskFile queue;
    private final Areas life;
    private final Areas places;

    private LogDirectory(LibC c, Directory directory, DiskFile queue, Origin origin, boolean isReadOnly) {
        this.c = c;
        this.directory = directory;
        this.queue = queue;
        this.origin = origin;
        this.isReadOnly = isReadOnly;
        this.locks = new ByteRangeLock(queue);
        FileStatus owner = queue.status();
        this.segments = new Segments(directory, locks, origin, owner, !isReadOnly);
        this.history = new History(c, directory, origin, owner, !isReadOnly);
        this.life = areas(Life.NAME, Life.KIND, Life.AREA);
        this.places = areas(PlacesForm.NAME, PlacesForm.KIND, PlacesForm.AREA);
    }

    private Areas areas(String name, Block kind, int size) {
        return new Areas(directory, name, kind, size, origin.logId(), !isReadOnly);
    }

    /** Null if there is no queue in it. Owns {@code directory} from here on, but not if this is null. */
    static LogDirectory open(LibC c, Directory directory) {
        try {
            return open(c, directory, queue(directory, true), false);
        } catch (PosixException e) {
            if (e.errno != Errno.EROFS) throw e;
            return open(c, directory, queue(directory, false), true);
        }
    }

    /** Null if nothing of a queue is there. It is made first, and removed last. */
    private static DiskFile queue(Directory directory, boolean writable) {
        DiskFile queue = directory.open(QUEUE, writable);
        if (queue != null || directory.names().stream().noneMatch(LogDirectory::isAfterQueue)) return queue;
        queue = directory.open(QUEUE, writable); // another process may have made all of it since the first open
        if (queue != null) return queue;
        throw new DamagedFileException(directory.in(QUEUE) + " is missing, but there are other files of a queue");
    }

    private static boolean isAfterQueue(String name) {
        return Set.of(Life.NAME, PlacesForm.NAME).contains(name) || name.startsWith(Segments.PREFIX);
    }

    private static LogDirectory open(LibC c, Directory directory, DiskFile queue, boolean isReadOnly) {
        if (queue == null) return null;
        try {
            return new LogDirectory(c, directory, queue, origin(queue), isReadOnly);
        } catch (Throwable failed) {
            queue.close();
            throw failed;
        }
    }

    private static Origin origin(DiskFile queue) {
        ByteBuffer block = block(queue);
        if (block == null) block = block(queue); // another process may have been raising a feature
        if (block == null)
            throw new DamagedFileException(
                    queue.path() + " (" + queue.status().size() + " bytes) is not what a queue was created with");
        return Origin.read(block, queue.path());
    }

    private static ByteBuffer block(DiskFile queue) {
        ByteBuffer read = ByteBuffer.allocateDirect(2 * Origin.SIZE);
        queue.read(read, 0);
        return Origin.KIND.open(read.flip(), queue.path());
    }

    /** Written also if it is there: a sync that has failed may have lost it. It lies in one sector, so it is whole. */
    void raise(long feature) {
        queue.write(origin(queue).with(feature).write(), 0);
        queue.syncData();
    }

    /** Gives a directory its {@code queue}; false if another process was faster, or removes it at this moment. */
    static boolean create(LibC c, Directory directory, Origin origin) {
        try {
            boolean linked = TemporaryFile.link(directory, QUEUE, file -> {
                file.setAccess(origin.mode(), file.status()); // perhaps its directory gave it a group
                file.write(origin.write(), 0);
                file.syncData();
            });
            directory.sync();
            return linked;
        } catch (PosixException e) {
            if (e.errno == Errno.ENOENT) return false; // its first life removes the temporary files of others
            throw e;
        }
    }

    /** Names of files that are not of a queue; with any of them the directory is another program's. */
    static List<String> strangers(Set<String> names) {
        return names.stream()
                .filter(name -> !Set.of(QUEUE, History.NAME).contains(name)
                        && !isAfterQueue(name)
                        && !isSetAside(name)
                        && !name.startsWith(TemporaryFile.PREFIX)
                        && !name.startsWith(Recovery.CUT))
                .toList();
    }

    /** Those in this one. */
    List<String> strangers() {
        return strangers(directory.names()).stream()
                .filter(name -> !origin.domain() || !name.equals(OVERFLOW))
                .toList();
    }

    static boolean isSetAside(String name) {
        return name.startsWith(SET_ASIDE);
    }

    boolean hasOverflow() {
        return origin.domain() && directory.names().contains(OVERFLOW);
    }

    String path() {
        return queue.path().substring(0, queue.path().length() - QUEUE.length() - 1);
    }

    /** The status of {@code queue}: device and inode tell a directory from its copy. */
    FileStatus status() {
        return queue.status();
    }

    /** By its name, as a link to it may be left elsewhere. */
    boolean isRemoved() {
        FileStatus there = directory.status(QUEUE);
        return there == null || !there.sameFile(status());
    }

    /** How far the process is that has {@link #OPENING}: what it has read of the log so far. */
    record Progress(int pid, long bytes) {}

    void tell(long bytes) {
        ByteBuffer said = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
        queue.write(said.putLong(0, bytes).putInt(8, c.getpid()), PROGRESS);
    }

    Progress progress() {
        ByteBuffer said = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
        queue.read(said, PROGRESS);
        return new Progress(said.getInt(8), said.getLong(0));
    }

    /**
     * Is the log there, up to this offset? One that was put back from a copy ends earlier. A last word of 0 counts as
     * absent. A trailer is 0 for one record of 2^32, as its checksum then is: such a log counts as damaged or put back
     * if it ends there, which is accepted. Salvage has all of it.
     */
    boolean isWritten(long upTo) {
        if (upTo == 0) return true;
        ByteBuffer last = ByteBuffer.allocateDirect(Long.BYTES);
        if (segments.read(last, upTo - Long.BYTES)) return last.getLong(0) != 0; // a trailer or a HOP
        return segments.present().containsKey(upTo / segments.size); // the one before it may be removed
    }

    /** For people. */
    Map<String, Object> historyProperties() {
        Map<String, Object> properties = new LinkedHashMap<>();
        if (!origin.hasHistory()) return properties;
        properties.put(Settings.MAX_SIZE, origin.maxSize() == Settings.NO_LIMIT ? null : origin.maxSize());
        properties.put("keep", history.keep().text());
        if (!isReadOnly)
            properties.put(QueueReport.DISK_FREE, FileSystem.of(directory).freeBytes());
        Long oldest = segments.present().keySet().stream().findFirst().orElse(null);
        long since = oldest == null ? 0 : history.time(oldest);
        if (since != 0) properties.put("keptSince", Instant.ofEpochMilli(since).toString());
        return properties;
    }

    /** Null if there was none yet. */
    Life life() {
        if (life.isThere()) return Life.read(life.read());
        if (directory.names().stream().anyMatch(name -> name.startsWith(Segments.PREFIX)))
            throw new DamagedFileException(directory.in(Life.NAME) + " is missing, but there are files of a log");
        return null;
    }

    /** On the disk, too: segments go by them. The caller has {@link #USE} alone. */
    Places places() {
        placesNow(); // before anything is written
        places.logIfOneIsTorn(); // before it is written again
        return read(places.readSynced());
    }

    /** As they are, for a reader that changes nothing. */
    Places placesNow() {
        return read(places.read());
    }

    private Places read(ByteBuffer block) {
        return PlacesForm.read(block, directory.in(PlacesForm.NAME));
    }

    /**
     * A file that is missing, of those that have what is needed: files are made one after the other, so also before one
     * that is there, though nobody has synced it yet. Without a live part the next opening cuts what comes after the
     * bound: such files are there if a backup was copied over a newer log.
     *
     * @return null if all are there
     */
    String missing(boolean hasPart) {
        Places places = placesNow();
        TreeMap<Long, String> present = segments.present();
        long last = hasPart && !present.isEmpty() ? present.lastKey() * segments.size : 0;
        long end = Math.max(places.bound().offset(), last);
        for (long i = places.kept().offset() / segments.size; i * segments.size < end; i++) {
            boolean isThere = directory.status(segments.name(i)) != null;
            if (!isThere && placesNow().kept().offset() / segments.size <= i) return segments.path(i);
        }
        return null;
    }

    /** So that a full disk does not refuse what this queue needs to be opened. The caller has {@link #USE} alone. */
    void allocateAreas() {
        life.allocate();
        places.allocate();
    }

    /** At an opening. The caller has {@link #USE} alone. */
    void write(Places restored) {
        places.write(PlacesForm.write(restored));
    }

    /** For the first life: the caller has {@link #USE} alone. */
    void createPlaces(Places first) {
        if (places.isThere()) return; // a process was killed before it made the first life
        places.create(PlacesForm.write(first), origin.mode(status()), status());
        directory.sync();
    }

    /** When this returns no earlier live part is this directory's any more. The caller has {@link #USE} alone. */
    void write(Life next, boolean first) {
        if (!first) {
            life.write(next.write());
            return;
        }
        life.create(next.write(), origin.mode(status()), status());
        directory.sync();
    }

    /**
     * By a process whose queue is being closed. If no other one has it open, the log ends where {@code syncedUpTo}
     * says; below 0: not known, or not on the disk. Only then does a queue whose publishers do not wait keep its id.
     */
    synchronized void closesCleanly(LongSupplier syncedUpTo) {
        if (!locks.tryLock(OPENING)) return; // another process opens it
        try {
            if (!locks.tryLock(USE)) return;
            long end = syncedUpTo.getAsLong();
            if (end >= 0) write(life().closedAt(end), false);
            locks.tryLockShared(USE);
        } finally {
            locks.unlock(OPENING);
        }
    }

    /** A process has found the live part of this life. The caller has {@link #OPENING}. */
    void goesOn(Life life) {
        if (life.closedAt() != Life.OPEN) write(life.closedAt(Life.OPEN), false);
    }

    /** Temporary files of processes that were killed. The caller has {@link #USE} alone. */
    void removeTemporary() {
        for (String name : directory.names()) if (name.startsWith(TemporaryFile.PREFIX)) directory.unlink(name);
    }

    /** Does what {@link dev.belfry.shm.journal.LogFiles#storePlaces} says. */
    synchronized boolean storePlaces(Supplier<Places> places, boolean now) {
        if (!locks.tryLock(KEEPING)) return false;
        try {
            Places next = places.get();
            return next != null && store(next, now);
        } finally {
            locks.unlock(KEEPING);
        }
    }

    /**
     * The log that is not on the disk yet is kept, though all may have acknowledged it: it is still
     * to be synced. False: another process has kept what it read later.
     */
    private boolean store(Places asked, boolean now) {
        boolean isSyncedUpToThere = asked.kept().offset() <= asked.bound().offset();
        Places next = isSyncedUpToThere ? asked : new Places(asked.bound(), asked.bound(), asked.named());
        ByteBuffer newest = places.read();
        boolean isSynced = places.isSynced(newest);
        Places before = read(newest);
        boolean mayRemove = next.kept().offset() / segments.size > before.kept().offset() / segments.size;
        if (!now && !mayRemove || before.equals(next) && isSynced) return true;
        // Nothing may go back to what was removed: a process may have been stopped between its reads and here.
        if (before.kept().offset() > next.kept().offset()
                || before.bound().offset() > next.bound().offset()) return false;
        places.write(PlacesForm.write(next));
        segments.removeBelow(next.kept().offset());
        return true;
    }

    @Override
    public void close() {
        life.close();
        places.close();
        history.close();
        queue.close(); // the locks go
        directory.close();
    }
}
