package dev.belfry.file;

import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.Units;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens, creates and deletes the queue of one directory. Which live part counts: the one that holds the token of
 * {@code life} and the device and inode of {@code queue}. Any other of that name is of an earlier life, so it is set
 * aside.
 */
final class Door {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    private static final int MOST_TRIES = 1000;
    private static final int MOST_READS = 20;
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int SLICES = 2000; // 10 s
    private static final int SLICES_OF_A_CLOSE = 200;

    /** File systems of linux/magic.h that sync as they say. */
    private static final Map<Long, String> KNOWN = Map.of(
            0xEF53L, "ext4",
            0x58465342L, "xfs",
            0x9123683EL, "btrfs",
            0xF2F52010L, "f2fs",
            0x2FC12FC1L, "zfs");

    private static final Map<Long, String> OTHERS = Map.of(
            0x01021994L, "tmpfs",
            0x794C7630L, "overlay",
            0x65735546L, "FUSE",
            0x6969L, "NFS",
            0xFF534D42L, "CIFS",
            0xFE534D42L, "SMB",
            0x01021997L, "9p");

    private final LibC c;
    private final URI uri;
    private final String path;
    private boolean made; // the directory, by this call
    private boolean created; // the queue in it, by this call
    private boolean isPutBack; // from a copy, as this call has found

    Door(LibC c, URI uri, String path) {
        this.c = c;
        this.uri = uri;
        this.path = path;
    }

    MessageQueue open(QueueConfig config, Settings settings) {
        try {
            return openOrCreate(config, settings);
        } catch (PosixException e) {
            throw Failures.of(e, uri.toString());
        } catch (DamagedFileException damaged) {
            throw Failures.of(damaged, uri.toString());
        }
    }

    private MessageQueue openOrCreate(QueueConfig config, Settings settings) {
        Create create = QueueSettings.create(config);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Directory directory = Directory.open(c, path);
            if (directory == null) {
                if (Files.isSymbolicLink(Path.of(path))) throw linkToNothing();
                if (create == Create.OPEN_EXISTING) throw notFound();
                makeDirectory(settings);
                continue;
            }
            LogDirectory files = null;
            try {
                files = LogDirectory.open(c, directory);
                if (files == null || !files.isReadOnly) requireKnown(directory, settings);
                if (files == null) {
                    if (create == Create.OPEN_EXISTING) throw notFound();
                    createQueue(directory, settings);
                    continue;
                }
                if (create == Create.CREATE_NEW && !created) throw Errors.exists(uri.toString(), path);
                settings.requireCompatible(uri.toString(), files.origin, config);
                MessageQueue queue = openLocked(files, settings);
                if (queue == null) continue; // it was deleted meanwhile
                files = null;
                directory = null;
                return queue;
            } catch (Throwable failed) {
                if (files != null && created) removeAll(files);
                throw failed;
            } finally {
                if (files != null) files.close();
                else if (directory != null) directory.close();
            }
        }
        throw Errors.stepInProgress(uri.toString(), "other processes, which delete and create it again and again");
    }

    private RuntimeException notFound() {
        return Errors.notFound(uri.toString(), path, "Create it first, or open it with CREATE_OR_OPEN.");
    }

    private RuntimeException linkToNothing() {
        return Errors.incompatible("'" + uri + "': " + path + " is a symbolic link to a directory that is not there."
                + " Make that directory, or remove the link.");
    }

    private void makeDirectory(Settings settings) {
        String parent = path.lastIndexOf('/') == 0 ? "/" : path.substring(0, path.lastIndexOf('/'));
        try (Directory above = Directory.open(c, parent)) {
            if (above == null)
                throw Errors.notFound(
                        uri.toString(), parent, "That directory is missing: make it, or choose another path.");
            requireKnown(above, settings);
            made |= Directory.make(c, path, directoryMode(settings));
            above.sync();
        }
    }

    private static int directoryMode(Settings settings) {
        int mode = settings.queue().mode();
        return mode | mode >> 2 & 0111;
    }

    private void requireKnown(Directory directory, Settings settings) {
        String other = otherFileSystem(directory);
        if (settings.anyFileSystem() || other == null) return;
        throw Errors.incompatible("'" + uri + "' would lie on a file system that is " + other
                + ", which may lose what it says it has synced. Choose a directory on ext4, xfs, btrfs, f2fs or zfs,"
                + " or give anyFileSystem=true if you know it better.");
    }

    /** Null: one that syncs as it says. */
    static String otherFileSystem(Directory directory) {
        long kind = FileSystem.of(directory).kind();
        return KNOWN.containsKey(kind) ? null : OTHERS.getOrDefault(kind, "of type 0x" + Long.toHexString(kind));
    }

    private void createQueue(Directory directory, Settings settings) {
        List<String> strangers = LogDirectory.strangers(directory.names());
        if (!strangers.isEmpty())
            throw Errors.incompatible("'" + uri + "' is not a queue of Belfry: " + path + " holds files of another"
                    + " program, such as '" + strangers.get(0) + "'. Choose a directory that is empty, or a new one.");
        if (made) directory.setAccess(directoryMode(settings), -1); // whatever the umask
        created |= LogDirectory.create(c, directory, settings.origin(), -1);
    }

    /** Null: it was deleted meanwhile. The queue owns the files once it is returned. */
    private MessageQueue openLocked(LogDirectory files, Settings settings) {
        if (files.isReadOnly) return readOnly(files, settings);
        await(files);
        try {
            if (files.status().links() == 0) return null;
            files.tell(0);
            String name = name(files);
            String copies = prefix(files);
            QueueFiles queue = new QueueFiles(files);
            Life life = files.life();
            boolean isAlone = files.locks.tryLock(LogDirectory.USE);
            if (isAlone) files.removeTemporary(); // of processes that ended in the middle
            if (life != null && files.locks.tryLockShared(LogDirectory.USE)) {
                MessageQueue there = join(files, life, queue, settings, isAlone);
                if (there != null) return goesOn(files, life, there, name, copies);
            }
            if (!isAlone(files)) throw inUseElsewhere();
            requireNoCopy(name, copies);
            return goesOn(files, null, restore(files, queue, settings), name, copies);
        } catch (DamagedLogException damaged) {
            if (files.origin.domain()) throw damaged;
            return readOnly(files, settings);
        } finally {
            files.locks.unlock(LogDirectory.OPENING);
        }
    }

    /** Null: there is no live part, or none that counts. One that no process has open is to fit to its files. */
    private MessageQueue join(LogDirectory files, Life life, QueueFiles queue, Settings settings, boolean isAlone) {
        try {
            return LivePart.open(
                    spec(files, life, settings),
                    kindOf(files.origin),
                    queue,
                    upTo -> !isAlone || isWritten(files, upTo));
        } catch (QueueCorruptedException | IncompatibleQueueException unreadable) {
            // Without a sync at each publish that part may have messages which are in no file yet.
            boolean isOfAnotherVersion = unreadable instanceof IncompatibleVersionException;
            if (!isAlone || isOfAnotherVersion && !files.origin.syncAlways()) throw unreadable;
            LOG.warn(
                    "'{}': what is left of it in /dev/shm cannot be read, and is made again of its files: {}",
                    uri,
                    unreadable.getMessage());
            return null;
        }
    }

    private boolean isWritten(LogDirectory files, long upTo) {
        boolean isWritten = files.isWritten(upTo);
        isPutBack = !isWritten;
        if (isPutBack) LOG.warn("'{}' was put back from a copy: it goes on where that ends", uri);
        return isWritten;
    }

    /** All else was compared with what the directory says: the ring of a live part may have begun larger. */
    private static QueueConfig kindOf(Origin origin) {
        QueueConfig.Builder kind = QueueConfig.builder();
        if (origin.domain()) kind.attribute(Log.KIND, Log.DOMAIN);
        return kind.build();
    }

    private MessageQueue restore(LogDirectory files, QueueFiles queue, Settings settings) {
        Restored restored = Restored.of(files, Recovery.PIECE, isPutBack);
        LivePart.Spec spec = spec(files, restored.life, settings);
        LivePart.setAside(spec.name());
        try (LivePart part =
                LivePart.create(spec, queue, restored.start(), restored.end.offset(), restored.readyUpTo)) {
            restored.refill(part::refill);
            restored.named().forEach(part::named);
            // Before others find it: from then on each process that has it open shares this.
            files.locks.tryLockShared(LogDirectory.USE);
            MessageQueue linked = part.link();
            if (linked == null)
                throw Errors.stepInProgress(uri.toString(), "another process, which has its name in /dev/shm,");
            return linked;
        }
    }

    /** A process that sees it by another mount may write it, and remove what is not needed: then it is read again. */
    private MessageQueue readOnly(LogDirectory files, Settings settings) {
        if (files.origin.domain()) throw readOnly(files, (DamagedLogException) null);
        for (int tries = 1; ; tries++) {
            try {
                return readOnlyNow(files, settings);
            } catch (DamagedFileException changed) {
                if (tries == MOST_READS) throw changed;
            }
        }
    }

    /** Nothing but the memory of this process has it then. */
    private MessageQueue readOnlyNow(LogDirectory files, Settings settings) {
        Restored restored = Restored.readOnly(files, Recovery.PIECE);
        LivePart.Spec spec = spec(files, restored.life, settings);
        DamagedLogException damage = restored.damage;
        LivePart.ReadOnly reasons = new LivePart.ReadOnly(
                () -> readOnly(files, damage), damage == null ? null : () -> readOnly(files, damage));
        try (LivePart part = LivePart.create(
                spec, new QueueFiles(files), restored.start(), restored.end.offset(), restored.readyUpTo)) {
            restored.refill(part::refill);
            restored.named().forEach(part::named);
            LOG.warn(reasons.refusal().get().getMessage());
            MessageQueue queue = part.readOnly(reasons);
            files.close();
            return queue;
        }
    }

    private MessageQueueException readOnly(LogDirectory files, DamagedLogException damage) {
        String what = "'" + uri + "' is open for reading only: ";
        return damage != null
                ? new QueueCorruptedException(
                        what + damage.getMessage() + ". Nothing was changed, and what is acknowledged is not kept. Read"
                                + " what is before it, then put back a copy of the directory, or begin with a new one.",
                        damage)
                : new QueueAccessDeniedException(
                        what + "the file system of " + files.path()
                                + " cannot be written. Nothing new is seen, and what"
                                + " is acknowledged is not kept. Mount it for writing, and open it again.",
                        null);
    }

    /** {@code life}: that it goes on with; null: a new one. */
    private MessageQueue goesOn(LogDirectory files, Life life, MessageQueue queue, String name, String copies) {
        try {
            requireNoCopy(name, copies); // again: both may have been opened at once
            if (life != null) files.goesOn(life);
            return queue;
        } catch (Throwable refused) {
            queue.close();
            throw refused;
        }
    }

    /** One log, two directories: what both publish has the same positions and the same id. */
    private void requireNoCopy(String name, String copies) {
        for (LivePart.There other : LivePart.find(name, copies)) {
            if (other.isIt() || !other.isOpen()) continue;
            throw Errors.incompatible("'" + uri + "' is a copy of a queue that is open at this moment, or its original:"
                    + " " + other.path() + " is that of the other directory. Both would give out the same positions."
                    + " Close the other one first.");
        }
    }

    private RuntimeException inUseElsewhere() {
        return Errors.incompatible("'" + uri + "' is open in processes whose shared memory this one does not see: they"
                + " are in another container, or the disk has failed them and they are still open. Close it there"
                + " first, or let all have one /dev/shm.");
    }

    /** A queue that was closed keeps its files until the last thread in it has left: that is not long. */
    private static boolean isAlone(LogDirectory files) {
        for (int i = 0; i < SLICES_OF_A_CLOSE; i++) {
            if (files.locks.tryLock(LogDirectory.USE)) return true;
            LockSupport.parkNanos(SLICE_NANOS);
        }
        return files.locks.tryLock(LogDirectory.USE);
    }

    /** A process that opens it scans the log: as long as that moves it is waited for. */
    private void await(LogDirectory files) {
        LogDirectory.Progress last = files.progress();
        for (int i = 0; !files.locks.tryLock(LogDirectory.OPENING); i++) {
            if (i == SLICES) {
                LogDirectory.Progress now = files.progress();
                if (now.equals(last))
                    throw Errors.stepInProgress(uri.toString(), "pid " + now.pid() + ", which opens it,");
                LOG.info("'{}': pid {} opens it, and has read {} of its log", uri, now.pid(), Units.size(now.bytes()));
                last = now;
                i = 0;
            }
            if (Thread.currentThread().isInterrupted())
                throw Errors.interrupted("another process that opens '" + uri + "'");
            LockSupport.parkNanos(SLICE_NANOS);
        }
    }

    private LivePart.Spec spec(LogDirectory files, Life life, Settings settings) {
        Origin origin = files.origin;
        FileStatus status = files.status();
        return new LivePart.Spec(
                name(files),
                uri,
                origin.logId(),
                life.token(),
                life.queueId(),
                life.number(),
                status.device(),
                status.inode(),
                origin.settings(),
                origin.slots(),
                origin.domain(),
                origin.syncAlways(),
                settings.flushNanos());
    }

    /** A copy of the directory has another. */
    static String name(LogDirectory files) {
        return prefix(files) + Long.toHexString(files.status().inode());
    }

    static String prefix(LogDirectory files) {
        return files.origin.logId().toString().replace("-", "");
    }

    /** Removes the files that this call has created. */
    private void removeAll(LogDirectory files) {
        try {
            if (!files.locks.tryLock(LogDirectory.OPENING) || !files.locks.tryLock(LogDirectory.USE)) return;
            if (!isEmpty(files)) return;
            remove(files);
            if (made) Directory.remove(c, path);
        } catch (RuntimeException stays) {
            // the first failure is told
        }
    }

    /** Nothing was ever published here, by no process that has found it meanwhile. */
    private static boolean isEmpty(LogDirectory files) {
        boolean isLive = LivePart.find(name(files), prefix(files)).stream().anyMatch(LivePart.There::isIt);
        if (isLive) return false;
        if (files.life() == null) return true;
        return new Recovery(files, files.placesNow(), 0, Recovery.PIECE).scan().offset() == 0;
    }

    /** {@code queue} last: without it the others are another program's. */
    private static void remove(LogDirectory files) {
        LivePart.setAside(name(files));
        for (String name : files.directory.names()) if (!name.equals(LogDirectory.QUEUE)) files.directory.unlink(name);
        files.directory.unlink(LogDirectory.QUEUE);
        files.directory.sync();
    }

    /** False: there is none. */
    boolean delete() {
        try {
            LogDirectory files = null;
            try (Directory directory = Directory.open(c, path)) {
                if (directory == null) return false;
                files = LogDirectory.open(c, directory);
                if (files == null) return false;
                if (!LogDirectory.strangers(directory.names()).isEmpty())
                    throw Errors.incompatible(
                            "'" + uri + "' stays: " + path + " holds files of another program, such" + " as '"
                                    + LogDirectory.strangers(directory.names()).get(0) + "'. Remove them first.");
                await(files);
                if (files.status().links() == 0) return false;
                if (!isAlone(files)) throw Errors.queueInUse(uri.toString(), List.of());
                remove(files);
                Directory.remove(c, path);
                return true;
            } finally {
                if (files != null) files.close();
            }
        } catch (PosixException e) {
            throw Failures.of(e, uri.toString());
        } catch (DamagedFileException damaged) {
            throw Failures.of(damaged, uri.toString());
        }
    }
}
