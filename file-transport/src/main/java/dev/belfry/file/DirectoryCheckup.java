package dev.belfry.file;

import dev.belfry.api.MessageQueueException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Finding;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The faults of the directory of one queue, and the facts about its disk that matter. Changes nothing in its log. */
final class DirectoryCheckup {
    static final String DISK_FAILED = "disk-failed";
    private static final int SYNCS = 9;
    private static final int SYNCED = 4096;
    private static final long TOO_FAST = TimeUnit.MICROSECONDS.toNanos(5);
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(20);

    private final LibC c;
    private final String path;
    private final String uri;
    private final boolean isOpen;
    private final boolean deep;
    private final Runnable moves;
    private final QueueInspector.Progress told;
    private final List<Finding> found = new ArrayList<>();

    /** {@code moves}: is called after each read of the log and each sync. */
    DirectoryCheckup(LibC c, String path, boolean isOpen, boolean deep, Runnable moves, QueueInspector.Progress told) {
        this.c = c;
        this.path = path;
        this.uri = uri(path).toString();
        this.isOpen = isOpen;
        this.deep = deep;
        this.moves = moves;
        this.told = told;
    }

    List<Finding> run() {
        try (LogDirectory files = files(c, path)) {
            Unseen ended = Unseen.ended(files);
            if (ended != null) problem(DISK_FAILED, ended.what(), ended.remedy());
            log(files);
            if (ended == null && !isOpen && !isBeingOpened(files) && !isOpenUnseen(files)) unattended(files);
            names(files);
            liveParts(files);
            disk(files);
        } catch (MessageQueueException refused) {
            problem("directory", refused.getMessage(), "");
        } catch (PosixException failed) {
            problem("directory", failed.getMessage(), "Check the disk, and the permissions of " + path + ".");
        }
        return found;
    }

    static QueueUri uri(String path) {
        return new QueueUri("file", path, Map.of());
    }

    /** The directory of a queue that is there. */
    static LogDirectory files(LibC c, String path) {
        String uri = uri(path).toString();
        try {
            Directory directory = Directory.open(c, path);
            LogDirectory files = directory == null ? null : LogDirectory.open(c, directory);
            if (files != null) return files;
            if (directory != null) directory.close();
        } catch (PosixException | DamagedFileException refused) {
            throw Failures.of(refused, uri);
        }
        throw Errors.notFound(uri, path, "'ls' shows what is there.");
    }

    private void problem(String check, String what, String remedy) {
        found.add(Finding.problem(check, uri, what, remedy));
    }

    private void information(String check, String what, String remedy) {
        found.add(Finding.information(check, uri, what, remedy));
    }

    private void note(String check, String what, String remedy) {
        found.add(Finding.note(check, uri, what, remedy));
    }

    /** If it is deep, each record is proven from the first that is kept. */
    private void log(LogDirectory files) {
        try {
            Life life = files.life();
            if (life == null) {
                found.add(Finding.ok("log", uri, "nothing was ever published in it"));
                return;
            }
            long bytes = deep ? proven(files) : 0;
            String damage = deep || isOpen ? null : new ClosedQueue(files, moves).damage();
            String missing = files.missing(Door.hasPart(files) || Unseen.of(files) != null);
            if (damage != null) damaged(damage);
            else if (missing != null)
                problem(
                        "missing-file",
                        missing + " is missing: a reader that comes to it gets an exception, and all others go on",
                        "Put it back from a copy of the directory, or let each subscription that needs it pass over what it"
                                + " has not read: 'belfry subs " + uri + "' shows them.");
            for (long index : files.segments.present().keySet()) {
                DiskFile segment = files.segments.open(index);
                if (segment != null) segment.close();
                moves.run();
            }
            found.add(Finding.ok(
                    "log",
                    uri,
                    "life " + life.number() + ", " + files.segments.present().size() + " segments of "
                            + Units.size(files.segments.size)
                            + (deep ? "; all of " + Units.size(bytes) + " is as it was written" : "")));
        } catch (DamagedLogException damaged) {
            damaged(damaged.getMessage());
        } catch (DamagedFileException damaged) {
            problem("damaged-log", damaged.getMessage(), copyOrSalvage());
        }
    }

    private void damaged(String what) {
        problem("damaged-log", what, "Opened now, it can be read up to there. " + copyOrSalvage());
    }

    private String copyOrSalvage() {
        String to = ShellWords.of(path + ".salvaged");
        return "Put back a copy of the directory, or take out what is proven: 'belfry salvage " + uri + " " + to + "'.";
    }

    /** All others wait for that process, also one that would end a subscription. */
    private boolean isBeingOpened(LogDirectory files) {
        if (files.locks.probe(LogDirectory.OPENING) == ByteRangeLock.Holder.NOBODY) return false;
        LogDirectory.Progress by = files.progress();
        String what = ProgramName.withPid(by.pid()) + " opens it, and has read " + Units.size(by.bytes())
                + " of its log: others wait until it has";
        String stopped = Errors.stoppedIf(by.pid());
        String kill = " 'kill -KILL " + by.pid() + "' ends it: the next one opens it.";
        if (!stopped.isEmpty())
            found.add(new Finding("opening", Finding.Level.STUCK, uri, what, stopped.strip() + kill, false));
        else if (ProgramName.isDebugged(by.pid()))
            note("opening", what, "A Java debugger may have suspended it: let it go on there." + kill);
        else note("opening", what, "'jstack " + by.pid() + "' shows what it does.");
        return true;
    }

    private boolean isOpenUnseen(LogDirectory files) {
        Unseen unseen = Unseen.of(files);
        if (unseen != null) problem("live-part", unseen.what(), unseen.remedy());
        return unseen != null;
    }

    /** Names those that {@code health} counts, too. A queue that is open is told of by its live part. */
    private void unattended(LogDirectory files) {
        try {
            if (files.life() == null || files.origin.domain()) return;
            Places places = files.placesNow();
            List<String> alone = places.named().stream()
                    .filter(each -> each.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER
                            || each.acknowledged().position() < places.bound().position())
                    .map(Places.Named::name)
                    .filter(name -> !name.equals(ShellWords.OVERFLOW)) // it has no reader
                    .toList();
            if (alone.isEmpty()) return;
            String first = alone.get(0);
            String others = alone.size() == 1 ? "" : " and " + Units.number(alone.size() - 1) + " other subscriptions";
            String end = others.isEmpty() ? ShellWords.of(first) : "--match \"*\" --dry-run";
            note(
                    "unattended",
                    "no process is attached to '" + first + "'" + others,
                    start(first) + ", or end it: 'belfry unsubscribe " + uri + ' ' + end + "'.");
        } catch (DamagedFileException damaged) {
            // told with the log
        }
    }

    private String start(String subscription) {
        String bridged = ShellWords.targetOfBridge(subscription);
        if (bridged != null)
            return "Start the bridge again, with the options that it had: 'belfry bridge " + uri + " " + bridged + "'";
        return ShellWords.MOVE.equals(subscription)
                ? "It keeps what 'belfry jms move' took out of a domain: move that back ('belfry jms move --help')"
                : "Start its subscriber";
    }

    /** If the queue is open, a segment may go between two reads: then it is read again. */
    private long proven(LogDirectory files) {
        for (int tries = 0; ; tries++) {
            Places places = files.placesNow();
            long kept = places.bound().offset() - places.kept().offset();
            try {
                return new Recovery(files, places, 0, Recovery.PIECE)
                                .observing(done -> {
                                    moves.run();
                                    told.at(uri, done, Math.max(done, kept));
                                })
                                .scan()
                                .offset()
                        - places.kept().offset();
            } catch (DamagedLogException damaged) {
                if (tries == 3 || files.placesNow().kept().equals(places.kept())) throw damaged;
            }
        }
    }

    private void names(LogDirectory files) {
        for (String name : files.directory.names()) {
            if (name.startsWith(Recovery.CUT))
                information(
                        "cut",
                        path + "/" + name + " has what an opening cut away: it was not on the disk yet, and nothing"
                                + " reads it",
                        "Remove it when you like.");
            else if (name.startsWith(TemporaryFile.PREFIX) && !isOpen)
                information(
                        "temporary-file",
                        path + "/" + name + " was left by a process that was killed",
                        "The next opening removes it.");
            else if (LogDirectory.isSetAside(name))
                information(
                        "set-aside",
                        path + "/" + name + " is left of a domain that was deleted here, by a process that was killed",
                        "'rm -r " + ShellWords.of(path + "/" + name) + "' removes it; so does the next delete.");
        }
        List<String> strangers = files.strangers();
        if (!strangers.isEmpty())
            note("strangers", "the directory holds files of another program: " + strangers, "Move them elsewhere.");
    }

    private void liveParts(LogDirectory files) {
        for (LivePart.There part : LivePart.find(Door.name(files), Door.prefix(files)))
            if (!part.isIt())
                information(
                        "live-part",
                        part.path() + " is of a copy of this directory" + (part.isOpen() ? ", which is open" : ""),
                        part.isOpen() ? "Close it before you open this one." : "Remove it if there is no such copy.");
    }

    private void disk(LogDirectory files) {
        String other = Door.otherFileSystem(files.directory);
        if (other != null)
            information(
                    "file-system",
                    "it is " + other + ", which may lose what it says it has synced",
                    "Move it to ext4.");
        long free = FileSystem.of(files.directory).freeBytes();
        if (free < 2 * files.segments.size)
            problem(
                    "disk-full",
                    "its disk has " + Units.size(free) + " free, and a new segment is made only where two of "
                            + Units.size(files.segments.size) + " fit",
                    "Make room on that disk.");
        else found.add(Finding.ok("disk", uri, Units.number(free >> 20) + " MiB are free"));
        if (files.isReadOnly)
            problem(
                    "read-only",
                    "its file system cannot be written: nothing is published or acknowledged",
                    "Mount it for writing, and open it again.");
    }

    /** The time that a sync takes; nothing of a directory that cannot be read, or written at all. */
    List<Finding> measured() {
        try (LogDirectory files = files(c, path)) {
            if (!files.isReadOnly) sync(files);
        } catch (MessageQueueException told) {
            return List.of();
        } catch (PosixException failed) {
            problem("directory", failed.getMessage(), "Check the disk, and the permissions of " + path + ".");
        }
        return found;
    }

    /** The median, in a file of its own. */
    private void sync(LogDirectory files) {
        long[] nanos = new long[SYNCS];
        String name = TemporaryFile.PREFIX + "doctor" + ProcessHandle.current().pid();
        try (DiskFile file = files.directory.create(name)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(SYNCED);
            for (int i = 0; i < SYNCS; i++) {
                bytes.put(0, (byte) (i + 1));
                long began = System.nanoTime();
                file.write(bytes, 0);
                file.syncData();
                nanos[i] = System.nanoTime() - began;
                moves.run();
            }
        } finally {
            files.directory.unlink(name);
        }
        Arrays.sort(nanos);
        long median = nanos[SYNCS / 2];
        String what = "a sync takes " + Units.number(median / 1_000) + " µs";
        if (median < TOO_FAST)
            note("sync", what + ": no disk is so fast, so it may lie in memory", "Ask whoever runs that disk.");
        else if (median > SLOW) note("sync", what + ", and each publish alone as long", "Use a faster disk.");
        else found.add(Finding.ok("sync", uri, what));
    }
}
