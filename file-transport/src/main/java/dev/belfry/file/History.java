package dev.belfry.file;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.posix.Clocks;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.spi.Units;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code history}: what the files of the log are kept for, and when the log had come to each of them. A loss
 * here only keeps more.
 *
 * <pre>
 *   0            a block: the text of {@link Keep}
 *   256          a block: {@link Clock}
 *   512 + 16 n   of the file with number n: a time, and the same with a stamp; zeros: not known
 * </pre>
 *
 * The time of a file, in milliseconds since 1970, is the greatest that the clock has shown when the log came to it,
 * since it came to the last file before it whose time is known. So no message before a file has a timestamp that is
 * greater than all times up to that of the file, also if the clock was set back.
 */
final class History implements AutoCloseable {
    static final String NAME = "history";

    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final Block KIND = new Block("BelfryHi", 2);
    private static final int BLOCK = 256;
    private static final int TIMES = 2 * BLOCK;
    private static final int ENTRY = 16;

    private final Directory directory;
    private final Origin origin;
    private final FileStatus owner;
    private final boolean writable;
    private final LibC c;
    private DiskFile file; // null: not opened yet

    // Used by the thread that keeps the files
    private long noted = -1; // the number of the file whose time this process has seen last
    private Clock clock; // null: before the first turn
    private Clock kept; // what the file has of it; null: not known
    private boolean hasFailed; // and that was logged

    History(LibC c, Directory directory, Origin origin, FileStatus owner, boolean writable) {
        this.c = c;
        this.directory = directory;
        this.origin = origin;
        this.owner = owner;
        this.writable = writable;
    }

    /** Null: it was not made yet. */
    private synchronized DiskFile file() {
        if (file == null) file = directory.open(NAME, writable);
        return file;
    }

    /** All, if it is torn, or was written at this moment: nothing goes. */
    Keep keep() {
        Keep whole = whole();
        return whole == null ? Keep.ALL : whole;
    }

    /** @return all as well if it cannot be read */
    Keep keepOrAll() {
        Keep whole = wholeOrNull();
        return whole == null ? Keep.ALL : whole;
    }

    /** @return null if it is torn, was written at this moment, or cannot be read */
    Keep wholeOrNull() {
        try {
            return whole();
        } catch (PosixException | IncompatibleVersionException refused) {
            return null;
        }
    }

    private Keep whole() {
        DiskFile there = file();
        if (there == null) return Keep.NEEDED;
        ByteBuffer read = KIND.open(read(there, 0, BLOCK), there.path());
        if (read == null) return null;
        byte[] text = new byte[read.remaining()];
        read.get(text);
        String kept = new String(text, StandardCharsets.UTF_8);
        try {
            return Keep.parse(kept);
        } catch (IllegalArgumentException newer) {
            throw new IncompatibleVersionException(there.path() + " keeps '" + Units.printable(kept)
                    + "', which this library does not know. Upgrade.");
        }
    }

    /** Refuses what only a later release knows, so that nothing of it is changed. */
    void requireKnown() {
        try {
            whole();
        } catch (PosixException unread) {
            LOG.debug("{} cannot be read, so nothing goes by it: {}", directory.in(NAME), unread.getMessage());
        }
    }

    /** As a queue is made or opened: false if it keeps something else. {@code isNew}: it was never opened. */
    boolean begin(Keep asked, boolean isNew) {
        if (isNew) makeIfMissing(asked);
        return keep().equals(asked);
    }

    /** On the disk when this returns. Each process finds it at its next turn. */
    void keep(Keep next) {
        requireKnown();
        makeIfMissing(next);
        file().write(block(next), 0);
        file().syncData();
    }

    /** A file that another process has made meanwhile stays: it may have been asked for something else. */
    private void makeIfMissing(Keep first) {
        if (file() != null) return;
        TemporaryFile.link(directory, NAME, made -> {
            made.setAccess(origin.mode(owner), owner);
            made.write(block(first), 0);
            made.syncData();
        });
        directory.sync();
        if (file() == null) throw PosixException.refused("open", directory.in(NAME), "it was removed meanwhile");
    }

    private ByteBuffer block(Keep kept) {
        ByteBuffer block = Block.begin(BLOCK).put(kept.text().getBytes(StandardCharsets.UTF_8));
        return KIND.seal(block, 0, origin.logId());
    }

    /** For a copy of the directory. */
    void copyTo(History other) {
        DiskFile there = file();
        if (there == null) return;
        other.keep(keep());
        ByteBuffer times = read(there, BLOCK, (int) Math.max(0, there.status().size() - BLOCK));
        other.file().write(times, BLOCK);
        other.file().syncData();
    }

    /** As {@link LogFiles#keptFrom}. */
    long keptFrom(long floor, long end, boolean givesWay) {
        if (givesWay) return keepOrAll().isAll() ? 0 : Long.MAX_VALUE;
        Keep keep = Keep.ALL; // as long as it cannot be read
        try {
            findAgain();
            Keep whole = whole();
            if (whole != null) keep = whole;
            Clocks now =
                    clock == null ? Clocks.now(c) : Clocks.now(c, clock.read().boot());
            readClock(now);
            note(end / origin.segmentSize());
            keepClock();
            if (whole == null) warn(directory.in(NAME) + " is torn: 'belfry keep' writes it again");
            else hasFailed = false;
        } catch (PosixException | IncompatibleVersionException refused) {
            warn(refused.getMessage());
        }
        if (keep.isAll()) return 0; // no time is read: perhaps it cannot be
        if (keep.equals(Keep.NEEDED)) return Long.MAX_VALUE;
        long bySize = keep.bytes() == 0 ? 0 : Math.max(0, end - keep.bytes());
        boolean goesByAge = keep.millis() != 0 && clock != null && !clock.isDoubted();
        long byAge = goesByAge ? notBefore(clock.read().wallMillis() - keep.millis(), floor, end) : 0;
        return Math.max(bySize, byAge);
    }

    private void readClock(Clocks now) {
        if (clock == null) kept = clockInFile();
        Clock before = clock == null ? kept : clock;
        clock = before == null ? Clock.begin(now) : before.at(now);
        boolean hasJumped = before != null && before.isOfBoot(now) && clock.doubtedUntil() != before.doubtedUntil();
        if (hasJumped)
            LOG.warn(
                    "{}: the clock went forward by {} s: for an hour nothing is removed by its age",
                    directory.in(NAME),
                    TimeUnit.MILLISECONDS.toSeconds(before.gained(now)));
    }

    private void keepClock() {
        if (kept == null || kept.isOutdatedBy(clock)) write(clock);
    }

    /** Not synced: what a loss of power leaves of it was true before. */
    private void write(Clock next) {
        ByteBuffer block = Block.begin(Clock.SIZE);
        next.write(block);
        file().write(KIND.seal(block, 0, origin.logId()), BLOCK);
        kept = next;
    }

    /** @return null if it was not kept yet, or is torn */
    private Clock clockInFile() {
        DiskFile there = file();
        ByteBuffer block = there == null ? null : KIND.open(read(there, BLOCK, BLOCK), there.path());
        return block == null ? null : Clock.read(block);
    }

    /** Once, until it works again. */
    private void warn(String why) {
        if (!hasFailed) LOG.warn("{}. What is kept for nobody may stay until that works again", why);
        hasFailed = true;
    }

    /** It may have been removed, and made again by another process. */
    private synchronized void findAgain() {
        FileStatus there = file == null ? null : directory.status(NAME);
        if (file == null || there != null && there.sameFile(file.status())) return;
        file.close();
        file = null;
        noted = -1;
        kept = null;
    }

    /** As {@link LogFiles#notBefore}. */
    long notBefore(long millis, long floor, long end) {
        long from = floor;
        for (long n = floor / origin.segmentSize() + 1; n <= end / origin.segmentSize(); n++) {
            long time = time(n);
            if (time >= millis) break;
            if (time != 0) from = n * origin.segmentSize();
        }
        return from;
    }

    /** The log has come to this file. */
    private void note(long number) {
        if (number == noted) return;
        makeIfMissing(Keep.NEEDED);
        boolean begins = time(number) == 0;
        if (begins) write(number, entry().putLong(clock.greatest()).putLong(clock.greatest() ^ stamp(number)));
        if (begins || noted != -1) {
            clock = clock.inNextFile();
            write(clock);
        }
        noted = number;
    }

    /** An opening has cut the log in the file before this one: these times are of a log that is not there any more. */
    void cutFrom(long number) {
        DiskFile there = file();
        if (there == null) return;
        long end = there.status().size();
        Clock known = clockInFile();
        for (long n = number; TIMES + n * ENTRY < end; n++) {
            long time = time(n);
            if (time == 0) continue;
            if (known != null) write(known = known.atLeast(time)); // what is before the cut may be as new
            there.syncData();
            write(n, entry().position(ENTRY));
        }
    }

    private void write(long number, ByteBuffer entry) {
        file().write(entry.flip(), TIMES + number * ENTRY);
        file().syncData();
    }

    private static ByteBuffer entry() {
        return ByteBuffer.allocateDirect(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** When the log had come to this file, in milliseconds; 0: not known. */
    long time(long number) {
        DiskFile there = file();
        if (there == null) return 0;
        ByteBuffer entry = read(there, TIMES + number * ENTRY, ENTRY);
        boolean isWhole = entry.limit() == ENTRY && entry.getLong(8) == (entry.getLong(0) ^ stamp(number));
        return isWhole ? entry.getLong(0) : 0;
    }

    private long stamp(long number) {
        return origin.logId().getMostSignificantBits() + number;
    }

    private static ByteBuffer read(DiskFile from, long at, int length) {
        ByteBuffer into = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        from.read(into, at);
        return into.flip();
    }

    @Override
    public synchronized void close() {
        if (file != null) file.close();
    }
}
