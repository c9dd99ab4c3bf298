package dev.belfry.shm.journal;

import dev.belfry.api.QueueFullException;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The files in which the log of one queue lies, as one handle has them open: what its live part
 * asks of its directory. Files lie on a fixed grid of log offsets, so file and place follow from
 * the offset. Any thread may call; several may have a {@link Span}, but only one of them syncs. A
 * refusal of the kernel is a {@link dev.belfry.shm.posix.PosixException}.
 */
public interface LogFiles {
    /** The most that a disk refuses as one, where a byte of it is bad. */
    int SECTOR = 4096;

    /** The files of one range of the log, open. */
    interface Span extends AutoCloseable {
        /**
         * Writes what remains in the buffer, whole, over as many files as it takes; the position does not matter
         * afterwards. Only inside the range, and perhaps several times at one place: always the same bytes.
         */
        void write(ByteBuffer sealed, long offset);

        /**
         * The greatest answer of {@link Opened} for one of these files. Before that offset the kernel may have told an
         * error to a process that is dead by now.
         */
        long hearsFrom();

        /** Fills the buffer, and leaves its position. */
        void read(ByteBuffer into, long offset);

        /**
         * When this returns, what was written through this span before is on the disk, and so is what any process has
         * written there from {@link #hearsFrom} on. One thread at a time.
         */
        void sync();

        /** Nothing of a span is used any more; files may stay open for the next one. */
        @Override
        void close();
    }

    /**
     * Opens all files of the range, before anything is copied: so one that comes late never opens a file of the next
     * life. Refused if a file is not there.
     */
    Span span(long from, long to, Opened opened);

    /** A file was opened just now. */
    interface Opened {
        /** It begins there. From which offset on will each error be told to this descriptor? */
        long hearsFrom(long begin);
    }

    /**
     * Makes files, with their names on the disk, until a record may end at this offset; under no lock. Returns the
     * offset up to which there are files by now.
     *
     * @throws QueueFullException if there is no room: it names the directory, bytes wanted and free
     */
    long makeReady(long upTo);

    /**
     * Does what waits for the disk. False: it has not ended in that time, as the disk hangs, and goes on when that
     * answers.
     */
    default boolean within(long nanos, Runnable step) {
        return FilesThread.within(nanos, step);
    }

    /** Begins what waits for the disk, in a thread of its own. */
    default void begin(Runnable step) {
        FilesThread.begin(step);
    }

    /** Reads as much of the log as the buffer takes, up to what cannot be read. */
    Read read(ByteBuffer into, long offset);

    /** Tells how a {@link #read} has ended: all is read; a file is missing, or was cut; the disk refuses a sector. */
    enum Read {
        WHOLE,
        MISSING,
        REFUSED
    }

    /**
     * Below this offset files go that no place needs: what their history is kept for is at or after it. {@code
     * givesWay}: the disk has its share, and what is kept for nobody goes first.
     */
    long keptFrom(long floor, long end, boolean givesWay);

    /** Does no file go, whatever is read? */
    boolean keepsAll();

    /**
     * Is the history kept for its age? It is found by its time, too, so each message has one. Asks no disk, as what
     * creates a publisher has no limit: false as long as no {@link #keptFrom} could read that.
     */
    boolean keepsByAge();

    /** An offset below which all was published before that time: {@code floor}, or where a file begins. */
    long notBefore(long millis, long floor, long end);

    /** Bytes of the log that one file has. */
    long fileSize();

    /**
     * Stores the places: written if they have changed, and synced if {@code now}; files that lie below {@link
     * Places#kept} go after that. Asks for the places only once no other process is doing the same, so that they never
     * go back; null: there are none yet. False: nothing was kept, because of that, or because another process is doing
     * it, or has kept places that it read after a later flush.
     */
    boolean storePlaces(Supplier<Places> places, boolean now);

    /**
     * Where publishers do not wait: the queue is being closed. If no other process has it open, all of its log lies
     * before {@code syncedUpTo}, and is on the disk; below 0: that is not so.
     */
    void closesCleanly(LongSupplier syncedUpTo);

    /** Says in the files for good, and on the disk, that each library must understand this feature. */
    void raise(long feature);

    /** The directory was removed: what is written from then on lies in files without names. */
    boolean isRemoved();

    /** The directory, for messages. */
    String directory();

    /** The file that has the log's byte of this offset, or would have it, for messages. */
    String path(long offset);

    /** The last call of a handle; no span is open. */
    void close();
}
