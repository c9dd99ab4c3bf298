package dev.belfry.file;

import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code history}: what the files of the log are kept for, and when the log had come to each of them. All that
 * lies before a file was published before its time. A time that is not known is one of the next file that has one, so
 * what is lost here only keeps more.
 *
 * <pre>
 *   0            a block: the text of {@link Keep}
 *   256 + 16 n   of the file with number n: milliseconds since 1970, and the same with a stamp; zeros: not known
 * </pre>
 */
final class History implements AutoCloseable {
    static final String NAME = "history";

    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final Block KIND = new Block("BelfryHi");
    private static final int FRONT = 256;
    private static final int ENTRY = 16;
    private static final long JUMP_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final Directory directory;
    private final Origin origin;
    private final FileStatus owner;
    private final boolean writable;
    private DiskFile file; // null: not opened yet
    private long noted = -1; // the number of the file whose time this process has seen last

    // The wall clock against the steady one; of the keeper's thread
    private long wallMillis; // 0: before the first turn
    private long steadyNanos;
    private long jumpedNanos;
    private boolean hasJumped;
    private boolean hasFailed; // and that was logged

    History(Directory directory, Origin origin, FileStatus owner, boolean writable) {
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

    private Keep whole() {
        DiskFile there = file();
        if (there == null) return Keep.NEEDED;
        ByteBuffer read = KIND.open(read(there, 0, FRONT), there.path());
        if (read == null) return null;
        byte[] text = new byte[read.remaining()];
        read.get(text);
        try {
            return Keep.parse(new String(text, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException ofALaterVersion) {
            return Keep.ALL;
        }
    }

    /** As a queue is made or opened: false if it keeps something else. {@code isNew}: it was never opened. */
    boolean begin(Keep asked, boolean isNew) {
        if (isNew) makeIfMissing(asked);
        return keep().equals(asked);
    }

    /** On the disk when this returns. Each process finds it at its next turn. */
    void keep(Keep next) {
        makeIfMissing(next);
        file().write(block(next), 0);
        file().syncData();
    }

    /** A file that another process has made meanwhile stays: it may have been asked for something else. */
    private void makeIfMissing(Keep first) {
        if (file() != null) return;
        TemporaryFile.link(directory, NAME, made -> {
            made.setAccess(origin.mode(), owner);
            made.write(block(first), 0);
            made.syncData();
        });
        directory.sync();
    }

    private ByteBuffer block(Keep kept) {
        ByteBuffer block = Block.begin(FRONT).put(kept.text().getBytes(StandardCharsets.UTF_8));
        return KIND.seal(block, 0, origin.logId());
    }

    /** For a copy of the directory. */
    void copyTo(History other) {
        DiskFile there = file();
        if (there == null) return;
        other.keep(keep());
        ByteBuffer times = read(there, FRONT, (int) Math.max(0, there.status().size() - FRONT));
        other.file().write(times, FRONT);
        other.file().syncData();
    }

    /** As {@link LogFiles#keptFrom}. */
    long keptFrom(long floor, long end, boolean givesWay) {
        Keep keep = Keep.ALL; // as long as it cannot be read
        try {
            findAgain();
            Keep whole = whole();
            if (whole != null) keep = whole;
            if (wallMillis == 0) clockBegins(time(end / origin.segmentSize()));
            note(end / origin.segmentSize());
            if (whole == null) warn(directory.in(NAME) + " is torn: 'belfry keep' writes it again");
            else hasFailed = false;
        } catch (PosixException refused) {
            warn(refused.getMessage());
        }
        if (givesWay) return keep.isAll() ? 0 : Long.MAX_VALUE;
        if (keep.equals(Keep.NEEDED)) return Long.MAX_VALUE;
        long bySize = keep.bytes() == 0 ? 0 : Math.max(0, end - keep.bytes());
        long now = System.currentTimeMillis();
        boolean isTrusted = !jumps(now, System.nanoTime());
        long byAge = keep.millis() == 0 || !isTrusted ? 0 : notBefore(now - keep.millis(), floor, end);
        return Math.max(bySize, byAge);
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
        if (time(number) == 0) {
            makeIfMissing(Keep.NEEDED);
            long now = System.currentTimeMillis();
            write(number, entry().putLong(now).putLong(now ^ stamp(number)));
        }
        noted = number;
    }

    /** An opening has cut the log in the file before this one: these times are of a log that is not there any more. */
    void cutFrom(long number) {
        DiskFile there = file();
        if (there == null) return;
        long end = there.status().size();
        for (long n = number; FRONT + n * ENTRY < end; n++) if (time(n) != 0) write(n, entry().position(ENTRY));
    }

    private void write(long number, ByteBuffer entry) {
        file().write(entry.flip(), FRONT + number * ENTRY);
        file().syncData();
    }

    private static ByteBuffer entry() {
        return ByteBuffer.allocateDirect(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** When the log had come to this file, in milliseconds; 0: not known. */
    long time(long number) {
        DiskFile there = file();
        if (there == null) return 0;
        ByteBuffer entry = read(there, FRONT + number * ENTRY, ENTRY);
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

    /** {@code newest}: the log came to its last file then; 0: not known. */
    void clockBegins(long newest) {
        wallMillis = newest == 0 ? System.currentTimeMillis() : newest;
        steadyNanos = System.nanoTime();
    }

    /** A clock that was put forward makes all old at once: for an hour nothing goes by its age. */
    boolean jumps(long now, long steady) {
        long gained = now - wallMillis - TimeUnit.NANOSECONDS.toMillis(steady - steadyNanos);
        wallMillis = now;
        steadyNanos = steady;
        if (gained > JUMP_MILLIS) {
            LOG.warn(
                    "{}: the clock went forward by {} s: for an hour nothing is removed by its age",
                    directory.in(NAME),
                    gained / 1000);
            hasJumped = true;
            jumpedNanos = steady;
        }
        hasJumped &= TimeUnit.NANOSECONDS.toMillis(steady - jumpedNanos) < JUMP_MILLIS;
        return hasJumped;
    }

    @Override
    public synchronized void close() {
        if (file != null) file.close();
    }
}
